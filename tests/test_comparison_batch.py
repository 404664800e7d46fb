"""A batch keeps its order and its memory, whatever happens to one of its items."""

from __future__ import annotations

import pytest
from process_work import compare, die_on_3, double, double_slowly_at_first, fail_on_3

from tracker.batch import IN_HAND, in_order
from tracker.errors import InputError
from tracker.models import Version


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order(processes):
    assert list(in_order(double_slowly_at_first, range(20), processes)) == [2 * n for n in range(20)]


@pytest.mark.parametrize("processes", [1, 2])
def test_failure_is_an_error_in_its_place(processes):
    found = list(in_order(fail_on_3, range(6), processes))

    assert found[:3] == [0, 1, 2]
    assert isinstance(found[3], InputError)
    assert str(found[3]) == "https://example.org/3 is not there"
    assert "ValueError: four" in str(found[4])
    assert found[5] == 5


def test_process_that_dies_costs_its_own_item():
    found = list(in_order(die_on_3, range(12), 2))

    assert found[:3] == [0, 1, 2]
    assert isinstance(found[3], InputError)
    assert "died" in str(found[3])
    assert found[4:] == list(range(4, 12))


def test_only_a_few_items_are_read_ahead():
    read = 0

    def endless():
        nonlocal read
        while True:
            read += 1
            yield read

    results = in_order(double, endless(), 2)
    for _ in range(10):
        next(results)
    results.close()

    assert read <= 10 + 2 * IN_HAND


def test_empty_batch_has_no_results():
    assert list(in_order(double, [], 2)) == []


def test_pairs_are_compared_as_one_by_one():
    versions = [Version(paragraphs=(f"A fire killed {n} people in the mill.", "\ud800")) for n in (12, 12, 22)]
    pairs = [(versions[0], versions[1]), (versions[1], versions[2])]

    assert list(in_order(compare, pairs, 2)) == [compare(pair) for pair in pairs]
