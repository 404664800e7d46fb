"""What a command imports: nobody waits for parts that it does not need."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import typer.main
from desk import FIRE, page

from tracker.cli.app import MODULES, app

pytest_plugins = ["desk_fixtures"]

# Each takes from ten to several hundred milliseconds to import.
HEAVY = (
    "alembic", "apprise", "apscheduler", "bs4", "fastapi", "http.server", "jinja2", "lxml", "matplotlib", "multiprocessing", "multiprocessing.popen_spawn_posix", "numpy", "PIL", "procrastinate", "psycopg",
    "requests", "rich.markdown", "spacy", "sqlalchemy.dialects.postgresql", "trafilatura", "tracker.cli.demo", "tracker.facts", "tracker.pipeline", "urllib3",
)  # fmt: skip


def loaded(folder: Path, *arguments: str) -> list[str]:
    """Run a command in a process of its own, and list which of the heavy modules are imported at its end."""
    program = (
        "import atexit, sys\n"
        "from tracker.__main__ import main\n"
        f"atexit.register(lambda: print('loaded', *[name for name in {HEAVY!r} if name in sys.modules]))\n"
        f"sys.argv = {['tracker', *arguments]!r}\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()[1:]


def test_list_imports_nothing_heavy(desk):
    desk.run("list")  # makes the catalog

    assert loaded(desk.folder, "list") == []


READING = {"lxml"}
FETCHING = {"multiprocessing", "requests", "tracker.pipeline", "urllib3"}


def test_check_of_a_page_as_it_was_imports_nothing_that_reads_or_compares_and_starts_no_process(desk, site):
    seen = page(*FIRE, furniture="7 people read this now")
    url = site.publishes("/fire", seen, etag='"1"')
    desk.run("watch", "--as", "article", url)
    desk.run("check", "--all")

    unmodified = loaded(desk.folder, "check", "--all")
    site.publishes("/fire", seen.replace("7 people", "8 people"), etag='"2"')
    other_furniture = loaded(desk.folder, "check", "--all")

    assert set(unmodified) <= FETCHING
    assert set(other_furniture) <= FETCHING | READING
    assert desk.run("list", "--format", "json").json["articles"][0]["versions"] == 1


def test_every_command_is_in_the_module_that_is_imported_for_it():
    registered = {}
    for module in dict.fromkeys(MODULES.values()):
        import_module(f"tracker.cli.{module}")
    for name, command in typer.main.get_group(app).commands.items():
        registered[name] = command.callback.__module__ if name != "alerts" else "tracker.cli.alerts"

    assert registered == {name: f"tracker.cli.{module}" for name, module in MODULES.items()}
