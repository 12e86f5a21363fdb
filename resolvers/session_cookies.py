"""The cookie that keeps a browser signed in: one per kind of account, so a user and a staff member can share one."""

from domain.identity.accounts import AccountKind
from domain.identity.sessions import Tokens
from resolvers.context import RequestContext

PATH = "/graphql"


def cookie_name(kind: AccountKind) -> str:
    """Under which name the refresh token of this kind of account is kept."""
    return f"htb_{kind.value}"


def refresh_cookie(context: RequestContext, kind: AccountKind) -> str | None:
    """The refresh token that the request brought."""
    return context.exchange.cookies.get(cookie_name(kind)) or None


def give_refresh_cookie(context: RequestContext, tokens: Tokens) -> None:
    """Let the browser keep the refresh token until it expires."""
    seconds = max(0, int((tokens.refresh_expires_at - context.clock()).total_seconds()))
    context.exchange.set_cookie(
        cookie_name(tokens.account.kind), tokens.refresh_token.get_secret_value(), seconds=seconds, path=PATH
    )


def drop_refresh_cookie(context: RequestContext, kind: AccountKind) -> None:
    """Let the browser forget the refresh token."""
    context.exchange.set_cookie(cookie_name(kind), "", seconds=0, path=PATH)
