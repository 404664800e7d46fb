"""Every report says what changed, how sure, when, whether it was disclosed, and where the proof is."""

from __future__ import annotations

import pytest
from report_samples import EVERY, NOW, april_9

from tracker import report


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.__name__)
def test_text_report_fits_the_terminal(sample):
    for width in (60, 80, 120):
        written = report.render([sample()], "text", now=NOW, width=width)

        assert max(map(len, written.splitlines())) <= width


def test_text_report_says_things_in_the_agreed_order():
    written = report.render([april_9()], "text", now=NOW)

    order = ["Attribution: Afghan aircraft → a U.S. airstrike", "SUBSTANTIVE", "between 10:41 and 10:56 UTC on April 9, 2018",
             "disclosed by a note", "Paragraph 8, added", "20180409105600"]  # fmt: skip
    assert sorted(order, key=written.index) == order
