"""The eye on the catalog: what others write is noticed, and the service looks at it at once."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from desk import FIRE, page

from tracker.catalog import Catalog
from tracker.cli.workspace import now
from tracker.service import Service

pytest_plugins = ["desk_fixtures"]


def test_what_anybody_writes_is_noticed_once(tmp_path):
    address = f"sqlite:///{tmp_path / 'a folder' / 'catalog #1?.sqlite'}"
    with Catalog.open(address) as catalog, Catalog.open(address) as other, catalog.watch() as watch:
        assert not watch.changed()
        for writer in (catalog, other):
            writer.add_article(f"https://news.example.org/{id(writer)}", f"{id(writer)}", now=now())

            assert watch.changed()
            assert not watch.changed()
        other.articles()

        assert not watch.changed()


def test_service_at_rest_looks_at_once_at_what_another_program_brings(desk, site):
    """Long before its next round, which is a day away."""
    patient = replace(desk, config='[service]\ndispatch_every = "1d"\nstop_within = "2s"\n')
    url = site.publishes("/fire", page(*FIRE))
    told, stop = [], threading.Event()
    with patient.opened() as pipeline:
        service = threading.Thread(target=Service(pipeline, told.append).run, args=(stop,))
        service.start()
        try:
            time.sleep(0.5)
            assert patient.run("watch", "--as", "article", url).code == 0
            end = time.monotonic() + 10
            while not told and time.monotonic() < end:
                time.sleep(0.02)
        finally:
            stop.set()
            service.join(10)

    assert [checked.found for checked in told] == ["first"]
