"""One article, from its address to what is stored of it and who is told; one message, from the outbox to its channel.

Calls the steps in order and decides nothing itself: fetch → capture and version → archive → comparison → catalog with its outbox → channels.

What makes a crash at any moment harmless is the order of the writes.
A capture is first in the archive, durably, and only then in the catalog; the version, the change and the messages about it reach the catalog in one transaction.
Whatever the archive holds beyond what the catalog knows of an article is taken in before the article is checked again.

`check` follows one article through it; `record` writes what a check showed; `discover` finds out what to follow; `deliver` sends what waits;
`retell` puts what was imported where its time belongs; `parts` is what they all work with.

Joins the parts.
"""

from __future__ import annotations

from tracker.pipeline.check import Checking
from tracker.pipeline.deliver import Delivering
from tracker.pipeline.discover import Discovering
from tracker.pipeline.parts import Checked, Discovered
from tracker.pipeline.retell import Sighting, runs_of, shown_in

__all__ = ["Checked", "Discovered", "Pipeline", "Sighting", "runs_of", "shown_in"]


class Pipeline(Checking, Discovering, Delivering):
    """The parts, joined; any number of threads may use it."""

    __slots__ = ()
