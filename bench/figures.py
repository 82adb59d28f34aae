"""What a benchmark measures, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen


@frozen
class Figure:
    """One measured figure beside what it is compared with.

    Attributes:
        what: what was measured, in a few words.
        value: the figure.
        unit: its unit, such as ``"us/contact"``.
        goal: the largest value wanted, in the same unit.
        reference: the same work done in another way, measured in the same
            run and unit, or ``None``. Ratios to it hold on any machine.
    """

    what: str
    value: float
    unit: str
    goal: float
    reference: float | None = None


_HEADINGS = ("what", "measured", "goal", "of goal", "of reference")


def table(figures: Iterable[Figure]) -> str:
    """Lay figures out as a table with their ratios."""
    rows = [_HEADINGS, *map(_row, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    reference = figure.reference
    return (
        figure.what,
        f"{figure.value:,.1f} {figure.unit}",
        f"{figure.goal:,.1f}",
        f"{figure.value / figure.goal:.2f}",
        "-" if reference is None else f"{figure.value / reference:.2f}",
    )
