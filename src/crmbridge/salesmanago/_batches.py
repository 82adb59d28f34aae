"""Batches of contacts: cut, sent, and asked again where the answer says little.

Floor 4.

The answer to a batch is an id map and nothing else, and a refused batch says
nothing of its records.
So what the map does not name is sent alone, to learn why, and a refused batch
is halved until the bad record is found; both within a bound, and both only
where writing twice does no harm.
What is said is never more than what is known: a record that is not named, and
not asked about again, is ``UNKNOWN``.

Source: ``contact/batchupsert`` in client code.
Unverified: that a refused record is missing from the map, that a refused batch
wrote nothing, how e-mails are spelt in the map (compared without regard to
case), and how many records a batch may have (600 were seen).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from attrs import frozen

from crmbridge._steps import Call, gather
from crmbridge.errors import (
    AuthenticationError,
    ConfigError,
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    InvalidInputError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.salesmanago import _writes
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import ask, cut
from crmbridge.salesmanago._writes import is_harmless_twice, shared_body
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.results import WriteResult, WriteStatus

__all__ = ["EXTRA_REQUESTS", "Sender", "batch_upsert", "in_parts", "refuse_repeated"]

EXTRA_REQUESTS: Final = 50
"""Requests that a call spends on reasons, unless told otherwise."""

_PATH: Final = "contact/batchupsert"

# After one of these, further requests would fail in the same way.
_HOPELESS: Final = (
    AuthenticationError,
    ConfigError,
    NotFoundError,
    PermissionDeniedError,
    ThrottledError,
)
_NOT_SENT: Final = (*_HOPELESS, ConnectionFailedError, InvalidInputError)
_LOST: Final = (ConnectionLostError, ServiceError)

Answer: TypeAlias = tuple[WriteResult | None, ...] | CrmbridgeError
"""What each record of a part came to, ``None`` where the answer is silent."""


@frozen
class Part:
    """Records that travel together.

    Attributes:
        places: their positions.
        is_single: it is one record, and sent as such.
    """

    places: Sequence[int]
    is_single: bool = False


@frozen
class Sender:
    """How the records of one call are sent.

    Attributes:
        details: the records.
        together: sends some of them as a batch.
        alone: sends one of them.
        double_opt_in: an opt-in sends a mail.
    """

    details: Sequence[ContactDetails]
    together: Callable[[Sequence[ContactDetails]], Call[Answer]]
    alone: Callable[[ContactDetails], Call[WriteResult]]
    double_opt_in: bool

    def is_repeatable(self, part: Part) -> bool:
        """Tell whether sending a part again does no harm."""
        rows = (self.details[place] for place in part.places)
        return is_harmless_twice(rows, double_opt_in=self.double_opt_in)


def batch_upsert(
    account: Account,
    details: Iterable[ContactDetails],
    *,
    owner: str | None = None,
    double_opt_in: bool = False,
    language: str | None = None,
    extra_requests: int = EXTRA_REQUESTS,
) -> Call[tuple[WriteResult, ...]]:
    """Add or change contacts; see `SalesmanagoClient.batch_upsert`."""
    rows = tuple(details)
    refuse_repeated(rows)
    shared = shared_body(
        account, owner=owner, double_opt_in=double_opt_in, language=language
    )

    def alone(row: ContactDetails) -> Call[WriteResult]:
        contact_id = yield from _writes.upsert(
            account, row, owner=owner, double_opt_in=double_opt_in, language=language
        )
        return WriteResult(WriteStatus.SUCCESS, contact_id)

    def together(part: Sequence[ContactDetails]) -> Call[Answer]:
        return _send(account, part, shared)

    sender = Sender(rows, together, alone, double_opt_in)
    return (yield from in_parts(account, sender, extra_requests))


def refuse_repeated(rows: Sequence[ContactDetails]) -> None:
    """Demand that no address occurs twice, neither as an old nor as a new one.

    Raises:
        InvalidInputError: one does; which of the two counted would be chance.
    """
    seen: set[str] = set()
    for row in rows:
        emails = {_folded(row.email), _folded(row.new_email or row.email)}
        if emails & seen:
            raise InvalidInputError(
                "two records of a batch have the same e-mail; merge them first",
                service="salesmanago",
                field="email",
            )
        seen |= emails


def _send(
    account: Account, rows: Sequence[ContactDetails], shared: Mapping[str, Any]
) -> Call[Answer]:
    body = {**shared, "upsertDetails": [row.body() for row in rows]}
    is_repeatable = is_harmless_twice(rows, double_opt_in=shared["useApiDoubleOptIn"])
    answer = yield from ask(account, _PATH, body, is_repeatable=is_repeatable)
    ids = answer.payload.get("contactIds")
    if not isinstance(ids, dict):
        raise MalformedReplyError(
            f"{_PATH}: the answer holds no contactIds", service="salesmanago"
        )
    by_email = {
        _folded(email): contact_id
        for email, contact_id in cast("dict[str, Any]", ids).items()
    }
    return tuple([_result(by_email.get(_folded(row.email))) for row in rows])


def _result(contact_id: object) -> WriteResult | None:
    if not isinstance(contact_id, str) or not contact_id:
        return None
    return WriteResult(WriteStatus.SUCCESS, contact_id)


def _folded(email: str) -> str:
    return email.strip().lower()


# --- parts ---


def in_parts(
    account: Account, sender: Sender, extra_requests: int
) -> Call[tuple[WriteResult, ...]]:
    """Send all records in parts, and smaller parts again where it helps.

    A record with a new address travels alone: a batch may not be sent again
    for its sake.

    Args:
        account: settings and signature.
        sender: what is sent, and how.
        extra_requests: how many requests may be spent on smaller parts.

    Raises:
        CrmbridgeError: no part was answered; the first one's error.
    """
    if extra_requests < 0:
        raise InvalidInputError(
            "extra_requests counts from 0",
            service="salesmanago",
            field="extra_requests",
        )
    hopeless: list[CrmbridgeError] = []
    results: dict[int, WriteResult] = {}
    parts, spare = _first_parts(account, sender), extra_requests
    while parts:
        answers = yield from gather(
            [_answer(sender, part, hopeless) for part in parts],
            account.config.limits.max_in_flight,
        )
        if not results:
            _raise_unanswered(answers)
        smaller: list[Part] = []
        for part, answer in zip(parts, answers, strict=True):
            is_repeatable = sender.is_repeatable(part)
            told = _told(part, answer, is_repeatable=is_repeatable)
            for place, result in zip(part.places, told, strict=True):
                _note(results, place, result)
            smaller += _smaller(part, answer) if is_repeatable else ()
        parts = smaller[:spare]
        spare -= len(parts)
    return tuple([results[place] for place in range(len(sender.details))])


def _note(results: dict[int, WriteResult], place: int, result: WriteResult) -> None:
    # What was sent before is not unsent because asking again did not work.
    if place not in results or result.status is not WriteStatus.UNSENT:
        results[place] = result


def _first_parts(account: Account, sender: Sender) -> list[Part]:
    plain = [place for place, row in enumerate(sender.details) if not row.new_email]
    renames = [place for place, row in enumerate(sender.details) if row.new_email]
    parts = [Part(places) for places in cut(plain, account.config.batch_size)]
    return parts + [Part([place], is_single=True) for place in renames]


def _answer(sender: Sender, part: Part, hopeless: list[CrmbridgeError]) -> Call[Answer]:
    """Send a part; its error is a value, so that no other part is lost."""
    if hopeless:
        return hopeless[0]
    rows = [sender.details[place] for place in part.places]
    try:
        if part.is_single:
            return ((yield from sender.alone(rows[0])),)
        return (yield from sender.together(rows))
    except CrmbridgeError as error:
        if isinstance(error, _HOPELESS):
            hopeless.append(error)
        is_known = isinstance(error, RefusedError) or _is_unsent(error)
        is_repeatable = sender.is_repeatable(part)
        return error if is_known or is_repeatable else _unknown(error)


def _raise_unanswered(answers: Sequence[Answer]) -> None:
    """Raise if not even a refusal came."""
    errors = [
        answer
        for answer in answers
        if isinstance(answer, CrmbridgeError) and not isinstance(answer, RefusedError)
    ]
    if len(errors) == len(answers):
        # Whoever reads "nothing was sent" must be able to believe it.
        raise next((e for e in errors if not _is_unsent(e)), errors[0])


def _told(
    part: Part, answer: Answer, *, is_repeatable: bool
) -> tuple[WriteResult, ...]:
    """Give what is known of the records of a part."""
    if not isinstance(answer, CrmbridgeError):
        return tuple([result or _unnamed() for result in answer])
    status = WriteStatus.UNKNOWN
    if isinstance(answer, RefusedError):
        if len(part.places) == 1:
            status = WriteStatus.REFUSED
    elif _is_unsent(answer):
        status = WriteStatus.UNSENT
    if status is WriteStatus.UNKNOWN and not is_repeatable:
        answer = _unknown(answer)
    return (WriteResult(status, error=answer),) * len(part.places)


def _is_unsent(error: CrmbridgeError) -> bool:
    # An attempt that was lost before may have been carried out.
    return isinstance(error, _NOT_SENT) and not isinstance(error.__cause__, _LOST)


def _unnamed() -> WriteResult:
    return WriteResult(
        WriteStatus.UNKNOWN,
        error=OutcomeUnknownError(
            f"{_PATH}: the answer does not name the contact, so it was probably "
            "refused; read it before writing again",
            service="salesmanago",
        ),
    )


def _unknown(cause: CrmbridgeError) -> OutcomeUnknownError:
    if isinstance(cause, OutcomeUnknownError):
        return cause
    error = OutcomeUnknownError(
        f"{_PATH}: some of the batch may have been written, and repeating it is not "
        "safe; read the contacts before writing again",
        service="salesmanago",
        status=cause.status,
    )
    error.__cause__ = cause
    return error


def _smaller(part: Part, answer: Answer) -> list[Part]:
    """Give the parts that would tell more."""
    if isinstance(answer, RefusedError) and len(part.places) > 1:
        middle = len(part.places) // 2
        halves = part.places[:middle], part.places[middle:]
        return [Part(half, is_single=len(half) == 1) for half in halves]
    if isinstance(answer, CrmbridgeError):
        return []
    pairs = zip(part.places, answer, strict=True)
    return [Part([place], is_single=True) for place, found in pairs if found is None]
