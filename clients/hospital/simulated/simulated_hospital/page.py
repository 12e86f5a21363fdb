"""The status page: what the hospital offers, what it was told, what it answered. Chinese or English, no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulated_hospital.store import Store

REFRESH_SECONDS = 5
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
_STYLE = """
:root{--ink:#14322f;--soft:#49635f;--line:#d5e3e0;--ground:#f4f9f8;--card:#fff;--accent:#0a6d64}
@media (prefers-color-scheme:dark){:root{--ink:#e3efed;--soft:#a9c1bd;--line:#2a403d;--ground:#0e1a18;--card:#152522;
--accent:#4fc3b3}}
*{box-sizing:border-box}
body{margin:0;padding:1.5rem 1rem;background:var(--ground);color:var(--ink);
font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:60rem;margin:0 auto}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{color:var(--soft);margin:.25rem 0}a{color:var(--accent)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.25rem 0 0}
dl div{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.75rem 1rem}
dt{color:var(--soft);font-size:.9rem}dd{margin:0;font-size:1.5rem;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
table{border-collapse:collapse;width:100%;font-size:.95rem}
th,td{text-align:left;padding:.45rem .9rem;border-bottom:1px solid var(--line);white-space:nowrap}
tr:last-child td{border-bottom:0}th{color:var(--soft);font-weight:600}
"""
_WORDS = {
    "title": ("模拟医院", "Simulated hospital"),
    "about": (
        "由程序扮演的医院系统，只通过 SDK 与平台往来。",
        "A hospital's own system, played by a program; it speaks to the platform by the SDK alone.",
    ),
    "sessions": ("号源", "Sessions"),
    "withdrawn": ("已停诊", "Withdrawn"),
    "visits": ("预约", "Orders"),
    "due": ("待回复", "To answer"),
    "sequence": ("最近事件", "Latest event"),
    "states": ("预约状态", "Orders by state"),
    "events": ("最近 20 个事件", "The latest 20 events"),
    "pushes": ("最近的推送", "The latest pushes"),
    "none": ("还没有。", "None yet."),
    "state": ("状态", "State"),
    "number": ("序号", "No."),
    "kind": ("事件", "Event"),
    "order": ("预约号", "Order"),
    "at": ("时间", "Time"),
    "what": ("内容", "What"),
    "items": ("条数", "Items"),
    "refused": ("被拒", "Refused"),
    "said": ("说明", "Note"),
    "other": ("English", "中文"),
}
_CHINESE, _ENGLISH = 0, 1


def page(figures: dict[str, Any], name: str, language: int) -> str:
    """The whole page."""

    def say(key: str) -> str:
        return _WORDS[key][language]

    shown = [(say(key), figures[key]) for key in ("sessions", "withdrawn", "visits", "due", "sequence")]
    facts = "".join(f"<div><dt>{label}</dt><dd>{'–' if value is None else value}</dd></div>" for label, value in shown)
    states = [(each["state"], each["visits"]) for each in figures["states"]]
    events = [
        (each["sequence"], each["kind"], each["order_number"], each["state"], each["at"][:19].replace("T", " "))
        for each in figures["events"]
    ]
    pushes = [(each["at"], each["what"], each["items"], each["refused"], each["said"]) for each in figures["pushes"]]
    other = "en" if language == _CHINESE else "zh"
    parts = (
        (say("states"), ("state", "visits"), states),
        (say("events"), ("number", "kind", "order", "state", "at"), events),
        (say("pushes"), ("at", "what", "items", "refused", "said"), pushes),
    )
    nothing = f"<p>{say('none')}</p>"
    tables = "".join(
        f"<h2>{heading}</h2>{_table([say(each) for each in columns], rows, heading) or nothing}"
        for heading, columns, rows in parts
    )
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == _CHINESE else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{say('title')} · {escape(name)}</title><style>{_STYLE}</style></head><body><main>"
        f'<h1>{say("title")} · {escape(name)}</h1><p>{say("about")} <a href="?lang={other}">{say("other")}</a></p>'
        f"<dl>{facts}</dl>{tables}</main></body></html>"
    )


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]], name: str) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{each}</th>' for each in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    # What can be scrolled must be reachable by the keyboard.
    return (
        f'<div class="wide" role="region" aria-label="{name}" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def language_of(query: str, accept_language: str) -> int:
    """What was chosen, else what the browser prefers, else Chinese."""
    chosen = parse_qs(query).get("lang", [accept_language])[0].strip().lower()
    return _ENGLISH if chosen.startswith("en") else _CHINESE


class StatusPage:
    """The page on a port of this machine, served beside the work."""

    def __init__(self, file: Path, name: str, port: int, host: str = "127.0.0.1") -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path != "/":
                    self.send_error(404)
                    return
                store = Store(file)
                try:
                    figures = store.figures()
                finally:
                    store.close()
                language = language_of(url.query, self.headers.get("Accept-Language", ""))
                body = page(figures, name, language).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header(
                    "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
                )
                self.send_header("X-Content-Type-Options", "nosniff")
                self.send_header("Cache-Control", "no-store")
                self.send_header("Refresh", str(REFRESH_SECONDS))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Requests aren't logged: browsers ask every few seconds."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._thread = Thread(target=self._server.serve_forever, name="status page", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it is."""
        host, port = self._server.server_address[:2]
        return f"http://{host if isinstance(host, str) else host.decode()}:{port}/"

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
