"""What a command imports: nobody waits for parts that it does not need."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer.main

from tracker.cli.app import MODULES, app

# Each takes from ten to several hundred milliseconds to import.
HEAVY = (
    "alembic", "apprise", "apscheduler", "bs4", "fastapi", "http.server", "jinja2", "lxml", "matplotlib", "multiprocessing", "numpy", "PIL", "procrastinate", "psycopg",
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


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.toml").write_text("")
    return tmp_path


def test_list_imports_nothing_heavy(folder):
    loaded(folder, "list")  # makes the catalog

    assert loaded(folder, "list") == []


def test_every_command_is_in_the_module_that_is_imported_for_it():
    registered = {}
    for module in dict.fromkeys(MODULES.values()):
        import_module(f"tracker.cli.{module}")
    for name, command in typer.main.get_group(app).commands.items():
        registered[name] = command.callback.__module__ if name != "alerts" else "tracker.cli.alerts"

    assert registered == {name: f"tracker.cli.{module}" for name, module in MODULES.items()}
