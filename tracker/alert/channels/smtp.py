"""Mail, straight to a mail server: text, HTML, and the change as a picture within it.

A mail says that a program wrote it (RFC 3834), so that no machine answers; one that follows another is an answer to it, so that mail programs show the two together.
Its Message-ID is made of the alert's key: where a connection breaks before the server could say that it has the mail, the second one has the same, and mail systems that look drop it.

Touches the network.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from tracker import __version__
from tracker.alert.channels.interface import hide, one_line
from tracker.config import ChannelSettings
from tracker.errors import AlertError, ConfigError
from tracker.models import Message

PORTS: Final = {"smtps": 465, "smtp": 587}
RELAY: Final = 25  # of a server that asks for no user
POLICY: Final = SMTP.clone(max_line_length=78)
OK, FORWARDED, FOR_GOOD = 250, 251, 500  # RFC 5321, section 4.2: below the last a refusal is passing


class MailChannel:
    """One mail server, one sender, some recipients."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._name = settings.name
        self._server = _read_address(settings.smtp or "", settings.name)
        self._sender = _read_mailbox(settings.sender or "", settings.name, "from")
        self._to = tuple(_read_mailbox(one, settings.name, "to") for one in settings.to)
        self._timeout_s = settings.timeout_s
        secrets = (self._server.password, settings.smtp)
        self._secrets = [form for secret in secrets if secret for form in (secret, unquote(secret))]

    def send(self, message: Message) -> None:
        """Hand a mail to the server, which answers for it from then on.

        Where the server says of a recipient to come again later, nobody gets the mail yet, so that nobody gets it twice.
        One whom it refuses for good keeps no other from it, and is told.
        """
        mail = self._write(message)
        try:
            with self._connected() as server:
                refused = self._hand_over(server, mail)
        except smtplib.SMTPResponseException as error:
            # Only of the mail itself a refusal is final: a wrong password or sender is mended in the configuration, and then all can be sent.
            final = error.smtp_code >= FOR_GOOD and isinstance(error, smtplib.SMTPDataError)
            raise self._error(_answer(error.smtp_code, error.smtp_error), permanent=final) from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # Not chained: the words of the cause may contain what the address keeps secret.
            raise self._error(self._explain(error)) from None
        if refused:
            who = "; ".join(f"{address}: {answer}" for address, answer in refused.items())
            others = "the others have it" if len(refused) < len(self._to) else "nobody has it"
            raise self._error(f"refused {who} ({others})", permanent=True)

    # --- the conversation ---

    @contextlib.contextmanager
    def _connected(self) -> Any:
        host, port = self._server.hostname or "", self._server.port
        user, password = self._server.username, self._server.password
        if self._server.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or PORTS["smtps"], timeout=self._timeout_s, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port or (PORTS["smtp"] if user else RELAY), timeout=self._timeout_s)
        try:
            server.ehlo_or_helo_if_needed()
            if self._server.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=_tls_for(host))
                server.ehlo()
            elif self._server.scheme == "smtp" and user and not _is_loopback(host):
                raise self._error(f"{host} offers no encryption, and the password is not sent without", permanent=False)
            if user:
                server.login(unquote(user), unquote(password or ""))
            yield server
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _hand_over(self, server: smtplib.SMTP, mail: EmailMessage) -> dict[str, str]:
        """Send a mail; gives the recipients who were refused for good, with the answer."""
        code, answer = server.mail(self._sender.addr_spec)
        if code != OK:
            raise smtplib.SMTPResponseException(code, answer)
        refused = {}
        for recipient in self._to:
            code, answer = server.rcpt(recipient.addr_spec)
            if code < FOR_GOOD and code not in (OK, FORWARDED):
                server.rset()
                raise smtplib.SMTPResponseException(code, answer)
            if code >= FOR_GOOD:
                refused[recipient.addr_spec] = _answer(code, answer)
        if len(refused) < len(self._to):
            code, answer = server.data(mail.as_bytes())
            if code != OK:
                raise smtplib.SMTPDataError(code, answer)
        return refused

    # --- the mail ---

    def _write(self, message: Message) -> EmailMessage:
        mail = EmailMessage(POLICY)
        mail["Subject"] = one_line(message.title)
        mail["From"] = self._sender
        mail["To"] = self._to
        mail["Date"] = formatdate()
        mail["Message-ID"] = self._id(message.key)
        if message.follows:
            mail["In-Reply-To"] = mail["References"] = self._id(message.follows)
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"  # the same, for Exchange
        mail["X-Mailer"] = f"tracker/{__version__}"
        mail["Idempotency-Key"] = message.key
        mail.set_content(_sendable(message.text) + "\n")
        picture = message.picture
        cid = f"{message.key}.picture@{self._domain}"
        shown = (
            f'\n<p><img src="cid:{cid}" alt="{_attribute(picture.alt)}" width="600" style="max-width:100%;height:auto"></p>'
            if picture
            else ""
        )
        mail.add_alternative(f"{_sendable(message.html)}{shown}\n", subtype="html")
        if picture:
            html: Any = mail.get_payload()[1]  # type: ignore[index]  # text and HTML
            html.add_related(picture.png, "image", "png", cid=f"<{cid}>", filename="change.png", disposition="inline")
        return mail

    def _id(self, key: str) -> str:
        return f"<{key}@{self._domain}>"

    @property
    def _domain(self) -> str:
        return self._sender.domain.encode("idna").decode("ascii")

    # --- errors ---

    def _explain(self, error: Exception) -> str:
        host = self._server.hostname
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            return f"{host} did not answer within {self._timeout_s:g} s"
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return f"{host} broke the connection off"
        if isinstance(error, ssl.SSLError):
            return f"no encrypted connection to {host}: {one_line(error.reason or str(error))}"
        return one_line(f"{host} cannot be reached: {getattr(error, 'strerror', None) or error}")

    def _error(self, what: str, *, permanent: bool = False) -> AlertError:
        said = hide(what, self._secrets)
        return AlertError(f'channel "{self._name}": {said}', channel=self._name, permanent=permanent)


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(f"the server answered {code} {text}")


