"""A desk and a site for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk
from servers import Site


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk in a folder of its own; its file channel takes every change."""
    return Desk(tmp_path)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on loopback."""
    with Site() as up:
        yield up
