"""Every channel delivers a message whole, or says why it could not and whether to try again, without its secrets."""

from __future__ import annotations

import email
import email.policy
import hashlib
import hmac
import io
import json
import logging
import os
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import pytest
from aiosmtpd.controller import Controller
from alert_samples import DEATHS, LOCATION, change, moment
from servers import Site

from tracker.alert.channels import Channel, build_channel, build_channels, deliver
from tracker.alert.messages import compose_message
from tracker.config import ChannelSettings
from tracker.errors import AlertError, ConfigError
from tracker.models import Delivery, Message, Picture

MESSAGE = compose_message(change(LOCATION, DEATHS), "desk")
BODY = json.dumps(MESSAGE.payload, separators=(",", ":")).encode()
SECRET = "s3cret-90210"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def refused() -> str:
    """An address where nobody listens."""
    with Site() as gone:
        return gone.url(f"/hook/{SECRET}")


def channel(**settings: Any) -> Channel:
    return build_channel(ChannelSettings("desk", **settings))


def failure(of: Channel, message: Message = MESSAGE) -> AlertError:
    with pytest.raises(AlertError) as caught:
        of.send(message)
    assert caught.value.channel == "desk"
    assert 'channel "desk"' in str(caught.value)
    assert SECRET not in str(caught.value)
    return caught.value


# --- what every channel does ----------------------------------------------------------------------


def script(folder: Path, code: str) -> tuple[str, ...]:
    file = folder / "script.py"
    file.write_text(code)
    return (sys.executable, str(file))


def webhook_works(folder: Path, site: Site) -> Channel:
    return channel(webhook=site.publishes("/hook", "thanks"))


def apprise_works(folder: Path, site: Site) -> Channel:
    site.publishes("/hook", "thanks")
    return channel(apprise=f"json://127.0.0.1:{site.port}/hook")


def file_works(folder: Path, site: Site) -> Channel:
    return channel(file=folder / "alerts.jsonl")


def terminal_works(folder: Path, site: Site) -> Channel:
    return channel(file=Path("-"))


def command_works(folder: Path, site: Site) -> Channel:
    return channel(command=script(folder, "import sys; sys.stdin.read()"))


def webhook_fails(folder: Path, site: Site) -> Channel:
    return channel(webhook=site.removes("/hook", 500))


def apprise_fails(folder: Path, site: Site) -> Channel:
    site.removes("/hook", 500)
    return channel(apprise=f"json://127.0.0.1:{site.port}/hook")


def file_fails(folder: Path, site: Site) -> Channel:
    return channel(file=folder)


def command_fails(folder: Path, site: Site) -> Channel:
    return channel(command=script(folder, "raise SystemExit(3)"))


@pytest.mark.parametrize("when", [webhook_works, apprise_works, file_works, terminal_works, command_works])
def test_send_returns_once_the_message_is_delivered(when: Callable[..., Channel], tmp_path: Path, site: Site):
    when(tmp_path, site).send(MESSAGE)


@pytest.mark.parametrize("when", [webhook_fails, apprise_fails, file_fails, command_fails])
def test_passing_failure_is_to_be_tried_again(when: Callable[..., Channel], tmp_path: Path, site: Site):
    assert failure(when(tmp_path, site)).permanent is False


@pytest.mark.parametrize("when", [webhook_works, apprise_works, file_works, command_works])
def test_threads_may_send_at_the_same_time(when: Callable[..., Channel], tmp_path: Path, site: Site):
    one, failed = when(tmp_path, site), []

    def send() -> None:
        try:
            one.send(MESSAGE)
        except AlertError as error:
            failed.append(error)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []


# --- webhook --------------------------------------------------------------------------------------


def test_webhook_posts_the_json(site: Site):
    channel(webhook=site.publishes("/hook?to=desk", "")).send(MESSAGE)

    (request,) = site.requests
    assert (request.method, request.path) == ("POST", "/hook?to=desk")
    assert request.body == BODY
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == MESSAGE.key
    assert request.headers["user-agent"].startswith("tracker/")
    assert "x-tracker-signature" not in request.headers


