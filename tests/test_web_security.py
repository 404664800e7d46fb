"""Who may come in, by which name, and what a browser may do with what it gets."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlsplit

import pytest
import requests
from desk import Desk
from servers import Site
from web_desk import TOKEN, serving, with_fire

from tracker.config import WebSettings
from tracker.errors import ConfigError
from tracker.web.security import PAGE_POLICY, Guard, Keys, check_settings, cookie, is_loopback


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Served to this machine, without a token."""
    with Site() as site, serving(with_fire(tmp_path_factory.mktemp("open"), site)) as web:
        yield web


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """Served as if to everybody, with a token."""
    settings = WebSettings(host="0.0.0.0", token=TOKEN, allow_hosts=("tracker.example.org",))
    with Site() as site, serving(with_fire(tmp_path_factory.mktemp("guarded"), site), settings) as web:
        yield web


def raw(web, method, path, headers=None, body=None):
    """Ask without a client's tidying of the path."""
    connection = http.client.HTTPConnection(urlsplit(web.address).netloc, timeout=10)
    connection.putrequest(method, path, skip_host="Host" in (headers or {}))
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    return answer.status, answer.read().decode("utf-8", "replace")


# --- names ----------------------------------------------------------------------------------------

NAMES = {
    "this machine": ("localhost", True),
    "this machine, with a port": ("localhost:8374", True),
    "an address": ("127.0.0.1:1", True),
    "an address of six": ("[::1]:8374", True),
    "another address of ours": ("192.168.1.7", True),
    "a name that leads here": ("evil.example", False),
    "a name that begins like ours": ("localhost.evil.example", False),
    "a name with an address in it": ("127.0.0.1.evil.example", False),
    "nothing": ("", False),
    "user and name": ("localhost@evil.example", False),
}


@pytest.mark.parametrize(("host", "expected"), NAMES.values(), ids=NAMES)
def test_only_our_own_names_are_answered(opened, host, expected):
    status, text = raw(opened, "GET", "/", {"Host": host})

    assert status == (200 if expected else 400)
    assert expected or "this name is not ours" in text


def test_names_of_the_configuration_are_ours(guarded):
    assert raw(guarded, "GET", "/login", {"Host": "tracker.example.org"})[0] == 200
    assert raw(guarded, "GET", "/login", {"Host": "other.example.org"})[0] == 400


def test_head_is_answered_as_get_is_without_a_body(opened, guarded):
    whole, head = opened.get("/feeds/changes.atom"), requests.head(f"{opened.address}/feeds/changes.atom", timeout=5)

    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", whole.headers["etag"])
    assert requests.head(f"{guarded.address}/changes/1", timeout=5).status_code == 401


# --- paths ----------------------------------------------------------------------------------------

TRICKS = [
    "/static/../security.py", "/static/..%2fsecurity.py", "/static/%2e%2e/security.py", "/static/..\\security.py", "//evil.example/",
    "/static/%2e%2e%2f%2e%2e%2fetc/passwd", "/articles/1/captures/../../..", "/static/.%2e/app.py", "/%00", "/static/%5c..%5capp.py",
]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
def test_paths_that_leave_their_folder_are_refused(opened, path):
    status, text = raw(opened, "GET", path)

    assert status in (400, 404)
    assert "import" not in text


# --- what a browser may do ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/changes/1",
        "/articles/1",
        "/nothing",
        "/?kind=none",
        "/static/keys.js",
        "/api/v1/changes",
        "/feeds/changes.atom",
    ],
)
def test_every_answer_carries_the_policy(opened, path):
    headers = opened.get(path).headers

    assert headers["content-security-policy"] == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/", "/changes/1", "/changes/1?view=inline", "/articles/1", "/follow", "/statistics"])
def test_pages_hold_no_script_style_or_handler_of_their_own(opened, path):
    text = opened.get(path).text

    assert text.count("<script") == 1
    assert '<script src="/static/keys.js' in text
    assert "<style" not in text
    assert " style=" not in text
    assert not re.search(r"<[^>]* on[a-z]+=", text)


