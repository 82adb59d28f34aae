"""The writing calls of Zoho CRM: batches cut, answers put back in order.

Floor 4.

What is learned is never lost: when some batches of a call were answered and
others not, the records of the others get the result ``UNKNOWN`` or ``UNSENT``;
only a call of which no batch was answered raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from crmbridge._steps import Call, Request, gather
from crmbridge.config import ZohoConfig
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    CrmbridgeError,
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    ThrottledError,
)
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._calls import API, cut, module_path
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import converted, write_results
from crmbridge.zoho.results import ConvertResult, WriteResult, WriteStatus

__all__ = ["convert", "delete", "insert", "update", "upsert"]

Record: TypeAlias = Mapping[str, object]

# After one of these, further requests would fail in the same way.
_HOPELESS: Final = (AuthenticationError, PermissionDeniedError, ThrottledError)
_NOT_CARRIED_OUT: Final = (*_HOPELESS, ConnectionFailedError, RefusedError)


def insert(
    config: ZohoConfig,
    module: str,
    records: Sequence[Record],
    *,
    trigger: Sequence[str] = (),
    is_repeatable: bool = False,
) -> Call[tuple[WriteResult, ...]]:
    """Make new records; see `ZohoClient.insert`.

    Args:
        config: whose records.
        module: their module.
        records: payloads.
        trigger: what Zoho does besides.
        is_repeatable: a unique field keeps the records from being made twice.
    """
    path = module_path(module)
    requests = [
        Request(ZOHO, "POST", path, name=f"{module} insert", json=body)
        for body in _bodies(records, trigger)
    ]
    return (yield from _write(config, requests, is_repeatable=is_repeatable))


def update(
    config: ZohoConfig,
    module: str,
    records: Sequence[Record],
    *,
    trigger: Sequence[str] = (),
) -> Call[tuple[WriteResult, ...]]:
    """Change records by their ids; see `ZohoClient.update`."""
    _check_ids([record.get("id") for record in records])
    path = module_path(module)
    requests = [
        Request(ZOHO, "PUT", path, name=f"{module} update", json=body)
        for body in _bodies(records, trigger)
    ]
    return (yield from _write(config, requests, is_repeatable=True))


def upsert(
    config: ZohoConfig,
    module: str,
    records: Sequence[Record],
    *,
    duplicate_check_fields: Sequence[str] = ("Email",),
    trigger: Sequence[str] = (),
) -> Call[tuple[WriteResult, ...]]:
    """Change records that exist, make the others; see `ZohoClient.upsert`."""
    path = f"{module_path(module)}/upsert"
    check = list(duplicate_check_fields)
    requests = [
        Request(
            ZOHO,
            "POST",
            path,
            name=f"{module} upsert",
            json={**body, "duplicate_check_fields": check},
        )
        for body in _bodies(records, trigger)
    ]
    return (yield from _write(config, requests, is_repeatable=True))


def delete(
    config: ZohoConfig, module: str, ids: Sequence[str], *, run_workflows: bool = False
) -> Call[tuple[WriteResult, ...]]:
    """Move records to the recycle bin; see `ZohoClient.delete`."""
    _check_ids(ids)
    trigger = "true" if run_workflows else "false"
    requests = [
        Request(
            ZOHO,
            "DELETE",
            module_path(module),
            name=f"{module} delete",
            query={"ids": ",".join(part), "wf_trigger": trigger},
        )
        for part in cut(ids)
    ]
    return (yield from _write(config, requests, is_repeatable=True))


def convert(
    config: ZohoConfig,
    lead_id: str,
    *,
    contact_id: str | None = None,
    account_id: str | None = None,
    assign_to: str | None = None,
    overwrite: bool = False,
) -> Call[ConvertResult]:
    """Turn a lead into a contact; see `ZohoClient.convert`."""
    _check_ids([lead_id])
    named = {"Contacts": contact_id, "Accounts": account_id, "assign_to": assign_to}
    element: dict[str, Any] = {
        name: {"id": value} for name, value in named.items() if value is not None
    }
    if overwrite:
        element["overwrite"] = True
    request = Request(
        ZOHO,
        "POST",
        f"{API}/Leads/{lead_id}/actions/convert",
        name="Leads convert",
        json={"data": [element]},
    )
    reply = yield from authorised(request, config, is_repeatable=False)
    try:
        return converted(reply, request.name)
    except MalformedReplyError as error:
        raise _unknown(request.name) from error


# --- batches -----------------------------------------------------------------


@frozen
class _Batch:
    """The answer to one batch, or why there is none."""

    size: int
    results: tuple[WriteResult, ...] = ()
    error: CrmbridgeError | None = None

    def by_position(self) -> tuple[WriteResult, ...]:
        """Give a result for each record of the batch."""
        if self.error is None:
            return self.results
        is_unsent = isinstance(self.error, _NOT_CARRIED_OUT)
        status = WriteStatus.UNSENT if is_unsent else WriteStatus.UNKNOWN
        code = self.error.code or ""
        return (WriteResult(status, code, error=self.error),) * self.size


def _write(
    config: ZohoConfig, requests: Sequence[Request], *, is_repeatable: bool
) -> Call[tuple[WriteResult, ...]]:
    hopeless: list[CrmbridgeError] = []
    batches = yield from gather(
        [
            _batch(config, request, hopeless, is_repeatable=is_repeatable)
            for request in requests
        ],
        config.limits.max_in_flight,
    )
    failed = [batch.error for batch in batches if batch.error is not None]
    if failed and len(failed) == len(batches):
        raise failed[0]
    return tuple(result for batch in batches for result in batch.by_position())


def _batch(
    config: ZohoConfig,
    request: Request,
    hopeless: list[CrmbridgeError],
    *,
    is_repeatable: bool,
) -> Call[_Batch]:
    """Write one batch; its error is a value, so that no other batch is lost."""
    size = _size(request)
    if hopeless:
        return _Batch(size, error=hopeless[0])
    try:
        reply = yield from authorised(request, config, is_repeatable=is_repeatable)
        return _Batch(size, write_results(reply, size, request.name))
    except MalformedReplyError as error:
        if is_repeatable:
            return _Batch(size, error=error)
        unknown = _unknown(request.name)
        unknown.__cause__ = error
        return _Batch(size, error=unknown)
    except CrmbridgeError as error:
        if isinstance(error, _HOPELESS):
            hopeless.append(error)
        return _Batch(size, error=error)


def _size(request: Request) -> int:
    if request.json is None:
        return request.query["ids"].count(",") + 1
    return len(request.json["data"])


def _unknown(what: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"{what}: the answer cannot be read, so it may or may not have been carried "
        "out; read the record before writing again",
        service=ZOHO,
    )


def _bodies(
    records: Sequence[Record], trigger: Sequence[str]
) -> Iterable[dict[str, Any]]:
    # An absent trigger would fire all workflows, an empty one fires none.
    for part in cut(records):
        yield {"data": [dict(record) for record in part], "trigger": list(trigger)}


def _check_ids(ids: Sequence[object]) -> None:
    if not all(isinstance(i, str) and i.isascii() and i.isdigit() for i in ids):
        raise InvalidInputError(
            "each record needs its id, a text of digits", service=ZOHO, field="id"
        )
    if len(set(ids)) != len(ids):
        raise InvalidInputError(
            "one id comes twice; which write wins would be chance",
            service=ZOHO,
            field="id",
        )
