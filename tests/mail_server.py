"""A mail server on loopback that tests can direct: real SMTP, and every way to misbehave.

    with MailServer() as mails:
        mails.says(data="451 later")
        ...
        assert mails.got[-1]["Subject"] == "…"

`got` holds what was acknowledged, `seen` all that came in whole.
"""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import threading
import time
from email.message import EmailMessage
from types import TracebackType
from typing import Self


class MailServer:
    """Speaks just enough SMTP (RFC 5321), a thread for each connection."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, starttls: bool = False, auth: bool = False) -> None:
        self.got: list[EmailMessage] = []
        self.seen: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.commands: list[str] = []
        self.connections = 0
        self._tls, self._starttls, self._auth = tls, starttls, auth
        self._answers: dict[str, list[str]] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def says(self, **answers: str | list[str]) -> None:
        """Answer a command otherwise: for good, or once for each in a list.

        "drop" closes the connection in place of an answer, "hang" says nothing, "keep and drop" takes a mail and closes it without a word.
        """
        self._answers = {
            name: [answer] * 10_000 if isinstance(answer, str) else list(answer) for name, answer in answers.items()
        }

    def _serve(self) -> None:
        while self._open:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            _Conversation(self, connection).hold()
        except OSError:
            pass  # the other side hung up
        finally:
            connection.close()

    def _take(self, content: bytes, to: list[str]) -> None:
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.seen.append(mail)
        if (self._answers.get("data") or ["250 kept"])[0].startswith(("250", "keep")):
            self.got.append(mail)
            self.recipients.append(to)


class _Conversation:
    """One connection."""

    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self._file = connection.makefile("rwb")
        self._to: list[str] = []
        self._plain = server._starttls

    def hold(self) -> None:
        goes_on = self._answer("greeting", "220 mail.example.org ESMTP")
        while goes_on and (line := self._file.readline().decode("latin-1").strip()):
            self._server.commands.append(line)
            verb = line.partition(":")[0].split()[0].lower()
            goes_on = getattr(self, f"_{verb}", lambda _line, verb=verb: self._answer(verb))(line)

    def _ehlo(self, line: str) -> bool:
        extras = {"STARTTLS": self._plain, "AUTH PLAIN": self._server._auth, "8BITMIME": True}
        lines = ["mail.example.org", *(name for name, wanted in extras.items() if wanted)]
        return all(self._say(f"250{' ' if one == lines[-1] else '-'}{one}") for one in lines)

    def _starttls(self, line: str) -> bool:
        self._say("220 go on")
        assert self._server._tls
        self._connection = self._server._tls.wrap_socket(self._connection, server_side=True)
        self._file = self._connection.makefile("rwb")
        self._plain = False
        return True

    def _mail(self, line: str) -> bool:
        self._to = []
        return self._answer("mail")

    def _rcpt(self, line: str) -> bool:
        self._to.append(line.partition("<")[2].partition(">")[0])
        return self._answer("rcpt")

    def _data(self, line: str) -> bool:
        self._say("354 go on")
        content = b""
        while (part := self._file.readline()) != b".\r\n":
            if not part:
                return False
            content += part[1:] if part.startswith(b".") else part
        self._server._take(content, self._to)
        return self._answer("data", "250 kept")

    def _quit(self, line: str) -> bool:
        self._say("221 bye")
        return False

    def _answer(self, name: str, default: str = "250 ok") -> bool:
        """Say what is to be said; False: nothing more is said on this connection."""
        answers = self._server._answers.get(name)
        answer = answers.pop(0) if answers else default
        if answer == "hang":
            time.sleep(10)
        return answer not in ("hang", "drop", "keep and drop") and self._say(answer)

    def _say(self, text: str) -> bool:
        self._file.write(f"{text}\r\n".encode())
        self._file.flush()
        return True
