"""The few pages that the API itself shows: one look, no files, no scripts."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

_STYLE = """
:root{--ink:#14322f;--soft:#55706d;--line:#d5e3e0;--ground:#f4f9f8;--card:#fff;--accent:#0b7a6f}
@media (prefers-color-scheme:dark){:root{--ink:#e3efed;--soft:#9bb5b1;--line:#2a403d;--ground:#0e1a18;--card:#152522;
--accent:#4fc3b3}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:2rem 1rem;background:var(--ground);
color:var(--ink);font:16px/1.65 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{width:100%;max-width:44rem}
h1{margin:0 0 .25rem;font-size:clamp(1.5rem,6.4vw,2rem);line-height:1.3;letter-spacing:-.02em}
h1::before{content:"";display:inline-block;width:.8em;height:.8em;margin:0 .4em -.06em 0;border-radius:.22em;
background:linear-gradient(var(--card),var(--card)) center/.46em .14em no-repeat,
linear-gradient(var(--card),var(--card)) center/.14em .46em no-repeat,var(--accent)}
p{margin:.35rem 0;color:var(--soft)}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,monospace;color:var(--ink);overflow-wrap:anywhere}
ul{list-style:none;margin:1.75rem 0 0;padding:0;display:grid;gap:.75rem;
grid-template-columns:repeat(auto-fit,minmax(19rem,1fr))}
a{display:block;height:100%;padding:1rem 1.15rem;border:1px solid var(--line);border-radius:.75rem;
background:var(--card);color:inherit;text-decoration:none}
a:hover,a:focus-visible{border-color:var(--accent);outline:none}
a b{display:block;color:var(--accent)}
a span{display:block;color:var(--soft);font-size:.9rem}
form p{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
button{flex:1 1 10rem;min-height:3rem;padding:.6rem 1.15rem;border:1px solid var(--accent);border-radius:.75rem;
background:var(--accent);color:var(--card);font:inherit;font-weight:600;cursor:pointer}
button+button{background:var(--card);color:var(--accent)}
button:hover,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
"""
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='9' fill='%230b7a6f'/%3E"
    "%3Cpath d='M13 7h6v6h6v6h-6v6h-6v-6H7v-6h6z' fill='%23fff'/%3E%3C/svg%3E"
)
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_NAME = "HTBooking"
_LINKS = (
    ("/graphiql", "GraphiQL", "浏览、试用整张图", "Browse and try the graph"),
    ("/graphql?query=%7B__typename%7D", "/graphql", "GraphQL 接口：POST 或 GET", "The GraphQL endpoint: POST or GET"),
    ("/sdk", "Python SDK", "医院系统接入包", "For hospitals' own systems"),
    ("/readyz", "/readyz", "各存储是否就绪", "Whether each store is ready"),
    ("/metrics", "/metrics", "Prometheus 指标", "Figures for Prometheus"),
)


def page(title: str, content: str) -> str:
    """A whole HTML page with this title; `content` is HTML."""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<link rel="icon" href="{_ICON}">'
        f"<title>{escape(_tab(title))}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )


def _tab(title: str) -> str:
    return title if title == _NAME else f"{title} · {_NAME}"


def landing_page(*, graphiql: bool) -> str:
    """The page at `/`: what this is and where to go."""
    items = "".join(
        f'<li><a href="{href}"><b>{name}</b><span lang="zh">{chinese}</span><span lang="en">{english}</span></a></li>'
        for href, name, chinese, english in _LINKS
        if graphiql or href != "/graphiql"
    )
    return page(
        _NAME,
        '<p lang="zh">医院预约挂号平台：医院、科室、医生、可预约日期，都在一张 GraphQL 图里。</p>'
        '<p lang="en">Hospital appointments: hospitals, departments, doctors and bookable days, one GraphQL graph.</p>'
        f"<ul>{items}</ul>",
    )


def html(content: str, status: int = 200, *, policy: str = _POLICY) -> HTMLResponse:
    """The page as an answer that, unless another policy is given, runs no script and loads nothing."""
    return HTMLResponse(
        content,
        status,
        headers={
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "no-cache",
        },
    )


async def not_found(request: Request, _error: Exception) -> HTMLResponse:
    """An address that is nothing here."""
    return html(
        page(
            "404",
            f'<p lang="zh">这里没有 <code>{escape(request.url.path[:200])}</code>。</p>'
            '<p lang="en">There is nothing at this address.</p>'
            '<ul><li><a href="/"><b>HTBooking</b><span lang="zh">回到首页</span>'
            '<span lang="en">Back to the start</span></a></li></ul>',
        ),
        404,
    )
