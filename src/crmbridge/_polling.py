"""Waiting for what a service does later: asking again, ever less often.

Floor 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from crmbridge._steps import Call, clock, pause
from crmbridge.errors import UnfinishedError

__all__ = ["until_answered"]

T = TypeVar("T")

_FIRST_DELAY_SECONDS: Final = 2.0
_LONGEST_DELAY_SECONDS: Final = 30.0


def until_answered(
    ask: Callable[[], Call[T | None]],
    *,
    timeout_seconds: float,
    service: str,
    what: str,
    job_id: str | None = None,
    last_words: Callable[[], tuple[str, ...]] = tuple,
) -> Call[T]:
    """Ask until there is an answer: at once, then after 2, 4, 8... 30 seconds.

    Args:
        ask: one question; ``None`` means not yet.
        timeout_seconds: how long to go on; 0 asks once.
        service: who is asked, for the error.
        what: what is waited for, for the error.
        job_id: the job that is waited for, for the error.
        last_words: gives what the service said last, for the error.

    Raises:
        UnfinishedError: there is no answer in time.
    """
    started = (yield from clock()).ticks_seconds
    delay = _FIRST_DELAY_SECONDS
    while True:
        answer = yield from ask()
        if answer is not None:
            return answer
        spent = (yield from clock()).ticks_seconds - started
        if spent >= timeout_seconds:
            raise UnfinishedError(
                f"{what}: not done after {spent:.0f} seconds; it may still be done, "
                "so ask again later",
                service=service,
                job_id=job_id,
                waited_seconds=spent,
                messages=last_words(),
            )
        yield from pause(min(delay, timeout_seconds - spent))
        delay = min(delay * 2, _LONGEST_DELAY_SECONDS)
