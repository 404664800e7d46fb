"""What went wrong on the network, in one sentence that names the address.

Computes only.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator, Sequence
from typing import Final

import requests
import urllib3

from tracker.errors import FetchError


def explain(error: BaseException, name: str, url: str) -> FetchError:
    """Turn an exception of requests, urllib3 or the system into ours.

    Args:
        error: What was raised while connecting, sending or reading.
        name: The address as it is to be named in the sentence.
        url: The address that was asked for.
    """
    for cause in _causes(error):
        for kinds, sentence in SENTENCES:
            if isinstance(cause, kinds):
                return FetchError(f"{name}: {sentence.format(_detail(cause))}", url=url)
    return FetchError(f"{name} could not be fetched ({_detail(error)})", url=url)


def is_timeout(error: BaseException) -> bool:
    """Say whether an exception goes back to a wait that was too long."""
    return any(
        isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError | requests.Timeout) for cause in _causes(error)
    )


def went_stale(error: BaseException) -> bool:
    """Say whether the server had closed a kept connection just when it was used again."""
    lost = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
    return any(isinstance(cause, lost) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """List an exception and those that it wraps, innermost first: requests wraps urllib3's, which wrap the system's."""
    seen: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.append(one)
            inner = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
            waiting += [cause for cause in inner if isinstance(cause, BaseException)]
    return reversed(seen)


def _detail(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_message:
        return error.verify_message.rstrip(".")
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    line = (str(error).splitlines() or [""])[0][:200]
    return "".join(letter for letter in line if letter.isprintable()) or type(error).__name__


BREAKS_OFF: Final = "the answer breaks off before its end"
SENTENCES: Final[Sequence[tuple[type[BaseException], str]]] = (  # the more particular first
    (ssl.SSLCertVerificationError, "the server's certificate is not valid: {}"),
    (ssl.SSLEOFError, "the server broke off the secure connection"),
    (ssl.SSLError, "no secure connection could be made ({})"),
    (http.client.RemoteDisconnected, "the server closed the connection without an answer"),
    (http.client.BadStatusLine, "the server's answer is not HTTP"),
    (urllib3.exceptions.InvalidChunkLength, "the answer's chunks are broken"),
    (http.client.IncompleteRead, BREAKS_OFF),  # urllib3's own is one of these
    (urllib3.exceptions.InvalidHeader, "the answer contradicts itself about its length"),
    (http.client.HTTPException, "the answer is not valid HTTP ({})"),
    (ConnectionResetError, "the server broke off the connection"),
    (BrokenPipeError, "the server broke off the connection"),
    # What is left of these after the ones above is "Response ended prematurely", and chunks of more than their size.
    (urllib3.exceptions.ProtocolError, BREAKS_OFF),
)
