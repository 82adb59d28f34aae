"""Batches: what is too much for one request, sent in parts and put together again.

Floor 4.

What is learned is never lost: when some batches of a call were answered and
others not, the others have results that say so; only a call of which no batch
was answered raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from attrs import frozen

from crmbridge._steps import Call, Reply, Request, gather
from crmbridge.config import ZohoConfig
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    CrmbridgeError,
    MalformedReplyError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    ThrottledError,
)
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho.results import WriteResult, WriteStatus

__all__ = ["Batch", "in_batches", "unanswered", "unreadable"]

T = TypeVar("T")

# After one of these, further requests would fail in the same way.
_HOPELESS: Final = (AuthenticationError, PermissionDeniedError, ThrottledError)
_NOT_CARRIED_OUT: Final = (*_HOPELESS, ConnectionFailedError, RefusedError)


@frozen
class Batch(Generic[T]):
    """One request of several, and what it answers.

    Attributes:
        request: what is sent.
        read: gives the results that an answer holds.
        unanswered: gives as many results for an error.
    """

    request: Request
    read: Callable[[Reply], tuple[T, ...]]
    unanswered: Callable[[CrmbridgeError], tuple[T, ...]]


def in_batches(
    config: ZohoConfig, batches: Sequence[Batch[T]], *, is_repeatable: bool
) -> Call[tuple[T, ...]]:
    """Send batches, several at a time; give all results in order.

    Args:
        config: whose organisation.
        batches: what to send; after an error that would come again, such as
            a missing right, the rest stays unsent.
        is_repeatable: whether carrying a batch out twice does no harm.

    Raises:
        CrmbridgeError: no batch was answered; the first one's error.
    """
    hopeless: list[CrmbridgeError] = []
    answers = yield from gather(
        [
            _one(config, batch, hopeless, is_repeatable=is_repeatable)
            for batch in batches
        ],
        config.limits.max_in_flight,
    )
    failed = [answer for answer in answers if isinstance(answer, CrmbridgeError)]
    if failed and len(failed) == len(batches):
        raise failed[0]
    return tuple(
        result
        for batch, answer in zip(batches, answers, strict=True)
        for result in (
            batch.unanswered(answer) if isinstance(answer, CrmbridgeError) else answer
        )
    )


def _one(
    config: ZohoConfig,
    batch: Batch[T],
    hopeless: list[CrmbridgeError],
    *,
    is_repeatable: bool,
) -> Call[tuple[T, ...] | CrmbridgeError]:
    """Send one batch; its error is a value, so that no other batch is lost."""
    if hopeless:
        return hopeless[0]
    request = batch.request
    try:
        reply = yield from authorised(request, config, is_repeatable=is_repeatable)
        return batch.read(reply)
    except MalformedReplyError as error:
        return error if is_repeatable else unreadable(request.name, error)
    except CrmbridgeError as error:
        if isinstance(error, _HOPELESS):
            hopeless.append(error)
        return error


def unanswered(error: CrmbridgeError, size: int) -> tuple[WriteResult, ...]:
    """Give the results of records whose batch was not answered."""
    is_unsent = isinstance(error, _NOT_CARRIED_OUT)
    status = WriteStatus.UNSENT if is_unsent else WriteStatus.UNKNOWN
    return (WriteResult(status, error.code or "", error=error),) * size


def unreadable(what: str, cause: MalformedReplyError) -> OutcomeUnknownError:
    """Make the error of a write that is not repeatable, and answered illegibly."""
    error = OutcomeUnknownError(
        f"{what}: the answer cannot be read, so it may or may not have been carried "
        "out; read the record before writing again",
        service=ZOHO,
    )
    error.__cause__ = cause
    return error
