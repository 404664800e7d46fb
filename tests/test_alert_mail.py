"""A mail is whole, cannot be turned against its readers, and arrives once where the server says that it has it."""

from __future__ import annotations

import io
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from alert_samples import DEATHS, LOCATION, change
from mail_server import MailServer
from PIL import Image
from report_samples import ATTACKS, april_9

from tracker.alert.channels import Channel, build_channel
from tracker.alert.messages import compose_message
from tracker.config import ChannelSettings
from tracker.errors import AlertError, ConfigError
from tracker.models import Message, Picture
from tracker.report.card import alt_text, card

MESSAGE = compose_message(change(LOCATION, DEATHS), "desk")
PICTURED = replace(
    compose_message(april_9(), "desk"), picture=Picture(card(april_9()), alt_text(april_9())), follows="f" * 64
)
SECRET = "s3cret/90210"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def channel(address: str, **settings: Any) -> Channel:
    values = {
        "sender": "Tracker <tracker@example.org>",
        "to": ("desk@example.org", "Chef vom Dienst <cvd@example.org>"),
    }
    return build_channel(ChannelSettings("desk", smtp=address, **{**values, "timeout_s": 2.0, **settings}))


def at(server: MailServer, user: str = "") -> str:
    return f"smtp://{user}127.0.0.1:{server.port}"


def failure(of: Channel, message: Message = MESSAGE) -> AlertError:
    with pytest.raises(AlertError) as caught:
        of.send(message)
    assert str(caught.value).startswith('channel "desk": ')
    return caught.value


# --- what is sent ---------------------------------------------------------------------------------


def test_mail_has_text_and_html_and_the_picture_within_it(server: MailServer):
    channel(at(server)).send(PICTURED)

    (mail,) = server.got
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text.get_content().startswith("Attribution: Afghan aircraft → a U.S. airstrike (conflicts;")
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert f'src="cid:{picture["Content-ID"][1:-1]}"' in html.get_content()
    assert 'alt="A change in “Air raid kills head of Islamic State' in html.get_content()
    assert Image.open(io.BytesIO(picture.get_content())).size == (1200, 675)
    assert picture.get_content_disposition() == "inline"
    assert mail.get_content_type() == "multipart/alternative", "the picture belongs to the HTML"
    assert server.recipients == [["desk@example.org", "cvd@example.org"]]


def test_headers_say_what_it_is_and_which_it_follows(server: MailServer):
    channel(at(server)).send(PICTURED)

    (mail,) = server.got
    assert mail["Subject"] == PICTURED.title
    assert mail["From"] == "Tracker <tracker@example.org>"
    assert mail["To"] == "desk@example.org, Chef vom Dienst <cvd@example.org>"
    assert mail["Message-ID"] == f"<{PICTURED.key}@example.org>"
    assert mail["In-Reply-To"] == mail["References"] == f"<{'f' * 64}@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]


@pytest.mark.parametrize("text", [*ATTACKS, "Strike\r\nBcc: all@example.org\r\n\r\nkills", "Łódź — ночь 東京 " * 30])
def test_hostile_words_add_no_header_and_stay_in_their_place(server: MailServer, text: str):
    hostile = replace(
        compose_message(change(replace(DEATHS, new=text), headline=text), "desk"), picture=Picture(b"png", text)
    )

    channel(at(server)).send(hostile)

    (mail,) = server.got
    assert mail["Bcc"] is None
    assert len(mail.keys()) == len(set(mail.keys())) == 11
    html = mail.get_body(("html",)).get_content()
    assert "<script" not in html
    assert html.count("<img") == 1
    assert "onerror" not in html or "&lt;img" in html
    assert mail.get_body(("plain",)).get_content().startswith("Number: 12 → ")


def test_lines_that_begin_with_a_stop_arrive_whole(server: MailServer):
    channel(at(server)).send(replace(MESSAGE, text=".\n..\n.hidden\nend"))

    assert server.got[0].get_body(("plain",)).get_content().splitlines() == [".", "..", ".hidden", "end"]


def test_another_implementation_takes_it_too():
    got = []

    class Box:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            got.append(envelope)
            return "250 kept"

    controller = Controller(Box(), hostname="127.0.0.1", port=0)

    def greet() -> None:
        with socket.create_connection(controller.server.sockets[0].getsockname()) as connection:
            connection.recv(1024)

    controller._trigger_server = greet
    controller.start()
    try:
        channel(f"smtp://127.0.0.1:{controller.server.sockets[0].getsockname()[1]}").send(PICTURED)
    finally:
        controller.stop()

    assert got[0].rcpt_tos == ["desk@example.org", "cvd@example.org"]


# --- failures in the middle -----------------------------------------------------------------------

