"""What a resolver may know and say of the HTTP exchange it is part of: where from, which cookies in and out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie


@dataclass(slots=True)
class Exchange:
    """One request and the cookies its answer will set. Empty for operations that do not come over HTTP."""

    address: str = ""
    """The client's IP address, empty when it is unknown."""
    user_agent: str = ""
    cookie_header: str = ""
    secure: bool = False
    """Whether cookies may only travel over HTTPS: true in production."""
    outgoing: list[str] = field(default_factory=list)
    """Set-Cookie values."""

    @property
    def cookies(self) -> Mapping[str, str]:
        """The request's cookies by name; none when the header is malformed."""
        try:
            return {name: morsel.value for name, morsel in SimpleCookie(self.cookie_header).items()}
        except CookieError:
            return {}

    def set_cookie(self, name: str, value: str, *, seconds: int, path: str) -> None:
        """Let the answer set a cookie that scripts cannot read and other sites cannot send. 0 seconds removes it."""
        secure = "; Secure" if self.secure else ""
        self.outgoing.append(f"{name}={value}; Max-Age={seconds}; Path={path}; HttpOnly; SameSite=Strict{secure}")
