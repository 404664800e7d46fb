"""Reads the facts that sentences state, and says which of them differ between two versions of an article.

Computes only.
"""

from tracker.facts.finder import find_facts
from tracker.facts.findings import Findings

__all__ = ["Findings", "find_facts"]
