"""Snapshot → version: what the article says, as read from what the server sent.

`extract_version` reads a page with the general extractor, or with a publisher's own rule where there is one for its address and date (`publishers/`);
`fingerprint` proves at a seventh of the cost that nothing in a page's text has changed; `version_from_text` and `version_from_sentences` take texts that are no pages.

Computes only.
"""

from tracker.extract.notices import is_notice
from tracker.extract.plain import version_from_sentences, version_from_text
from tracker.extract.quick import fingerprint
from tracker.extract.reader import extract_version

__all__ = ["extract_version", "fingerprint", "is_notice", "version_from_sentences", "version_from_text"]
