"""A network of this thread's own, with addresses of the public internet on its loopback device.

What is on 127.0.0.1 is never spared, since it is our own; in here a site can be one of the others.  The real hosts of these addresses cannot be reached from it.
Needs Linux, and root.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

CLONE_NEWNET = 0x40000000
ADDRESSES = ("93.184.216.34", "93.184.216.35", "93.184.216.36")
LIBC = ctypes.CDLL(None, use_errno=True)


@contextmanager
def private_network() -> Iterator[None]:
    """Be in it, with all threads and processes that are started meanwhile.

    Raises:
        OSError: It cannot be made here.
    """
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _call(LIBC.unshare(CLONE_NEWNET))
        try:
            commands = ["ip link set lo up", *(f"ip addr add {address}/32 dev lo" for address in ADDRESSES)]
            subprocess.run(" && ".join(commands), shell=True, check=True)
            yield
        finally:
            _call(LIBC.setns(before, CLONE_NEWNET))
    finally:
        os.close(before)


def _call(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def reason_to_skip() -> str | None:
    """Say what is missing, None if nothing is."""
    try:
        with private_network():
            return None
    except (OSError, AttributeError, subprocess.CalledProcessError) as error:
        return f"no network of our own can be made ({error})"
