"""Run every benchmark, or those named, and print one table of ratios.

A benchmark is a module ``bench/bench_*.py`` with ``main() -> Iterable[Figure]``.

    python -m bench.run [NAME ...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path

from bench.figures import Figure, table

_NAMES = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))


def measure(names: Iterable[str]) -> Iterator[Figure]:
    """Run the benchmarks in turn, saying on stderr which one runs."""
    for name in names:
        print(f"{name} ...", file=sys.stderr)
        main: Callable[[], Iterable[Figure]] = import_module(f"bench.{name}").main
        yield from main()


if __name__ == "__main__":
    asked = [f"bench_{name.removeprefix('bench_')}" for name in sys.argv[1:]]
    print(table(list(measure(asked or _NAMES))))
