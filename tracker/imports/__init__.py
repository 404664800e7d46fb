"""Captures that others made, taken into the archive where their time belongs.

They are gathered first, on the disk, because no file need be in order and a page may be in several (`gather`); then each article takes in what is its own (`take`).

There is a module for each form that they come in, with the same verb, `read`:
`wacz`, `texts` (JSON lines and CSV), `diffengine`, `changedetection`, `newsdiffs`, and `machine` (the Wayback Machine, over the network); WARC files are read by `tracker.archive`.
`forms` finds out which it is.

Joins the parts.
"""

from tracker.imports.forms import FORMS, Form
from tracker.imports.gather import Gathered, LooseDisk, gather, gather_captures
from tracker.imports.take import TakenIn, renumbered, take_in

__all__ = ["FORMS", "Form", "Gathered", "LooseDisk", "TakenIn", "gather", "gather_captures", "renumbered", "take_in"]