# --- forms ----------------------------------------------------------------------------------------

FORMS = [
    "/changes/1/opinion",
    "/filters",
    "/articles/1/tags",
    "/articles/1/followed",
    "/follow",
    "/follow/preview",
    "/login",
    "/logout",
]


@pytest.mark.parametrize("path", FORMS)
def test_form_without_our_token_is_refused(opened, path):
    opened.form_token()

    assert opened.post(path, {"verdict": "agree", "note": "x"}, token="").status_code == 403
    assert opened.post(path, {"verdict": "agree", "note": "x"}, token="0" * 64).status_code == 403
    assert "You have said nothing yet" in opened.get("/opinions").text


def test_token_of_another_browser_is_refused(opened):
    theirs = opened.form_token()

    answer = requests.post(
        f"{opened.address}/changes/1/opinion", data={"form_token": theirs, "verdict": "agree"}, timeout=5
    )

    assert answer.status_code == 403
    assert "out of date" in answer.text


ORIGINS = {
    "ours": ({"Origin": "SELF"}, 303),
    "none": ({}, 303),
    "another site": ({"Origin": "https://evil.example"}, 403),
    "another port": ({"Origin": "http://127.0.0.1:1"}, 403),
    "hidden": ({"Origin": "null"}, 403),
    "said by the browser": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "a page beside ours": ({"Sec-Fetch-Site": "same-site"}, 403),
}


@pytest.mark.parametrize(("headers", "expected"), ORIGINS.values(), ids=ORIGINS)
def test_form_from_elsewhere_is_refused_even_with_the_token(opened, headers, expected):
    headers = {key: opened.address if value == "SELF" else value for key, value in headers.items()}

    assert opened.post("/articles/1/tags", {"tags": "x"}, headers=headers).status_code == expected


def test_form_that_a_proxy_passes_on_is_ours(tmp_path):
    settings = WebSettings(address="http://tracker.example.org")
    with serving(Desk(tmp_path), settings) as web:
        fields = {"name": "silent", "query": "disclosure=undisclosed"}
        passed = web.post("/filters", fields, headers={"Origin": "http://tracker.example.org"})
        other = web.post("/filters", fields, headers={"Origin": "http://other.example.org"})

    assert (passed.status_code, other.status_code) == (303, 403)


def test_body_that_is_too_large_is_refused(opened):
    token = opened.form_token()

    assert opened.post("/changes/1/opinion", {"note": "x" * 1_100_000}, token=token).status_code == 413
    endless = (b"x" * 65_536 for _ in range(40))
    answer = opened.session.post(
        f"{opened.address}/changes/1/opinion",
        data=endless,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
    )
    assert answer.status_code == 413


def test_what_is_no_form_is_refused(opened):
    answer = opened.session.post(f"{opened.address}/changes/1/opinion", json={"verdict": "agree"}, timeout=5)

    assert answer.status_code == 400


# --- the token ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/changes/1",
        "/feeds/changes.atom",
        "/api/v1/changes",
        "/api/v1/openapi.json",
        "/changes/1/evidence.zip",
        "/articles/1/captures/20180101000000/page",
    ],
)
def test_beyond_this_machine_nothing_is_shown_without_the_token(guarded, path):
    answer = requests.get(f"{guarded.address}{path}", timeout=5)

    assert answer.status_code == 401
    assert "fire" not in answer.text
    assert "Bearer" in answer.headers["www-authenticate"]