def test_webhook_signature_is_the_hmac_of_the_body(site: Site):
    channel(webhook=site.publishes("/hook", ""), secret=SECRET).send(MESSAGE)

    (request,) = site.requests
    expected = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(request.headers["x-tracker-signature"], f"sha256={expected}")


ANSWERS = {
    "created": (201, None),
    "no content": (204, None),
    "bad request": (400, True),
    "forbidden": (403, True),
    "gone": (410, True),
    "request timeout": (408, False),
    "too early": (425, False),
    "too many requests": (429, False),
    "server error": (500, False),
    "unavailable": (503, False),
}


@pytest.mark.parametrize(("status", "permanent"), ANSWERS.values(), ids=ANSWERS.keys())
def test_webhook_takes_the_status_for_what_it_means(site: Site, status: int, permanent: bool | None):
    hook = channel(webhook=site.removes(f"/hook/{SECRET}", status))

    if permanent is None:
        hook.send(MESSAGE)
    else:
        error = failure(hook)
        assert error.permanent is permanent
        assert f"127.0.0.1 answered {status}" in str(error)


def test_webhook_does_not_follow_redirects(site: Site):
    site.publishes("/elsewhere", "")
    hook = channel(webhook=site.redirects("/hook", "/elsewhere", 307))

    assert failure(hook).permanent is False
    assert [request.path for request in site.requests] == ["/hook"]


def test_webhook_that_refuses_connections_is_tried_again(refused: str):
    error = failure(channel(webhook=refused))

    assert error.permanent is False
    assert "cannot be reached" in str(error)


def test_webhook_that_is_slow_is_given_up(site: Site):
    started = time.monotonic()
    error = failure(channel(webhook=site.hangs(f"/{SECRET}"), timeout_s=0.2))

    assert error.permanent is False
    assert "did not answer within 0.2 s" in str(error)
    assert time.monotonic() - started < 2


def test_webhook_that_speaks_no_http_is_tried_again(site: Site):
    error = failure(channel(webhook=site.answers_raw("/hook", [b"220 mail.example.org ESMTP\r\n"])))

    assert error.permanent is False


def test_webhook_without_tls_behind_https_is_tried_again(site: Site):
    error = failure(channel(webhook=f"https://127.0.0.1:{site.port}/hook", timeout_s=1))

    assert error.permanent is False


# --- apprise --------------------------------------------------------------------------------------


