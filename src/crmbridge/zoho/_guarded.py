"""The update of one record that nobody else has changed meanwhile.

Floor 4.

A lost answer is the hard part: had the attempt been carried out, a second one
would be refused with ``ALREADY_MODIFIED``, though nobody else wrote.
So after a lost answer the record is read back. It is sent again only where
nothing has changed, and called stale only where no attempt of ours was lost.

Source: Zoho CRM API v7, "Update Records": the header ``If-Unmodified-Since``.
Unverified: what the header does to a batch; one record is sent at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from attrs import evolve, frozen

from crmbridge._steps import Call, Request, clock, draw, pause
from crmbridge.config import ZohoConfig
from crmbridge.errors import (
    CrmbridgeError,
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
    StaleError,
)
from crmbridge.zoho._auth import NoToken, attempt, authorised
from crmbridge.zoho._batches import unreadable
from crmbridge.zoho._calls import module_path
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import listing_of, time_of, write_results
from crmbridge.zoho._writes import Record, check_ids, writing_body, writing_request
from crmbridge.zoho.credits import CALL
from crmbridge.zoho.records import ZohoRecord, read_record
from crmbridge.zoho.results import WriteResult, WriteStatus

__all__ = ["shows", "update_if_unmodified"]


@frozen
class _Edit:
    """What is to be written, and until when the record may have changed."""

    module: str
    record_id: str
    values: Record
    since: datetime
    request: Request


def update_if_unmodified(
    config: ZohoConfig,
    module: str,
    record: Record,
    *,
    unmodified_since: datetime,
    trigger: Sequence[str] = (),
    skip_features: Sequence[str] = (),
) -> Call[WriteResult]:
    """Change a record as it was read; see `ZohoClient.update_if_unmodified`."""
    body = writing_body(trigger, skip_features)
    edit = _edit(module, record, unmodified_since, body)
    try:
        return (yield from _sent(config, edit))
    except OutcomeUnknownError as error:
        return (yield from _after_loss(config, edit, error))


def _edit(
    module: str, record: Record, since: datetime, body: Mapping[str, Any]
) -> _Edit:
    check_ids([record.get("id")])
    if since.tzinfo is None:
        raise InvalidInputError(
            "unmodified_since must be aware, with a time zone",
            service=ZOHO,
            field="unmodified_since",
        )
    since = since.replace(microsecond=0)  # Zoho knows whole seconds
    record_id = str(record["id"])
    values = {name: value for name, value in record.items() if name != "id"}
    request = writing_request(
        "PUT",
        f"{module_path(module)}/{record_id}",
        f"{module} guarded update",
        {**body, "data": [values]},
    )
    guard = {"If-Unmodified-Since": since.isoformat(timespec="seconds")}
    return _Edit(module, record_id, values, since, evolve(request, headers=guard))


def _sent(config: ZohoConfig, edit: _Edit) -> Call[WriteResult]:
    """Send it once.

    Raises:
        StaleError: the record was changed, by this or by another attempt.
        OutcomeUnknownError: the attempt may have been carried out.
        CrmbridgeError: it was not carried out.
    """
    what = edit.request.name
    reply = yield from attempt(edit.request, config, is_repeatable=False)
    if isinstance(reply, NoToken):
        raise reply.error
    try:
        (result,) = write_results(reply, 1, what, ids=[edit.record_id])
    except (MalformedReplyError, ServiceError) as error:
        raise unreadable(what, error) from error
    if result.error is None:
        return result
    if result.status is WriteStatus.UNKNOWN:
        raise unreadable(what, result.error)
    raise result.error


def _after_loss(
    config: ZohoConfig, edit: _Edit, lost: OutcomeUnknownError
) -> Call[WriteResult]:
    """Find out what became of an attempt, and send again what was not done.

    Raises:
        OutcomeUnknownError: the record was changed, and does not tell by whom.
        RefusedError: nothing was changed, and a later attempt was refused.
    """
    policy = config.retry
    started = yield from clock()
    for failures in range(1, policy.attempts + 1):
        found = yield from _read_back(config, edit, lost)
        if found is not None:
            return found
        delay = policy.delay_seconds(failures, (yield from draw()))
        spent = (yield from clock()).ticks_seconds - started.ticks_seconds
        if failures == policy.attempts or spent + delay > policy.total_seconds:
            break
        yield from pause(delay)
        try:
            return (yield from _sent(config, edit))
        except (OutcomeUnknownError, StaleError):
            continue  # a lost attempt may have come through by now
        except RefusedError:
            raise
        except CrmbridgeError as error:
            raise lost from error
    raise lost


def _read_back(
    config: ZohoConfig, edit: _Edit, lost: OutcomeUnknownError
) -> Call[WriteResult | None]:
    """Give the result if the record shows it; ``None`` if nothing has changed."""
    try:
        found = yield from _read(config, edit)
    except CrmbridgeError as error:
        raise lost from error
    modified = None if found is None else found.modified_at
    if found is None or modified is None:
        raise lost
    is_unmodified = modified <= edit.since
    if shows(found.fields, edit.values):
        # Whose change is the last one is not known, unless there is none.
        known = modified if is_unmodified else None
        return WriteResult(
            WriteStatus.SUCCESS, "SUCCESS", id=edit.record_id, modified_time=known
        )
    if is_unmodified:
        return None
    raise lost


def _read(config: ZohoConfig, edit: _Edit) -> Call[ZohoRecord | None]:
    what = f"{edit.module} read back"
    request = Request(ZOHO, "GET", edit.request.url, name=what, credits=CALL)
    reply = yield from authorised(request, config, is_repeatable=True)
    rows = listing_of(reply, "data", what).rows
    return read_record(edit.module, rows[0]) if rows else None


# --- whether a record shows what was sent -------------------------------------


def shows(fields: Mapping[str, object], values: Record) -> bool:
    """Tell whether a record shows the values that were sent to it.

    In doubt it does not: a field that is not shown, or in another form than is
    known here, counts as different.

    >>> shows({"Owner": {"id": "7", "name": "Ann"}}, {"Owner": {"id": "7"}})
    True
    """
    return all(
        name in fields and _is_same(fields[name], value)
        for name, value in values.items()
    )


def _is_same(shown: object, sent: object) -> bool:
    if _is_empty(shown) or _is_empty(sent):
        return _is_empty(shown) and _is_empty(sent)
    if isinstance(shown, dict):
        whole = cast("dict[str, object]", shown)
        if not isinstance(sent, Mapping):
            return whole.get("id") == sent
        parts = cast("Mapping[str, object]", sent)
        return all(_is_same(whole.get(name), part) for name, part in parts.items())
    if isinstance(shown, list) and isinstance(sent, (list, tuple)):
        return _are_same(cast("list[object]", shown), cast("Sequence[object]", sent))
    if isinstance(shown, str) and isinstance(sent, str):
        return _as_kept(shown) == _as_kept(sent)
    return shown == sent


def _is_empty(value: object) -> bool:
    return value is None or value is False or value in ("", [])


def _are_same(shown: Sequence[object], sent: Sequence[object]) -> bool:
    """Compare lists, such as tags, without their order."""
    return len(shown) == len(sent) and all(
        any(_is_same(one, other) for one in shown) for other in sent
    )


def _as_kept(text: str) -> object:
    """Give a text as it is stored: a time as an instant, blanks cut off."""
    return time_of(text) or text.strip().replace("\r\n", "\n")