def test_browser_is_asked_to_sign_in_and_comes_back_to_where_it_was(guarded):
    page = requests.get(f"{guarded.address}/changes/1?view=inline", headers={"Accept": "text/html"}, timeout=5)
    assert page.url.endswith("/login?next=/changes/1%3Fview%3Dinline")
    token = guarded.form_token("/login")

    wrong = guarded.post("/login", {"token": "guessed", "next": "/changes/1"}, token=token)
    right = guarded.post("/login", {"token": TOKEN, "next": "/changes/1"}, token=token)

    assert wrong.status_code == 403
    assert "not the token" in wrong.text
    assert right.headers["location"] == "/changes/1"
    cookie = right.headers["set-cookie"]
    assert TOKEN not in cookie
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict"))
    name, _, value = cookie.partition(";")[0].partition("=")
    assert requests.get(f"{guarded.address}/changes/1", cookies={name: value}, timeout=5).status_code == 200
    forged = value[:-1] + ("0" if value[-1] != "0" else "1")
    assert requests.get(f"{guarded.address}/changes/1", cookies={name: forged}, timeout=5).status_code == 401
    assert requests.get(f"{guarded.address}/changes/1", cookies={name: "9" * 12 + ".00"}, timeout=5).status_code == 401


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", ""],
)
def test_sign_in_never_leads_elsewhere(guarded, target):
    token = guarded.form_token("/login")

    assert guarded.post("/login", {"token": TOKEN, "next": target}, token=token).headers["location"] == "/"


def test_programs_and_feed_readers_bring_the_token(guarded):
    def ask(**more):
        return requests.get(f"{guarded.address}/feeds/changes.atom", timeout=5, **more).status_code

    assert ask(headers={"Authorization": f"Bearer {TOKEN}"}) == 200
    assert ask(auth=("anybody", TOKEN)) == 200
    assert ask(auth=("anybody", "guessed")) == 401
    assert ask(headers={"Authorization": "Basic !!!"}) == 401
    assert ask(headers={"Authorization": f"Digest {TOKEN}"}) == 401


def test_session_cookie_alone_does_not_let_a_program_write(guarded):
    """What a browser sends by itself must not write through the API."""
    session = guarded.workspace.keys.new_session(2_000_000_000)

    answer = requests.delete(
        f"{guarded.address}/api/v1/changes/1/opinion", cookies={"tracker_session": session}, timeout=5
    )

    assert answer.status_code == 401


def test_api_writes_on_this_machine_need_a_configured_token(opened):
    answer = opened.send("PUT", "/changes/1/opinion", {"verdict": "agree"})

    assert answer.status_code == 403
    assert "none is configured" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.2", False),
        ("desk.example", False),
    ],
)
def test_loopback_is_known(host, expected):
    assert is_loopback(host) == expected


def test_listening_beyond_loopback_without_a_token_is_refused():
    with pytest.raises(ConfigError, match=r"needs a token.*\[web\] token"):
        check_settings(WebSettings(host="0.0.0.0"))
    check_settings(WebSettings(host="0.0.0.0", token=TOKEN))


def test_cookie_goes_over_https_only_where_that_is_how_we_are_reached():
    behind_tls = WebSettings(token=TOKEN, address="https://tracker.example.org")

    assert cookie(behind_tls, "a", "b", 60).endswith("; HttpOnly; SameSite=Strict; Max-Age=60; Secure")
    assert "Secure" not in cookie(WebSettings(token=TOKEN), "a", "b")


def test_session_ends():
    keys = Keys.new(WebSettings(token=TOKEN))
    session = keys.new_session(1000.0)

    assert keys.is_session(session, 1001.0)
    assert not keys.is_session(session, 1000.0 + 31 * 86400)
    assert not Keys.new(WebSettings(token=TOKEN + "!")).is_session(session, 1001.0)
    assert Keys.new(WebSettings(token=TOKEN)).is_session(session, 1001.0), "it outlasts a restart"
    assert not keys.is_session("", 0)


def test_other_kinds_of_traffic_pass():
    import asyncio

    seen = []

    async def inner(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(Guard(inner, Keys.new(WebSettings()))({"type": "lifespan"}, None, None))  # type: ignore[arg-type]

    assert seen == ["lifespan"]
