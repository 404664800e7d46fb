"""One `tracker check` that is killed at a step, for a process of its own.

SIGKILL, as by the kernel or a power cut: nothing is flushed, nothing cleaned up.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tracker.cli import articles
from tracker.cli.workspace import open_pipeline
from tracker.config import load_config


def main(config: str, step: str) -> None:
    """Check what is due; die right after `step`."""

    def on_step(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_pipeline(load_config(Path(config), os.environ), "tracker check", on_step=on_step) as pipeline:
        for article in pipeline.catalog.articles():
            pipeline.check(article)
        articles._deliver(pipeline)
