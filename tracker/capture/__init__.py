"""Judge whether a response is the article at all.

A suspect capture is kept and marked, and never compared: a block page, a consent or login wall, a paywall cut, a page that says "not found" with status 200,
a redirect to the front page, another article, a page that is there but was not read, half a page.

`response.py` judges status, headers and redirects, `walls.py` what the page says, `previous.py` what became of the text that was there before.
A wrong "suspect" hides a change for one check and a missed one reports a deletion that was none, so every rule needs two signs: a page's own words, and a text that is too short or gone.

Computes only.
"""

from tracker.capture.judge import judge_capture

__all__ = ["judge_capture"]
