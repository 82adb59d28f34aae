"""How long ``import crmbridge`` takes, against its dependencies alone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

from bench.figures import Figure

_ROUNDS = 9
_GOAL_RATIO = 1.5


def main() -> Iterator[Figure]:
    """Time both imports, each in processes of its own."""
    empty = _best_ms("pass")
    bare = _best_ms("import attrs, cattrs, dateutil.parser, httpx") - empty
    ours = _best_ms("import crmbridge") - empty
    yield Figure("import crmbridge", ours, "ms", bare * _GOAL_RATIO, reference=bare)


def _best_ms(code: str) -> float:
    return min(_run_ms(code) for _ in range(_ROUNDS))


def _run_ms(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - start) * 1000