class Mailbox:
    """What a mail server has been given."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer = "250 kept"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=0)

    def greet() -> None:
        # Port 0 asks for a free one, but the controller's own self-test then connects to port 0.
        with socket.create_connection(controller.server.sockets[0].getsockname()) as connection:
            connection.recv(1024)

    controller._trigger_server = greet
    controller.start()
    box.port = controller.server.sockets[0].getsockname()[1]
    yield box
    controller.stop()


def mail_address(box: Mailbox) -> str:
    return f"mailto://127.0.0.1:{box.port}?from=tracker@example.org&to=desk@example.org"


def test_mail_has_the_title_the_text_and_html(mailbox: Mailbox):
    channel(apprise=mail_address(mailbox)).send(MESSAGE)

    (mail,) = mailbox.mails
    assert mail["Subject"] == MESSAGE.title
    assert "desk@example.org" in mail["To"]
    html = mail.get_body(("html",)).get_content()
    assert "<strong>Location: Darzab district → Bal Chiragh district, Faryab" in html
    assert "Location: Darzab district → Bal Chiragh district" in mail.get_body(("plain",)).get_content()


def test_mail_in_text_format_is_the_text(mailbox: Mailbox):
    channel(apprise=f"{mail_address(mailbox)}&format=text").send(MESSAGE)

    (mail,) = mailbox.mails
    assert mail.get_body(("plain",)).get_content().split() == MESSAGE.text.split()


def test_hostile_headline_adds_no_header_to_a_mail(mailbox: Mailbox):
    hostile = compose_message(change(DEATHS, headline="Strike\r\nBcc: all@example.org\r\n\r\nkills"), "desk")

    channel(apprise=mail_address(mailbox)).send(hostile)

    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Number changed: Strike Bcc: all@example.org kills"


def test_mail_that_the_server_refuses_is_tried_again(mailbox: Mailbox):
    mailbox.answer = "451 try again later"

    assert failure(channel(apprise=mail_address(mailbox))).permanent is False


def test_nothing_of_an_address_goes_to_the_log():
    """Apprise itself logs an address that it cannot read, in full."""
    log = logging.StreamHandler(written := io.StringIO())
    logging.getLogger().addHandler(log)
    try:
        with pytest.raises(ConfigError):
            channel(apprise=f"slack//{SECRET}")
    finally:
        logging.getLogger().removeHandler(log)

    assert SECRET not in written.getvalue()


@pytest.mark.parametrize("status", [401, 429, 500])
def test_apprise_failure_tells_what_the_service_answered(site: Site, status: int):
    site.removes(f"/{SECRET}", status)
    error = failure(channel(apprise=f"json://user:{SECRET}@127.0.0.1:{site.port}/{SECRET}"))

    assert error.permanent is False
    assert "(JSON): Failed to send JSON POST notification: " in str(error)
    assert f"error={status}" in str(error)


def test_apprise_service_that_is_slow_is_given_up(site: Site):
    site.hangs("/hook")
    started = time.monotonic()

    failure(channel(apprise=f"json://127.0.0.1:{site.port}/hook", timeout_s=0.2))

    assert time.monotonic() - started < 2


def test_timeout_in_an_apprise_address_is_kept(site: Site):
    site.hangs("/hook")
    started = time.monotonic()

    failure(channel(apprise=f"json://127.0.0.1:{site.port}/hook?rto=0.2&cto=0.2", timeout_s=20))

    assert time.monotonic() - started < 2


def test_host_that_is_itself_a_token_is_hidden(refused: str):
    """Of ntfy, Apprise tells the address in its own words; what it hides in the address is hidden there too."""
    host = refused.split("/")[2]
    error = failure(channel(apprise=f"ntfy://{SECRET}:{SECRET}@{host}/topic"))

    assert error.permanent is False


ODD_SECRETS = {
    "slashes in a password": "json://desk:{0}@127.0.0.1:{1}/hook",
    "a token as a path": "json://127.0.0.1:{1}/{0}/hook",
    "a token as an argument": "json://127.0.0.1:{1}/hook?+X-Token={0}",
    "a token in a form": "form://127.0.0.1:{1}/hook?-token={0}",
    "a user that is a token": "xml://{0}@127.0.0.1:{1}/hook",
}


@pytest.mark.parametrize("address", ODD_SECRETS.values(), ids=ODD_SECRETS.keys())
@pytest.mark.parametrize("secret", ["s3cret-90210", "a%2Fb%3Fc%40d9", "p%20w%2B9%251"])
def test_no_secret_of_an_apprise_address_is_told(site: Site, address: str, secret: str):
    """Whether the server repeats it in its answer, or Apprise in its words."""
    site.removes("/hook", 500)
    with pytest.raises(AlertError) as caught:
        channel(apprise=address.format(secret, site.port)).send(MESSAGE)

    for form in (secret, unquote(secret), quote(unquote(secret)), quote_plus(unquote(secret))):
        assert form not in str(caught.value)


def test_picture_is_attached_where_the_service_takes_one(site: Site):
    site.publishes("/hook", "thanks")
    pictured = replace(MESSAGE, picture=Picture(b"png", "what it shows"))

    channel(apprise=f"json://127.0.0.1:{site.port}/hook").send(pictured)
    channel(apprise=f"xml://127.0.0.1:{site.port}/hook").send(MESSAGE)

    (attached,) = json.loads(site.requests[0].body)["attachments"]
    assert (attached["filename"], attached["mimetype"]) == ("change.png", "image/png")


# --- file -----------------------------------------------------------------------------------------


def test_file_gets_one_line_a_message(tmp_path: Path):
    file = tmp_path / "alerts.jsonl"
    one = channel(file=file)

    one.send(MESSAGE)
    one.send(compose_message(change(DEATHS), "desk"))

    lines = file.read_bytes().splitlines()
    assert [len(json.loads(line)["change"]["facts"]) for line in lines] == [2, 1]
    assert lines[0] == BODY
    assert file.read_bytes().endswith(b"\n")


def test_line_that_a_crash_has_torn_is_ended_first(tmp_path: Path):
    file = tmp_path / "alerts.jsonl"
    file.write_bytes(b'{"schema":1,"ke')

    channel(file=file).send(MESSAGE)

    assert file.read_bytes() == b'{"schema":1,"ke\n' + BODY + b"\n"


def test_lines_of_several_writers_are_not_mixed(tmp_path: Path):
    file = tmp_path / "alerts.jsonl"
    threads = [threading.Thread(target=lambda: [channel(file=file).send(MESSAGE) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert file.read_bytes().splitlines() == [BODY] * 40


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_said_and_tried_again():
    error = failure(channel(file=Path("/dev/full")))

    assert "No space left on device" in str(error)
    assert error.permanent is False


def test_file_cut_off_by_its_size_limit_is_tried_again(tmp_path: Path):
    """What a full disk does to a long line: a part of it is written."""
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from tracker.alert.channels import build_channel; from tracker.config import ChannelSettings\n"
        "from tracker.errors import AlertError; from tracker.models import Message\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try: build_channel(ChannelSettings('desk', file=Path(sys.argv[1]))).send(Message('k', '', '', '', {'a': 'b' * 500}))\n"
        "except AlertError as error: sys.exit(0 if 'only a part' in str(error) and not error.permanent else 1)\n"
    )
    folder = Path(__file__).parent.parent

    code = os.spawnve(
        os.P_WAIT, sys.executable, [sys.executable, "-B", "-c", code, str(tmp_path / "a")], {"PYTHONPATH": str(folder)}
    )

    assert code == 0


def test_missing_folder_is_named(tmp_path: Path):
    error = failure(channel(file=tmp_path / "nowhere" / "alerts.jsonl"))

    assert "nowhere/alerts.jsonl cannot be written: No such file or directory" in str(error)


def test_terminal_gets_the_text(capsys: pytest.CaptureFixture[str]):
    channel(file=Path("-")).send(MESSAGE)

    assert capsys.readouterr().out == f"{MESSAGE.text}\n\n"


def test_terminal_that_knows_ascii_only_gets_question_marks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with (tmp_path / "terminal").open("w", encoding="ascii") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        channel(file=Path("-")).send(MESSAGE)

    assert "Darzab district ? Bal Chiragh" in (tmp_path / "terminal").read_text()


def test_terminal_that_is_closed_is_an_alert_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    terminal = (tmp_path / "terminal").open("w")
    terminal.close()
    monkeypatch.setattr(sys, "stdout", terminal)

    assert "cannot be written" in str(failure(channel(file=Path("-"))))


# --- command --------------------------------------------------------------------------------------


def test_command_gets_the_json_on_standard_input(tmp_path: Path):
    out = tmp_path / "out"
    command = script(tmp_path, "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())")

    channel(command=(*command, str(out))).send(MESSAGE)

    assert out.read_bytes() == BODY


def test_no_shell_reads_the_arguments(tmp_path: Path):
    out = tmp_path / "out"
    command = script(tmp_path, f"import sys; open({str(out)!r}, 'w').write(sys.argv[1])")

    channel(command=(*command, "$HOME; `id` *")).send(MESSAGE)

    assert out.read_text() == "$HOME; `id` *"


def test_command_that_does_not_read_is_fine(tmp_path: Path):
    long = Message("k", "", "", "", {"filler": "x" * 1_000_000})

    channel(command=script(tmp_path, "pass")).send(long)


COMPLAINTS = {
    "with a last line": ("import sys; print('one\\ntwo: not today\\n', file=sys.stderr); sys.exit(3)", "exit code 3: two: not today"),
    "without a word": ("raise SystemExit(4)", "ended with exit code 4"),
    "in terminal commands": ("import sys; print('\\x1b[2Jno', file=sys.stderr); sys.exit(1)", "exit code 1: [2Jno"),
    "at length": ("import sys; print('x' * 9999, file=sys.stderr); sys.exit(1)", f"exit code 1: {'x' * 199}…"),
    "by a signal": ("import os; os.kill(os.getpid(), 9)", "was stopped by signal 9"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "said"), COMPLAINTS.values(), ids=COMPLAINTS.keys())
def test_command_that_fails_says_why(tmp_path: Path, code: str, said: str):
    error = failure(channel(command=script(tmp_path, code)))

    assert str(error).endswith(said)
    assert error.permanent is False


def test_command_that_takes_too_long_is_stopped_with_all_it_started(tmp_path: Path):
    pid = tmp_path / "pid"
    command = script(
        tmp_path,
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)\n",
    )
    started = time.monotonic()

    error = failure(channel(command=command, timeout_s=1.5))

    assert "did not end within 1.5 s and was stopped" in str(error)
    assert time.monotonic() - started < 5
    assert is_gone(int(pid.read_text()))


def is_gone(pid: int) -> bool:
    """Wait until a process has ended; one that nobody has asked after stays as a zombie."""
    for _ in range(100):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_command_whose_child_lives_on_does_not_keep_us(tmp_path: Path):
    command = script(
        tmp_path,
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3)'], stderr=sys.stderr)\n",
    )
    started = time.monotonic()

    channel(command=command).send(MESSAGE)

    assert time.monotonic() - started < 2


def test_program_that_is_not_there_is_named():
    error = failure(channel(command=("/no/such/program",)))

    assert "/no/such/program could not be started: No such file or directory" in str(error)


def test_program_that_may_not_be_run_is_named(tmp_path: Path):
    file = tmp_path / "notes.txt"
    file.write_text("")
    file.chmod(stat.S_IRUSR)

    assert "could not be started: Permission denied" in str(failure(channel(command=(str(file),))))


def test_argument_that_no_program_can_take_is_an_alert_error():
    assert "could not be started" in str(failure(channel(command=("echo", "a\0b"))))


# --- building and delivering ----------------------------------------------------------------------

UNREADABLE = {
    "no Apprise service": ({"apprise": f"nonsense://user:{SECRET}@host"}, "(it begins with nonsense://)"),
    "no scheme": ({"apprise": SECRET}, '(it has no "://")'),
    "an Apprise address that lacks a part": ({"apprise": "slack://"}, "(it begins with slack://)"),
    "a webhook without scheme": ({"webhook": f"example.org/{SECRET}"}, 'expected "https://host/path"'),
    "a webhook by another way": ({"webhook": f"ftp://example.org/{SECRET}"}, "webhook is not a web address"),
    "a webhook without host": ({"webhook": f"https:///{SECRET}"}, "webhook is not a web address"),
    "a webhook with half an address": ({"webhook": f"http://[::1/{SECRET}"}, "webhook is not a web address"),
    "a webhook on port 99999": ({"webhook": f"http://example.org:99999/{SECRET}"}, "webhook is not a web address"),
    "nothing": ({}, "has no address; expected one of apprise, smtp, webhook, file, atom, command"),
}


@pytest.mark.parametrize(("settings", "said"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_address_that_does_not_parse_is_refused_without_telling_it(settings: dict[str, Any], said: str):
    with pytest.raises(ConfigError) as caught:
        channel(**settings)

    assert str(caught.value).startswith("[channels.desk] ")
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


def delivery(to: str) -> Delivery:
    return Delivery(1, MESSAGE.key, to, 7, MESSAGE, "waiting", moment("11:00"))


def test_delivery_goes_to_the_channel_that_it_names(tmp_path: Path):
    channels = build_channels(ChannelSettings(name, file=tmp_path / name) for name in ("desk", "phone"))

    deliver(channels, delivery("phone"))

    assert [file.name for file in tmp_path.iterdir()] == ["phone"]


def test_delivery_to_a_channel_that_was_taken_out_is_parked():
    with pytest.raises(AlertError, match='there is no channel "desk" in the configuration any more') as caught:
        deliver({}, delivery("desk"))

    assert caught.value.permanent is True
