"""`python -m tracker` is the `tracker` command.

The commands are imported when it runs and not with this module, which every process that computes for us imports once more.
"""


def main() -> None:
    """Run the command line and leave with its exit code."""
    from tracker.cli import main as run

    run()


if __name__ == "__main__":
    main()