def _tls_for(host: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if _is_loopback(host):  # a relay on the same machine has a certificate of its own making, and nobody in between
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sendable(text: str) -> str:
    """Replace half surrogate pairs, which no charset can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _attribute(text: str) -> str:
    for mark, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}.items():
        text = text.replace(mark, entity)
    return _sendable(text)


# --- addresses ------------------------------------------------------------------------------------


def _read_address(address: str, channel: str) -> SplitResult:
    expected = 'expected an address such as "smtps://user:password@mail.example.org" or "smtp://localhost:25"'
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where it is none
    except ValueError:
        raise ConfigError(f"[channels.{channel}] smtp is not an address; {expected}") from None
    if parts.scheme not in PORTS or not parts.hostname or any(not one.isprintable() for one in address):
        raise ConfigError(f"[channels.{channel}] smtp is not the address of a mail server; {expected}")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ConfigError(
            f"[channels.{channel}] smtp has more in it than a server; a password with / ? # or @ in it is written %2F %3F %23 %40"
        )
    return parts


def _read_mailbox(text: str, channel: str, key: str) -> Address:
    name, mailbox = parseaddr(text)
    try:
        if "\n" in text or "\r" in text or not mailbox.isascii():
            raise ValueError
        found = Address(display_name=name, addr_spec=mailbox)
        if not (found.username and found.domain):
            raise ValueError
    except Exception as error:  # what the parser raises is not only ValueError
        raise ConfigError(
            f'[channels.{channel}] {key} "{one_line(text)}" is not a mail address; expected one such as "Desk <desk@example.org>"'
        ) from error
    return found
