"""Snapshot → version: what the article says, as read from what the server sent.

`extract_version` reads a page with the general extractor, or with a publisher's own rule where there is one for its address and date (`publishers/`);
`fingerprint` proves at a seventh of the cost that nothing in a page's text has changed; `version_from_text` and `version_from_sentences` take texts that are no pages.

Computes only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracker.extract.notices import is_notice
    from tracker.extract.plain import version_from_sentences, version_from_text
    from tracker.extract.quick import fingerprint
    from tracker.extract.reader import extract_version

_HOMES = {
    "extract_version": "reader",
    "fingerprint": "quick",
    "is_notice": "notices",
    "version_from_sentences": "plain",
    "version_from_text": "plain",
}

__all__ = ["extract_version", "fingerprint", "is_notice", "version_from_sentences", "version_from_text"]


def __getattr__(name: str) -> Any:
    """Import what is asked for at its first use (PEP 562): a quick look needs a fifth of what reading a page does."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
