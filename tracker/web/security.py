"""Who may come in, by which name, and what a browser may do with what it gets.

Every request passes here before anything else looks at it:

    by which name    a Host that is none of ours is refused, or a page of a stranger's could name us and read us (DNS rebinding)
    which path       one that tries to leave its folder is refused
    from where       what writes must come from our own pages (Origin, Sec-Fetch-Site), and carry the token that they hold
    who              with a token configured, what writes needs it; beyond loopback everything does
    how much         a body is small

Programs send the token as `Authorization: Bearer`; feed readers as the password of `Basic`; browsers exchange it for a cookie that names no secret.
All comparisons of secrets take the same time whatever is compared.

Touches the network.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import re
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.config import WebSettings
from tracker.errors import ConfigError
from tracker.web.errors import RefusedError, problem

SESSION_COOKIE: Final = "tracker_session"
FORM_COOKIE: Final = "tracker_form"
SESSION_S: Final = 30 * 86400
MOST_BYTES: Final = 1_000_000  # of a body; the longest note is a hundredth of that
READS: Final = ("GET", "OPTIONS")
OPEN_PATHS: Final = ("/login", "/static/", "/favicon.ico")
API: Final = "/api/v1/"

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; frame-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
CAPTURE_POLICY: Final = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
"""Of a captured page: without an origin, a script, or a way to load anything, whether it stands in a frame or is opened by itself."""

HEADERS: Final = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with less, a browser does not say either that our own forms come from us
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "private, no-cache",
}
TRICK: Final = re.compile(rb"(?i)\\|%5c|%2f|%00|(?:^|/)(?:\.|%2e){1,2}(?:/|$|;)|//")


def is_loopback(host: str) -> bool:
    """Does an address to listen on reach from this machine only?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_settings(settings: WebSettings) -> None:
    """Refuse to be seen from elsewhere without a token.

    Raises:
        ConfigError: Nobody would be asked who they are.
    """
    if not settings.token and not is_loopback(settings.host):
        raise ConfigError(
            f"tracker serve on {settings.host} could be reached from other machines, which needs a token: "
            'set [web] token = "${TRACKER_TOKEN}" in config.toml, and the variable to a long random text'
        )


@dataclass(frozen=True, slots=True)
class Keys:
    """What the secrets of one run are made from."""

    settings: WebSettings
    run: bytes  # random, of this run

    @classmethod
    def new(cls, settings: WebSettings) -> Keys:
        """Draw the secret of a run."""
        return cls(settings, secrets.token_bytes(32))

    def is_token(self, given: str) -> bool:
        """Is it the token?"""
        wanted = self.settings.token
        return wanted is not None and hmac.compare_digest(_digest(given.encode()), _digest(wanted.encode()))

    def new_session(self, now_s: float) -> str:
        """Write the cookie of someone who knows the token."""
        until = str(int(now_s) + SESSION_S)
        return f"{until}.{self._session(until)}"

    def is_session(self, cookie: str, now_s: float) -> bool:
        """Was the cookie given by us, and not long ago?"""
        until, _, given = cookie.partition(".")
        fresh = until.isdecimal() and len(until) < 20 and int(until) > now_s
        return hmac.compare_digest(given.encode(), self._session(until).encode()) and fresh

    def form_token(self, cookie: str) -> str:
        """Write what a form of ours carries, for a browser with this cookie."""
        return hmac.new(self.run, cookie.encode(), sha256).hexdigest()

    def _session(self, until: str) -> str:
        key = _digest(b"tracker session\0" + (self.settings.token or "").encode())
        return hmac.new(key, until.encode(), sha256).hexdigest()


def _digest(value: bytes) -> bytes:
    return sha256(value).digest()


