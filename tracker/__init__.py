"""tracker follows published articles and says which facts changed.

The modules read in the order that data flows: `discover`, `schedule`, `fetch`, `capture`, `extract`, `archive`, `diff`, `facts`, `judge`, `report`, `alert`;
`pipeline` joins them for one article, `service` keeps them going, `cli` is the way in.
"""

__version__ = "0.1.0"
