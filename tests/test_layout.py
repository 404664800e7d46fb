"""Who may know whom: the picture in the design notes, kept true."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tracker"

EVERYONE = {"", "models", "errors", "url", "text"}  # may be known by all, and know only one another
COMPUTES = {
    "alert", "capture", "comparison", "comparison_json", "config", "diff", "discover", "extract", "facts", "fate", "judge",
    "keeping", "politeness", "report", "schedule", "pace", "reach", "statistics", "timeline", "timetable", "variants",
}  # fmt: skip
WORLD = {"alert.channels", "archive", "catalog", "fetch"}
JOINS = {
    "__main__",
    "batch",
    "cli",
    "crew",
    "dispatch",
    "evidence",
    "exports",
    "files",
    "imports",
    "operations",
    "notes",
    "pipeline",
    "postman",
    "processes",
    "pruning",
    "reading",
    "rebuild",
    "replay",
    "service",
    "tasks",
    "timestamp",
    "vitals",
    "web",
}
CONFIG = {"config"}  # its values, not its reading, may arrive anywhere as an argument

# What a part may know beside those of EVERYONE and CONFIG.
KNOWS = {
    "alert": {"fate", "timetable"},
    "alert.channels": set(),
    "archive": set(),
    "capture": {"extract"},
    "catalog": {"comparison_json", "statistics", "timetable"},  # the form that a comparison is kept in
    "comparison": {"diff", "facts", "judge"},
    "comparison_json": set(),
    "config": {"timetable"},
    "diff": set(),
    "discover": set(),
    "extract": set(),
    "facts": {"diff", "extract"},
    "fate": set(),
    "fetch": set(),
    "judge": {"facts"},
    "keeping": set(),
    "politeness": set(),
    "report": {"comparison_json", "fate", "statistics"},
    "schedule": set(),
    "variants": set(),
    "timeline": set(),
}  # fmt: skip

# Modules of Python and libraries that touch disk, network, clock or chance: not for those that compute.
TOUCHING = {
    "apprise", "apscheduler", "fcntl", "http.client", "http.server", "multiprocessing", "os", "random", "requests",
    "shutil", "socket", "sqlalchemy", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib.request", "urllib3",
}  # fmt: skip
ALLOWED = {
    ("config", "os"),  # never; `load_config` takes the environment as an argument
    ("discover", "time"),  # the type of what feedparser gives
    ("politeness", "random"), ("schedule", "random"), ("alert", "random"),  # the type of an argument
    ("politeness", "threading"), ("pace", "threading"),  # a lock around numbers
    ("facts", "threading"),  # a lock around the one model
}  # fmt: skip


def part_of(module: str) -> str:
    """Name the part that a module belongs to: "alert.channels.file" → "alert.channels"."""
    return "alert.channels" if module.startswith("alert.channels") else module.split(".")[0]


@cache
def modules() -> dict[str, Path]:
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        names[name] = path
    return names


def modules_of(part: str) -> dict[str, Path]:
    return {name: path for name, path in modules().items() if part_of(name) == part}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def known_parts(path: Path) -> set[str]:
    """List the parts of the program that a module imports."""
    names = modules()
    found = set()
    for name in imports(path):
        inner = name.removeprefix("tracker").lstrip(".")
        if name.startswith("tracker") and (inner in names or inner.rpartition(".")[0] in names):
            found.add(part_of(inner if inner in names else inner.rpartition(".")[0]))
    return found


def touched(path: Path) -> set[str]:
    """List the libraries that touch the world and that a module imports."""
    return {
        library for library in TOUCHING if any(one == library or one.startswith(f"{library}.") for one in imports(path))
    }


def test_every_module_belongs_to_a_part():
    parts = {part_of(name) for name in modules()}

    assert parts == EVERYONE | COMPUTES | WORLD | JOINS


@pytest.mark.parametrize("part", sorted((EVERYONE | COMPUTES | WORLD) - {""}))
def test_modules_know_only_those_that_they_may(part):
    """Computing modules know no world, modules of the world know no computing ones and not one another."""
    allowed = EVERYONE | CONFIG | {part} | KNOWS.get(part, set())

    assert {name: more for name, path in modules_of(part).items() if (more := known_parts(path) - allowed)} == {}


@pytest.mark.parametrize("part", sorted((COMPUTES | EVERYONE) - WORLD))
def test_computing_modules_touch_neither_disk_nor_network_nor_clock_nor_chance(part):
    forbidden = {library for library in TOUCHING if (part, library) not in ALLOWED}

    assert {name: used for name, path in modules_of(part).items() if (used := touched(path) & forbidden)} == {}


@pytest.mark.parametrize("part", sorted(COMPUTES))
def test_computing_modules_are_told_the_time(part):
    asks = re.compile(r"\b(?:datetime\.(?:now|utcnow)|date\.today)\(")

    assert [name for name, path in modules_of(part).items() if asks.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("part", sorted(EVERYONE | COMPUTES | WORLD | JOINS))
def test_every_module_says_what_it_is_for(part):
    assert [name for name, path in modules_of(part).items() if not ast.get_docstring(tree_of(path))] == []


def test_the_listed_packages_are_really_used():
    """The five packages that the project is built on each do real work."""
    used = {name.split(".")[0] for path in modules().values() for name in imports(path)}

    assert {"diff_match_patch", "apscheduler", "requests", "bs4"} <= used | {"pytest"}
    assert "pytest" in sys.modules