class Guard:
    """Stands before the application."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys
        self._open = is_loopback(keys.settings.host)
        address = urlsplit(keys.settings.address or "")
        names = ("localhost", keys.settings.host, address.hostname or "", *keys.settings.allow_hosts)
        self._address = address.netloc.lower()  # a proxy may ask us by another name than the one that it is known by
        self._names = frozenset(name.lower() for name in names if name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # answered as GET is; the server leaves the body out
            scope = {**scope, "method": "GET"}
        headers = Headers(scope=scope)
        cookies = _cookies(headers)
        form_cookie = cookies.get(FORM_COOKIE, "")
        new_cookie = "" if re.fullmatch(r"[0-9a-f]{64}", form_cookie) else secrets.token_hex(32)
        scope.setdefault("state", {})["form_token"] = self._keys.form_token(new_cookie or form_cookie)
        answer = self._dressed(send, new_cookie)
        try:
            self._check(scope, headers)
            refusal = self._ask(scope, headers, cookies)
        except RefusedError as error:
            refusal = refused(scope, error)
        if refusal:
            await refusal(scope, receive, answer)
            return
        try:
            await self._app(scope, _limited(receive), answer)
        except RefusedError as error:
            await refused(scope, error)(scope, receive, answer)

    # --- the request ---

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            raise RefusedError(
                400,
                "this name is not ours; use http://127.0.0.1 or name it in config.toml: [web] allow_hosts",
            )
        if TRICK.search(scope.get("raw_path") or scope["path"].encode()):
            raise RefusedError(400, "this address has a part that no page of ours has, such as .. or //")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            raise RefusedError(413, f"a request may have {MOST_BYTES:,} bytes at most")
        if scope["method"] not in READS:
            origin = headers.get("origin")
            sender = urlsplit(origin).netloc.lower() if origin is not None else host.lower()
            if not sender or sender not in (host.lower(), self._address):  # "null" is the origin of a captured page
                raise RefusedError(403, "this was sent by a page that is not ours, and nothing was done")
            if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                raise RefusedError(403, "this was sent by a page that is not ours, and nothing was done")

    def _is_ours(self, host: str) -> bool:
        name = host.rpartition(":")[0] if re.search(r":\d*$", host) and not host.endswith("]") else host
        name = name.strip("[]").lower().rstrip(".")
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True  # no name, so no name service can have lied about it

    def _ask(self, scope: Scope, headers: Headers, cookies: dict[str, str]) -> Response | None:
        """Ask for the token where it is needed; None: come in."""
        path, reads = scope["path"], scope["method"] in READS
        scope["state"]["signed_in"] = known = self._knows(headers, cookies)
        if path.startswith(OPEN_PATHS):
            return None
        if path.startswith(API) and not reads:
            if self._keys.settings.token is None:
                raise RefusedError(
                    403, "programs may write only with a token, and none is configured: [web] token in config.toml"
                )
            if not self._bears(headers):
                raise RefusedError(401, "send the token: Authorization: Bearer TOKEN")
            return None
        if self._keys.settings.token is None or known or (self._open and reads):
            return None
        if reads and "text/html" in headers.get("accept", ""):
            target = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            return RedirectResponse(f"/login?next={quote(target, safe='/')}", 303)
        raise RefusedError(401, "the token is needed: sign in at /login, or send it as Authorization: Bearer TOKEN")

    def _knows(self, headers: Headers, cookies: dict[str, str]) -> bool:
        if self._keys.settings.token is None:
            return False
        return self._bears(headers) or self._keys.is_session(cookies.get(SESSION_COOKIE, ""), time.time())

    def _bears(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(given, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return False
        return scheme.lower() in ("bearer", "basic") and self._keys.is_token(given.strip())

    # --- the answer ---

    def _dressed(self, send: Send, new_cookie: str) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if new_cookie and headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", cookie(self._keys.settings, FORM_COOKIE, new_cookie))
            await send(message)

        return dressed


def cookie(settings: WebSettings, name: str, value: str, seconds: int | None = None) -> str:
    """Write a cookie that no script reads and no other site sends."""
    more = "" if seconds is None else f"; Max-Age={seconds}"
    secure = "; Secure" if (settings.address or "").startswith("https:") else ""
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{more}{secure}"


def refused(scope: Scope, error: RefusedError) -> Response:
    """Answer with a refusal, as JSON for programs and as a few words otherwise."""
    more = {"www-authenticate": 'Bearer realm="tracker", Basic realm="tracker"'} if error.status == 401 else None
    if scope["path"].startswith("/api/"):
        return JSONResponse(problem(error.status, str(error)), error.status, more, "application/problem+json")
    return Response(f"tracker: {error}\n", error.status, more, "text/plain")


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {key: morsel.value for key, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _limited(receive: Receive) -> Receive:
    """Stop a body that says nothing of its length and does not end."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            raise RefusedError(413, f"a request may have {MOST_BYTES:,} bytes at most")
        return message

    return limited
