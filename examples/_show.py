"""What the examples print: headings, text, tables and a progress bar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from crmbridge.reconcile.report import Progress as Step

console = Console(highlight=False)


class _Bar:
    """The bar on the screen, if there is one."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.task = TaskID(0)

    def move(self, step: Step) -> None:
        """Say how far a run has come."""
        if self.progress is None:
            return
        if step.phase == "write":
            self.progress.update(self.task, completed=step.done)
        self.progress.update(self.task, phase=f"{step.phase}: {step.done}")


_bar = _Bar()
progress = _bar.move
"""Takes the progress of a run: the ``on_progress`` of a `Reconciler`."""


@contextmanager
def progress_bar(title: str, total: int | None) -> Iterator[None]:
    """Show a bar that `progress` moves."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[phase]}"),
    )
    with Progress(*columns, console=console) as _bar.progress:
        _bar.task = _bar.progress.add_task(title, total=total, phase="")
        yield
        if total is None:
            _bar.progress.update(_bar.task, total=_bar.progress.tasks[0].completed)
    _bar.progress = None


def chapter(title: str) -> None:
    """Print a heading."""
    console.print(f"\n[bold]{title}[/bold]")


def text(words: str) -> None:
    """Print plain words."""
    console.print(words, markup=False, soft_wrap=True)


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table."""
    printed = Table(*head, title=title, title_justify="left")
    for row in rows:
        printed.add_row(*row)
    console.print(printed)
