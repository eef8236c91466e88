"""What a person sees while things start: one line a step, with its time; a failure names its step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from dpg_warehouse.records import WarehouseError

Tell = Callable[[str], None]


class StepError(WarehouseError):
    """A step failed: which, why, and where its log is."""


class Steps:
    """Shows steps as they go, also several at once; in a file or pipe each is a line at start and end."""

    def __init__(self, console: Console) -> None:
        """Speak on `console`."""
        self._console = console
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the running steps while in this block."""
        with self._bar:
            yield

    @contextmanager
    def step(self, title: str, log: Path | None = None) -> Iterator[Tell]:
        """One step; gives the function that tells what it is doing just now."""
        started = time.monotonic()
        task = self._bar.add_task(title)
        said = {""}

        def tell(what: str) -> None:
            self._bar.update(task, description=f"{title}: {what}"[: self._console.width - 16])
            if not self._console.is_terminal and what not in said:
                said.add(what)
                self._say(f"  {title}: {what}")

        if not self._console.is_terminal:
            self._say(f"  {title}")
        try:
            yield tell
        except Exception as error:
            raise StepError(_sentence(title, error, log)) from error
        finally:
            self._bar.remove_task(task)
        self._say(f"✓ {title} ({time.monotonic() - started:.1f} s)")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _sentence(title: str, error: Exception, log: Path | None) -> str:
    # Another error's text may hold values; its name and the log must do.
    why = str(error) if isinstance(error, WarehouseError) else f"{type(error).__name__}."
    where = f" The log is {log}." if log is not None and "log is" not in why else ""
    return f"It stopped at “{title}”: {why}{where}"
