"""Who may look, and what a page may do: token, session, host, CSRF, security headers.

One ASGI layer around everything, so that no page can forget it.
"""

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lymer.errors import UsageError

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Of every page: nothing inline, no eval, nothing from elsewhere."""

MAIL_POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
"""Of the frame that shows a mail: no script, no form, no request but for our own style sheet."""

_HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
# A note of an analyst or a query; nothing else is ever sent here.
_BODY_BYTES = 1 << 20
# Nothing of a case: style, and what is needed to come in.
_OPEN = ("/static/", "/enter", "/favicon.ico")


@dataclass
class Access:
    """Who may look: whoever has the token, or the password where one is set."""

    host: str = "127.0.0.1"
    port: int = 8025
    password: str | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def __post_init__(self) -> None:
        if not self.is_loopback and not self.password:
            raise UsageError(
                f"{self.host} can be reached from elsewhere. Set a password in the environment "
                "variable LYMER_PASSWORD, or stay with 127.0.0.1."
            )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; cookies do not know ports by themselves."""
        return f"lymer-{self.port}"

    @property
    def csrf(self) -> str:
        """What a form must carry to change something."""
        return hmac.new(self.session.encode(), b"csrf", hashlib.sha256).hexdigest()

    def opens(self, given: str) -> bool:
        """Is `given` the token, or the password?"""
        secret = given.encode("utf-8", "replace")
        is_token = hmac.compare_digest(secret, self.token.encode())
        is_password = self.password is not None and hmac.compare_digest(
            secret, self.password.encode()
        )
        return is_token or is_password

    def is_bearer(self, headers: Headers) -> bool:
        """Does a program show the token? No browser does so by itself."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and self.opens(given.strip())

    def is_known(self, headers: Headers) -> bool:
        """May the sender of a request with these headers see the case?"""
        if self.is_bearer(headers):
            return True
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(
            found.value.encode("utf-8", "replace"), self.session.encode()
        )

    def is_own(self, headers: Headers, csrf: str) -> bool:
        """Does a change come from one of our own pages, or from a program with the token?"""
        return self.is_bearer(headers) or hmac.compare_digest(
            csrf.encode("utf-8", "replace"), self.csrf.encode()
        )


class Guard:
    """Stands before the whole application."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refuse(scope, headers)
        answer = self._app if refusal is None else refusal
        await answer(scope, _Bounded(receive), _secured(send, scope["path"]))

    def _refuse(self, scope: Scope, headers: Headers) -> Response | None:
        if not self._is_our_name(headers.get("host", "")):
            return Response("This is not the address of the console.", 421)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not _is_from_us(headers):
            return Response("A change must come from a page of the console.", 403)
        if scope["path"].startswith(_OPEN) or self._access.is_known(headers):
            return None
        if scope["path"].endswith(".json") or scope["method"] != "GET":
            return Response('{"detail":"the token is missing"}', 401, media_type="application/json")
        return RedirectResponse("/enter", 303)

    def _is_our_name(self, host: str) -> bool:
        """Against names of others that lead here (DNS rebinding)."""
        if not self._access.is_loopback:
            return True
        name = urlsplit(f"//{host}").hostname if "@" not in host else None
        return name in ("localhost", "127.0.0.1", "::1", self._access.host)


def _is_from_us(headers: Headers) -> bool:
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site")
    # Our own forms have the origin "null", since our pages tell nobody where they are.
    if origin == "null":
        return site == "same-origin"
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return False
    return site in (None, "same-origin", "none")


class _Bounded:
    """A request's body, up to a limit."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = _BODY_BYTES

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                # The rest is not read: the request ends as one that was broken off.
                return {"type": "http.disconnect"}
        return message


def _secured(send: Send, path: str) -> Send:
    # A sandboxed frame has no origin; its style sheet is of another one to the browser.
    is_for_frame = path == "/static/mail.css"

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if is_for_frame:
                headers["cross-origin-resource-policy"] = "cross-origin"
        await send(message)

    return sending