FAILURES = {
    "no answer to the connection": ({"greeting": "drop"}, "broke the connection off"),
    "not now": ({"greeting": "421 too many connections"}, "answered 421 too many connections"),
    "a greeting that refuses": ({"greeting": "554 no service"}, "answered 554"),
    "a sender that is refused": ({"mail": "530 log in first"}, "answered 530 log in first"),
    "a recipient to come later": ({"rcpt": ["250 ok", "450 greylisted"]}, "answered 450 greylisted"),
    "a mail to come later": ({"data": "451 disk full"}, "answered 451 disk full"),
    "dropped before it is said": ({"data": "drop"}, "broke the connection off"),
    "nothing said": ({"data": "hang"}, "did not answer within 0.3 s"),
    "slow from the start": ({"greeting": "hang"}, "did not answer within 0.3 s"),
    "no SMTP": ({"greeting": "HTTP/1.1 400 Bad Request"}, ""),
}


@pytest.mark.parametrize(("answers", "said"), FAILURES.values(), ids=FAILURES.keys())
def test_passing_failure_is_told_and_tried_again(server: MailServer, answers: Any, said: str):
    server.says(**answers)
    started = time.monotonic()

    error = failure(channel(at(server), timeout_s=0.3))

    assert error.permanent is False
    assert said in str(error)
    assert server.got == []
    assert time.monotonic() - started < 2


def test_mail_that_is_refused_for_good_is_parked(server: MailServer):
    server.says(data="554 this is spam")

    error = failure(channel(at(server)))

    assert error.permanent is True
    assert "answered 554 this is spam" in str(error)


def test_refused_recipient_keeps_no_other_from_the_mail(server: MailServer):
    server.says(rcpt=["550 no such user", "250 ok"])

    error = failure(channel(at(server)))

    assert error.permanent is True
    assert str(error).endswith("refused desk@example.org: the server answered 550 no such user (the others have it)")
    assert len(server.got) == 1


def test_nobody_gets_a_mail_twice_because_another_is_to_come_later(server: MailServer):
    server.says(rcpt=["250 ok", "450 later", "250 ok", "250 ok"])
    mails = channel(at(server))

    failure(mails)
    mails.send(MESSAGE)

    assert len(server.got) == 1


def test_second_mail_after_a_lost_answer_has_the_same_identifier(server: MailServer):
    server.says(data=["keep and drop", "250 kept"])
    mails = channel(at(server))

    assert failure(mails).permanent is False
    mails.send(MESSAGE)

    assert [mail["Message-ID"] for mail in server.got] == [f"<{MESSAGE.key}@example.org>"] * 2


def test_server_that_is_not_there_is_tried_again():
    with MailServer() as gone:
        pass

    error = failure(channel(at(gone)))

    assert error.permanent is False
    assert "127.0.0.1 cannot be reached: Connection refused" in str(error)


# --- encryption and secrets -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder: Path = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_connection_is_encrypted_where_the_server_can(tls: ssl.SSLContext):
    with MailServer(tls=tls, starttls=True, auth=True) as server:
        server.says(auth="235 welcome")
        channel(at(server, "desk:s3cret%2F90210@")).send(MESSAGE)

        assert len(server.got) == 1
        assert server.commands[1] == "STARTTLS"
        assert any(command.startswith("AUTH PLAIN") for command in server.commands[2:])


def test_wrong_password_is_told_without_it_and_may_be_mended(server: MailServer):
    with MailServer(auth=True) as asking:
        asking.says(auth=f"535 {SECRET} is wrong for s3cret%2F90210")
        error = failure(channel(at(asking, "desk:s3cret%2F90210@")))

    assert error.permanent is False
    assert str(error) == 'channel "desk": the server answered 535 *** is wrong for ***'


def test_password_is_not_sent_without_encryption():
    error = failure(channel("smtp://desk:s3cret@localhost.localdomain.invalid:2525", timeout_s=0.5))

    assert error.permanent is False
    assert "s3cret" not in str(error)


ODD = {
    "another scheme": ("http://desk:s3cret@mail.example.org", "not the address of a mail server"),
    "no host": ("smtps://", "not the address of a mail server"),
    "a port that is none": ("smtp://desk:s3cret@mail.example.org:mail", "is not an address"),
    "a password that ends the host": ("smtp://desk:s3cret/90210@mail.example.org", "is not an address"),
    "a question": ("smtps://desk:s3cret@mail.example.org?to=a@b", "has more in it than a server"),
    "a line break": ("smtp://mail.example.org\r\nRCPT", "not the address of a mail server"),
}


@pytest.mark.parametrize(("address", "said"), ODD.values(), ids=ODD.keys())
def test_address_of_a_server_that_is_none_is_refused_without_telling_it(address: str, said: str):
    with pytest.raises(ConfigError) as caught:
        channel(address)

    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("key", ["sender", "to"])
@pytest.mark.parametrize(
    "mailbox", ["desk", "desk@", "@example.org", "a@example.org\nBcc: b@example.org", "dësk@example.org", ""]
)
def test_mailbox_that_is_none_is_refused(key: str, mailbox: str):
    with pytest.raises(ConfigError, match="is not a mail address"):
        channel("smtp://127.0.0.1", **{key: mailbox if key == "sender" else (mailbox,)})


def test_server_without_encryption_behind_smtps_is_told(server: MailServer):
    error = failure(channel(f"smtps://desk:s3cret@127.0.0.1:{server.port}", timeout_s=1))

    assert error.permanent is False
    assert "no encrypted connection to 127.0.0.1" in str(error)
    assert "s3cret" not in str(error)
