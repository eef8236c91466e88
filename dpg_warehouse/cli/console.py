"""How the commands speak: progress and errors on stderr, results on stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

# A pipe or a log has no width of its own; 80 columns would fold every table.
_WIDTH = None if sys.stdout.isatty() else 160

out = Console(highlight=False, width=_WIDTH)
err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else 160)

EXIT_FAILURE, EXIT_USAGE, EXIT_REFUSED = 1, 2, 3

STATUS_STYLE = {
    "accepted": "green",
    "published": "green",
    "held": "yellow",
    "rejected": "red",
    "refused": "red",
    "failed": "red",
}


def say_error(message: str) -> None:
    """One sentence on stderr."""
    err.print(message, style="red", markup=False, soft_wrap=True)


def styled(status: str) -> str:
    """A status in its colour."""
    style = STATUS_STYLE.get(status)
    return f"[{style}]{status}[/{style}]" if style else status


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar with time elapsed and left; gives the function `(what, done, total)` that moves it."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=err,
        transient=not err.is_terminal,
    ) as bar:
        task = bar.add_task(title, total=None)

        def move(what: str, done: int, total: int) -> None:
            bar.update(task, description=f"{title}: {what}"[:70], completed=done, total=total or None)

        yield move
