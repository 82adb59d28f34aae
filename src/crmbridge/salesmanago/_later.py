"""Batches that the service carries out later, and the proof that it did.

Floor 4.

The rule: accepted is not done.
No source tells what became of the single contacts, and nobody was seen to ask
``job/status`` for such a request, so only reading the contacts proves anything.

Source: ``contact/batchupsertv2``, doc comments of a C# client and the vendor's
PHP SDK.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from crmbridge._polling import until_answered
from crmbridge._steps import Call
from crmbridge.errors import InvalidInputError, MalformedReplyError
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._batches import (
    EXTRA_REQUESTS,
    Sender,
    in_parts,
    refuse_repeated,
)
from crmbridge.salesmanago._calls import ask, list_all
from crmbridge.salesmanago._readback import folded, written_contact
from crmbridge.salesmanago._writes import is_harmless_twice, shared_body
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.records import SalesmanagoContact
from crmbridge.salesmanago.results import WriteResult, WriteStatus

__all__ = ["batch_upsert_later", "check_upserts", "wait_for_upserts"]

_PATH: Final = "contact/batchupsertv2"
_UNSEEN: Final = WriteResult(WriteStatus.UNKNOWN)


def batch_upsert_later(
    account: Account,
    details: Iterable[ContactDetails],
    *,
    owner: str | None = None,
    double_opt_in: bool = False,
    language: str | None = None,
    fire_events: bool = False,
    extra_requests: int = EXTRA_REQUESTS,
) -> Call[tuple[WriteResult, ...]]:
    """Have contacts written later; see `SalesmanagoClient.batch_upsert_later`."""
    rows = tuple(details)
    refuse_repeated(rows)
    if any(row.new_email for row in rows):
        raise InvalidInputError(
            "a contact cannot be renamed later, as nobody tells how it ends; rename "
            "it by itself",
            service="salesmanago",
            field="new_email",
        )
    shared = {
        **shared_body(
            account, owner=owner, double_opt_in=double_opt_in, language=language
        ),
        "fireEvents": fire_events,
    }

    def together(part: Sequence[ContactDetails]) -> Call[tuple[WriteResult, ...]]:
        return _send(account, part, shared)

    def alone(row: ContactDetails) -> Call[WriteResult]:
        (result,) = yield from _send(account, [row], shared)
        return result

    sender = Sender(rows, together, alone, double_opt_in)
    return (yield from in_parts(account, sender, extra_requests))


def _send(
    account: Account, rows: Sequence[ContactDetails], shared: Mapping[str, Any]
) -> Call[tuple[WriteResult, ...]]:
    body = {**shared, "upsertDetails": [row.body() for row in rows]}
    is_repeatable = is_harmless_twice(rows, double_opt_in=shared["useApiDoubleOptIn"])
    answer = yield from ask(account, _PATH, body, is_repeatable=is_repeatable)
    request_id: object = answer.payload.get("requestId")
    if not isinstance(request_id, int | str) or not str(request_id):
        raise MalformedReplyError(
            f"{_PATH}: the answer holds no requestId", service="salesmanago", status=200
        )
    result = WriteResult(WriteStatus.ACCEPTED, request_id=str(request_id))
    return (result,) * len(rows)


def check_upserts(
    account: Account, details: Iterable[ContactDetails], *, double_opt_in: bool = False
) -> Call[tuple[WriteResult, ...]]:
    """Look what was written; see `SalesmanagoClient.check_upserts`."""
    rows = tuple(details)
    emails = [row.email for row in rows]
    emails += [row.new_email for row in rows if row.new_email]
    cards: dict[str, list[SalesmanagoContact]] = {}
    for card in (yield from list_all(account, emails)):
        cards.setdefault(folded(card.email), []).append(card)
    results: list[WriteResult] = []
    for row in rows:
        keys = {folded(row.email), folded(row.new_email or row.email)}
        found = [card for key in keys for card in cards.get(key, ())]
        written = written_contact(row, found, double_opt_in=double_opt_in)
        results.append(
            _UNSEEN if written is None else WriteResult(WriteStatus.SUCCESS, written.id)
        )
    return tuple(results)


def wait_for_upserts(
    account: Account,
    details: Iterable[ContactDetails],
    *,
    double_opt_in: bool = False,
    timeout_seconds: float = 1800.0,
) -> Call[tuple[WriteResult, ...]]:
    """Wait for writes; see `SalesmanagoClient.wait_for_upserts`."""
    rows = tuple(details)
    seen: dict[int, WriteResult] = {}

    def look() -> Call[tuple[WriteResult, ...] | None]:
        unseen = [place for place in range(len(rows)) if place not in seen]
        results = yield from check_upserts(
            account, [rows[place] for place in unseen], double_opt_in=double_opt_in
        )
        pairs = zip(unseen, results, strict=True)
        seen.update((place, result) for place, result in pairs if result.is_success)
        if len(seen) < len(rows):
            return None
        return tuple([seen[place] for place in range(len(rows))])

    return (
        yield from until_answered(
            look,
            timeout_seconds=timeout_seconds,
            service="salesmanago",
            what="the writing of contacts",
        )
    )
