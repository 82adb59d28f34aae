"""What is asked of SALESmanago while something goes wrong: every call once.

A new call of the client gets a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from crmbridge.errors import RefusedError
from crmbridge.salesmanago import (
    Addressee,
    ConsentChange,
    ContactDetails,
    ExportPart,
    Presence,
)
from crmbridge.testing import SalesmanagoFake
from tests.salesmanago.fault_matrix import BOB, IN, NEW, OUT, Kind, Operation

__all__ = ["OPERATIONS"]


def _read(name: str, act: Callable[[Any, str], Iterable[Any]]) -> Operation:
    def count(client: Any, card: str) -> int:
        return sum(1 for _ in act(client, card))

    return Operation(name, Kind.READ, count, lambda _: 1)


def _yesterday(client: Any) -> datetime:
    now: datetime = client.runtime.clock().at
    return now - timedelta(days=1)


def _window(client: Any) -> dict[str, Any]:
    start = _yesterday(client)
    return {"start": start, "end": start + timedelta(days=2)}


def _shows(email: str, name: str, value: object) -> Callable[[SalesmanagoFake], int]:
    return lambda fake: int(fake.people.get(email)[name] == value)


def _score(fake: SalesmanagoFake) -> int:
    (tag,) = fake.people.get(OUT)["contactTags"]
    return int(tag["score"]) - 1


def _is_there(email: str) -> Callable[[SalesmanagoFake], int]:
    return lambda fake: int(email in fake.people)


def _mails(fake: SalesmanagoFake) -> int:
    return len(fake.confirmation_mails)


_ADDED: Final = ContactDetails(NEW, {"name": "New"})
_CHANGED: Final = ContactDetails(OUT, {"phone": "600"})
_ASKED: Final = ContactDetails(OUT, email_consent=ConsentChange.IN)
_SCORED: Final = ContactDetails(OUT, tags=("VIP",), tag_scoring=True)
_GIVEN: Final = ContactDetails(OUT, {"name": "Out"})
_RENAMED: Final = ContactDetails(OUT, new_email=NEW)


def _batch(client: Any, *details: ContactDetails, **options: Any) -> None:
    """Write a batch; raise what became of the first record that was not written."""
    for result in client.batch_upsert(details, **options):
        if result.error is not None:
            raise result.error


def _later(client: Any) -> None:
    """Have a batch written later, and wait for it."""
    (result,) = client.batch_upsert_later([_CHANGED])
    if result.error is not None:
        raise result.error
    client.wait_for_upserts([_CHANGED])


def _deleted(presences: Iterable[Presence]) -> None:
    """Raise where somebody was not deleted."""
    if any(presence.is_alive for presence in presences):
        raise RefusedError("not deleted")


def _is_gone(fake: SalesmanagoFake) -> int:
    return int(OUT not in fake.people or fake.people.get(OUT)["deleted"])


READS: Final = (
    _read("users", lambda client, _: client.users()),
    _read("has contact", lambda client, _: client.has_contact(OUT) or ""),
    _read("basic", lambda client, _: client.basic([OUT])),
    _read("basic by id", lambda client, card: client.basic_by_id([card])),
    _read("list", lambda client, _: client.list_all([OUT, IN])),
    _read("list by id", lambda client, card: client.list_all_by_id([card])),
    _read("owned list", lambda client, _: client.list_owned([OUT])),
    _read("owned list by id", lambda client, card: client.list_owned_by_id([card])),
    _read(
        "created", lambda client, _: client.created_contacts(**_window(client)).contacts
    ),
    _read(
        "modified",
        lambda client, _: client.modified_contacts(**_window(client)).contacts,
    ),
    _read(
        "page of modified",
        lambda client, _: client.modified_contacts_page(**_window(client)).contacts,
    ),
    _read(
        "changed ids", lambda client, _: client.changed_ids(since=_yesterday(client))
    ),
    _read(
        "changed contacts",
        lambda client, _: client.changed_contacts(since=_yesterday(client)),
    ),
    _read(
        "pages of changed ids",
        lambda client, _: client.changed_id_pages(since=_yesterday(client)),
    ),
    _read(
        "pages of changed contacts",
        lambda client, _: client.changed_contact_pages(since=_yesterday(client)),
    ),
    _read("everybody", lambda client, _: client.contacts()),
    _read("presence", lambda client, _: [client.presence(OUT)]),
    _read("presences by id", lambda client, card: client.presences_by_id([card])),
    _read("check of writes", lambda client, _: client.check_upserts([_GIVEN])),
    _read("wait for writes", lambda client, _: client.wait_for_upserts([_GIVEN])),
    _read("tags", lambda client, _: client.tags()),
    _read("page of an export", lambda client, _: client.exports.contacts_page(1)),
    _read("export", lambda client, _: client.exports.contacts()),
    _read(
        "export of data",
        lambda client, _: client.exports.data([Addressee.email(IN)], [ExportPart.TAGS]),
    ),
)
WRITES: Final = (
    Operation(
        "upsert of a new one",
        Kind.AGAIN,
        lambda client, _: client.upsert(_ADDED),
        _is_there(NEW),
        made=1,
    ),
    Operation(
        "upsert of one that is there",
        Kind.AGAIN,
        lambda client, _: client.upsert(_CHANGED),
        _shows(OUT, "phone", "600"),
    ),
    Operation(
        "upsert that sends a mail",
        Kind.ONCE,
        lambda client, _: client.upsert(_ASKED, double_opt_in=True),
        _mails,
    ),
    Operation(
        "upsert that raises a score",
        Kind.ONCE,
        lambda client, _: client.upsert(_SCORED),
        _score,
    ),
    Operation(
        "upsert that renames",
        Kind.ONCE,
        lambda client, _: client.upsert(_RENAMED),
        _is_there(NEW),
    ),
    Operation(
        "batch",
        Kind.HALVED,
        lambda client, _: _batch(client, _ADDED, _CHANGED),
        _is_there(NEW),
        made=1,
    ),
    Operation(
        "batch that sends a mail",
        Kind.ONCE,
        lambda client, _: _batch(client, _ASKED, double_opt_in=True),
        _mails,
    ),
    Operation(
        "batch that raises a score",
        Kind.ONCE,
        lambda client, _: _batch(client, _SCORED),
        _score,
    ),
    Operation(
        "opt-in",
        Kind.AGAIN,
        lambda client, _: client.opt_in(OUT),
        _shows(OUT, "optedOut", value=False),
    ),
    Operation(
        "opt-out",
        Kind.AGAIN,
        lambda client, _: client.opt_out(IN),
        _shows(IN, "optedOut", value=True),
    ),
    Operation(
        "opt-in of the phone",
        Kind.AGAIN,
        lambda client, _: client.phone_opt_in(OUT),
        _shows(OUT, "optedOutPhone", value=False),
    ),
    Operation(
        "opt-out of the phone",
        Kind.AGAIN,
        lambda client, _: client.phone_opt_out(IN),
        _shows(IN, "optedOutPhone", value=True),
    ),
    Operation(
        "insert",
        Kind.ONCE,
        lambda client, _: client.insert(_ADDED),
        _is_there(NEW),
        made=1,
    ),
    Operation(
        "update",
        Kind.AGAIN,
        lambda client, _: client.update(_CHANGED),
        _shows(OUT, "phone", "600"),
    ),
    Operation(
        "opt-in by id",
        Kind.AGAIN,
        lambda client, card: client.opt_in_by_id(card),
        _shows(OUT, "optedOut", value=False),
    ),
    Operation(
        "opt-out by id",
        Kind.AGAIN,
        lambda client, _: client.opt_out_by_id(client.has_contact(IN)),
        _shows(IN, "optedOut", value=True),
        path="*/optout",
    ),
    Operation(
        "opt-in of the phone by id",
        Kind.AGAIN,
        lambda client, card: client.phone_opt_in_by_id(card),
        _shows(OUT, "optedOutPhone", value=False),
    ),
    Operation(
        "opt-out of the phone by id",
        Kind.AGAIN,
        lambda client, _: client.phone_opt_out_by_id(client.has_contact(IN)),
        _shows(IN, "optedOutPhone", value=True),
        path="*/phoneoptout",
    ),
    Operation(
        "opt-in of many",
        Kind.AGAIN,
        lambda client, _: client.opt_in_many([OUT, NEW]),
        _shows(OUT, "optedOut", value=False),
    ),
    Operation(
        "opt-out of many",
        Kind.AGAIN,
        lambda client, _: client.opt_out_many([NEW, IN]),
        _shows(IN, "optedOut", value=True),
    ),
    Operation(
        "note",
        Kind.ONCE,
        lambda client, _: client.add_note(OUT, "Called"),
        lambda fake: len(fake.people.notes(OUT)),
    ),
    Operation(
        "delete",
        Kind.LOOKED_AFTER,
        lambda client, _: client.delete(OUT, permanently=True),
        lambda fake: int(OUT not in fake.people),
        made=-1,
    ),
)
GUARDED: Final = tuple(
    Operation(f"{name}, {where}", Kind.GUARDED, act, done, path=path)
    for name, write_path, act, done in (
        (
            "rename",
            "*/upsert",
            lambda client, _: client.rename(OUT, NEW),
            _is_there(NEW),
        ),
        (
            "clear",
            "*/upsert",
            lambda client, _: client.clear(OUT, ["name"]),
            _shows(OUT, "name", None),
        ),
        (
            "guarded upsert",
            "*/upsert",
            lambda client, card: client.upsert_if_alive(card, _CHANGED),
            _shows(OUT, "phone", "600"),
        ),
        (
            "move",
            "*/setMainOwner",
            lambda client, _: client.move_owner(OUT, to=BOB),
            _shows(OUT, "mainContactOwner", BOB),
        ),
        (
            "move that is not looked after",
            "*/setMainOwner",
            lambda client, _: client.set_main_owner(OUT, new_owner=BOB),
            _shows(OUT, "mainContactOwner", BOB),
        ),
        (
            "batch for later",
            "*/batchupsertv2",
            lambda client, _: _later(client),
            _shows(OUT, "phone", "600"),
        ),
        (
            "delete of many",
            "*/batchDelete",
            lambda client, _: _deleted(client.delete_many([OUT])),
            _is_gone,
        ),
        (
            "delete of many by id",
            "*/batchDelete",
            lambda client, card: _deleted(client.delete_many_by_id([card])),
            _is_gone,
        ),
    )
    for where, path in (("first", "/api/*"), ("writing", write_path))
)
OPERATIONS: Final = (*READS, *WRITES, *GUARDED)
