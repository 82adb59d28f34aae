"""Batches: what is too much for one request, sent in parts and put together again.

Floor 4.

What is learned is never lost: when some batches of a call were answered and
others not, the others have results that say so; only a call of which no batch
was answered raises.
What is said is never more than what is known: records are ``UNSENT`` only if no
attempt can have reached Zoho. Where an error stands for more than it says, since
an earlier attempt was lost, it has that one as its cause.
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
    ConnectionLostError,
    CrmbridgeError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.zoho._auth import NoToken, attempt, lost_attempt
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho.results import WriteResult, WriteStatus

__all__ = ["Batch", "in_batches", "unanswered", "unreadable"]

T = TypeVar("T")

# After one of these, further requests would fail in the same way.
_HOPELESS: Final = (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    ThrottledError,
)
_NOT_CARRIED_OUT: Final = (*_HOPELESS, ConnectionFailedError, RefusedError)
_LOST: Final = (ConnectionLostError, ServiceError)


@frozen
class Batch(Generic[T]):
    """One request of several, and what it answers.

    Attributes:
        request: what is sent.
        read: gives the results that an answer holds.
        unanswered: gives as many results for an error.
        is_repeatable: whether carrying it out twice does no harm, where that
            holds for the others.
    """

    request: Request
    read: Callable[[Reply], tuple[T, ...]]
    unanswered: Callable[[CrmbridgeError], tuple[T, ...]]
    is_repeatable: bool = True


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
            _one(
                config,
                batch,
                hopeless,
                is_repeatable=is_repeatable and batch.is_repeatable,
            )
            for batch in batches
        ],
        config.limits.max_in_flight,
    )
    failed = [answer for answer in answers if isinstance(answer, CrmbridgeError)]
    if failed and len(failed) == len(batches):
        # Whoever reads "wait, then repeat" must be able to.
        raise next((e for e in failed if isinstance(e, OutcomeUnknownError)), failed[0])
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
    answer = yield from _answer(config, batch, is_repeatable=is_repeatable)
    if isinstance(answer, _HOPELESS):
        hopeless.append(answer)
    return answer


def _answer(
    config: ZohoConfig, batch: Batch[T], *, is_repeatable: bool
) -> Call[tuple[T, ...] | CrmbridgeError]:
    request = batch.request
    was_repeated = False
    try:
        reply = yield from attempt(request, config, is_repeatable=is_repeatable)
        if isinstance(reply, NoToken):
            return reply.error
        was_repeated = reply.was_repeated
        return batch.read(reply)
    except (MalformedReplyError, *_LOST) as error:
        return error if is_repeatable else unreadable(request.name, error)
    except CrmbridgeError as error:
        if was_repeated:
            error.__cause__ = lost_attempt(request.name)
        return error


def unanswered(
    error: CrmbridgeError, size: int, *, is_repeatable: bool = True
) -> tuple[WriteResult, ...]:
    """Give the results of records whose batch was not answered.

    Args:
        error: why.
        size: how many records it had.
        is_repeatable: whether it was sent as such; else any error but
            `OutcomeUnknownError` means that nothing was carried out.
    """
    if is_repeatable:
        is_certain = isinstance(error, _NOT_CARRIED_OUT)
        is_unsent = is_certain and not isinstance(error.__cause__, _LOST)
    else:
        is_unsent = not isinstance(error, OutcomeUnknownError)
    status = WriteStatus.UNSENT if is_unsent else WriteStatus.UNKNOWN
    return (WriteResult(status, error.code or "", error=error),) * size


def unreadable(what: str, cause: CrmbridgeError) -> OutcomeUnknownError:
    """Make the error of a write that is not repeatable, and answered illegibly."""
    error = OutcomeUnknownError(
        f"{what}: the answer does not tell whether it was carried out; read the "
        "record before writing again",
        service=ZOHO,
        status=cause.status,
        code=cause.code,
    )
    error.__cause__ = cause
    return error
