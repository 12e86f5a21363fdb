"""How the sandbox's pages look: one band that says what they are, one language at a time, no files, no scripts."""

from html import escape

from starlette.requests import Request
from starlette.responses import Response

from datasources.payments.channel import Provider
from datasources.payments.yuan import yuan_of
from domain.language import Language, Words, language_of
from server.pages import html

PROVIDERS = {
    Provider.WECHAT_PAY: Words("微信支付", "WeChat Pay"),
    Provider.ALIPAY: Words("支付宝", "Alipay"),
}
_BAND = Words(
    "沙箱：这里没有真的钱，也没有真的{wechat}和{alipay}",
    "Sandbox: no real money, no real {wechat} or {alipay}",
)
_OTHER = {Language.CHINESE: (Language.ENGLISH, "English"), Language.ENGLISH: (Language.CHINESE, "中文")}
_STYLE = """
:root{--ink:#16211f;--soft:#50615e;--line:#d3dfdc;--ground:#f3f6f5;--card:#fff;--wechat:#06763d;--alipay:#0958d9;
--accent:#0b6e64;--good:#0a6b3d;--bad:#a8201a;--band:#a8201a;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e6efed;--soft:#a3b7b3;--line:#31423f;--ground:#0d1514;--card:#16211f;
--wechat:#4cc38a;--alipay:#7db3ff;--accent:#5fd0c0;--good:#5fd39b;--bad:#ff9c94;--band:#7d1a15;--on:#0d1514}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.band{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;padding:.55rem 1rem;
background:var(--band);color:#fff;font-size:.9rem}
.band p{margin:0}
.band a{color:#fff}
main{max-width:34rem;margin:0 auto;padding:1.25rem 1rem 3rem}
main.wide{max-width:76rem}
h1{margin:.25rem 0;font-size:1.35rem;line-height:1.3}
h2{margin:2rem 0 .5rem;font-size:1.1rem}
a{color:var(--accent)}
.card{margin-top:1rem;padding:1.25rem;border:1px solid var(--line);border-radius:.9rem;background:var(--card)}
.brand{margin:0;font-weight:700}
.WECHAT_PAY{color:var(--wechat)}
.ALIPAY{color:var(--alipay)}
.amount{margin:.25rem 0;font-size:2.6rem;font-weight:700;line-height:1.2;letter-spacing:-.02em;
font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1rem 0 0;font-size:.95rem}
dt{color:var(--soft)}
dd{margin:0;text-align:right;overflow-wrap:anywhere}
.state{margin:1rem 0 0;padding:.7rem 1rem;border-left:.3rem solid var(--soft);border-radius:.4rem;
background:var(--ground)}
.state.good{border-color:var(--good)}
.state.bad{border-color:var(--bad)}
.state p{margin:0}
form.buttons{display:grid;gap:.6rem;margin-top:1.25rem}
button,select,input{font:inherit;color:inherit}
button{padding:.65rem 1rem;border:1px solid var(--line);border-radius:.7rem;background:var(--card);text-align:left;
cursor:pointer}
button b{display:block}
button span{display:block;color:var(--soft);font-size:.88rem}
button.main{border-color:var(--accent);background:var(--accent);color:var(--on);text-align:center;font-size:1.1rem}
button:hover,button:focus-visible,select:focus-visible,input:focus-visible,a:focus-visible,.scroll:focus-visible{
outline:2px solid var(--accent);outline-offset:2px}
.soft{color:var(--soft)}
.good{color:var(--good)}
.bad{color:var(--bad)}
.state.good,.state.bad{color:inherit}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.7rem;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.45rem .75rem;text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
tr:last-child td{border-bottom:0}
td form{margin:0}
td button{padding:.2rem .6rem}
.switches{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr))}
.switches .card{margin:0}
.switches form{display:grid;grid-template-columns:1fr 5rem auto;gap:.35rem .5rem;align-items:end;margin-top:.75rem}
.switches label{display:grid;gap:.15rem;font-size:.85rem;color:var(--soft)}
select,input{width:100%;min-height:2.5rem;padding:.3rem .5rem;border:1px solid var(--soft);border-radius:.5rem;
background:var(--card);color:var(--ink)}
"""


def language_for(request: Request) -> Language:
    """As the address says, else as the browser wants."""
    wanted = request.query_params.get("lang")
    return Language(wanted) if wanted in set(Language) else language_of(request.headers.get("accept-language", ""))


def shown(title: str, content: str, language: Language, *, wide: bool = False, status: int = 200) -> Response:
    """A whole page."""
    names = {
        "wechat": PROVIDERS[Provider.WECHAT_PAY].say(language),
        "alipay": PROVIDERS[Provider.ALIPAY].say(language),
    }
    other, name = _OTHER[language]
    response = html(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{escape(title)} · HTBooking</title><style>{_STYLE}</style></head>"
        f'<body><header class="band"><p>{escape(_BAND.say(language, **names))}</p>'
        f'<a href="?lang={other}" lang="{other}" hreflang="{other}">{name}</a></header>'
        f"<main{' class=wide' if wide else ''}>{content}</main></body></html>",
        status,
    )
    policy = response.headers["content-security-policy"]
    response.headers["content-security-policy"] = policy.replace("form-action 'none'", "form-action 'self'")
    response.headers["cache-control"] = "no-store"
    response.headers["vary"] = "accept-language"
    return response


def money(fen: int) -> str:
    """`¥9.67`."""
    return f"¥{yuan_of(fen)}"
