"""`tracker serve`: pages for people, an API for programs, feeds for readers, all over one catalog and one archive.

    app        puts the parts below together
    security   who may come in, by which name, and what a browser may do with an answer
    workspace  what every page and every operation works with
    filters    an address's query → which changes are wanted, and back
    texts      two texts, set beside each other or in one
    plots      numbers → pictures (SVG)
    pages/     one module a page
    api/       the same as JSON
    feeds      the same as Atom

Pages are written on the server and can be read and used without a script; the one script there is serves the keyboard.
What a page shows was said by strangers: it is escaped by the templates, cut where it is longer than anybody reads, and a policy keeps the browser from running or loading anything.

Touches the network.
"""

from tracker.web.app import build_app
from tracker.web.workspace import Workspace

__all__ = ["Workspace", "build_app"]
