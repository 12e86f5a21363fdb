"""`/join`: the page that an invitation's link opens. The token stands behind `#`, so it never comes here by itself."""

import base64
import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from resolvers.staff_invitations import PATH
from server.pages import html, page

_SCRIPT = (Path(__file__).parent / "join_page.js").read_text()
_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; script-src 'sha256-{_HASH}'; style-src 'unsafe-inline'; img-src data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STYLE = """<style>
form{display:grid;gap:1rem;margin-top:1.5rem}
form[hidden]{display:none}
label{display:grid;gap:.3rem;color:var(--soft);font-size:.95rem}
input{width:100%;min-height:3rem;padding:.6rem .9rem;border:1px solid var(--line);border-radius:.75rem;
background:var(--card);color:var(--ink);font:inherit}
input:focus-visible{border-color:var(--accent);outline:2px solid var(--accent);outline-offset:1px}
#problem:empty{display:none}
#problem{color:#b3261e}
@media (prefers-color-scheme:dark){#problem{color:#ff8a80}}
#result{display:grid;gap:.75rem;margin-top:1rem}
#result:empty{display:none}
#result code{user-select:all;overflow-wrap:anywhere}
</style>"""
_FORM = (
    '<p id="note" role="status"></p><form id="join" hidden>'
    '<label data-text="signInName"><span></span>'
    '<input name="signInName" required maxlength="64" autocomplete="username" autocapitalize="none"></label>'
    '<label data-text="name"><span></span><input name="name" required maxlength="50" autocomplete="name"></label>'
    '<label data-text="password"><span></span>'
    '<input name="password" type="password" required maxlength="128" autocomplete="new-password"></label>'
    '<label data-text="again"><span></span>'
    '<input name="again" type="password" required maxlength="128" autocomplete="new-password"></label>'
    '<p id="problem" role="alert"></p><button></button></form><div id="result" role="status"></div>'
    "<noscript><p>请开启 JavaScript。 · Please turn JavaScript on.</p></noscript>"
)
_PAGE = page("加入医院工作人员", f"{_STYLE}{_FORM}<script>{_SCRIPT}</script>")


def join_routes() -> list[BaseRoute]:
    """For the application."""
    return [Route(PATH, _join, methods=["GET"])]


async def _join(_request: Request) -> HTMLResponse:
    return html(_PAGE, policy=_POLICY)
