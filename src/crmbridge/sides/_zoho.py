"""Zoho CRM as the engine sees it: calls and a mapper put together.

Floor 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from crmbridge._steps import Call, clock, gather
from crmbridge.config import ZohoConfig
from crmbridge.errors import InvalidInputError, RefusedError
from crmbridge.mapping import NormalForms, ZohoMapper
from crmbridge.reconcile.records import (
    ZOHO,
    Edit,
    FeedPage,
    Fit,
    Outcome,
    Position,
    Ref,
    Seen,
    SideFacts,
)
from crmbridge.sides._zoho_accounts import Accounts
from crmbridge.sides._zoho_jobs import (
    CONTACTS,
    LEADS,
    Desk,
    fit,
    record_of,
    ref_of,
    version_of,
)
from crmbridge.sides._zoho_known import Known, MapperSettings, learn
from crmbridge.sides._zoho_write import write
from crmbridge.zoho import _calls, _deletions
from crmbridge.zoho.records import ZohoRecord

__all__ = ["ZohoSide"]

_REMEMBERED_SECONDS: Final = 24 * 3600.0
_DELETED: Final = "/deleted"
_FEEDS: Final = (LEADS, CONTACTS, LEADS + _DELETED, CONTACTS + _DELETED)
_BOTH: Final = "both"
# After one of these a page token is of no more use. Source: Zoho CRM API v7,
# "Get Records".
_START_AGAIN: Final = frozenset({"TOKEN_BOUND_DATA_MISMATCH", "EXPIRED_VALUE"})


class ZohoSide:
    """Reads and writes the leads and contacts of one organisation.

    It follows `crmbridge.reconcile.ports.Side`.
    A prospect is a lead and a client a contact; a converted lead is seen as
    having become its contact.
    The company of a contact is an account; it is found by its name in normal
    form or made, and never renamed.

    Args:
        config: which organisation, and how to ask it.
        birthday_fields: by module, a custom date field for the birthday.
            Without one, contacts use ``Date_of_Birth`` and leads hold none.
        phone_opt_out_fields: by module, a custom boolean field that is true
            where a person must not be called.
        normal: how values are compared.

    >>> config = ZohoConfig(client_id="c", client_secret="s", refresh_token="r")
    >>> ZohoSide(config).feeds
    ('Leads', 'Contacts', 'Leads/deleted', 'Contacts/deleted')
    """

    def __init__(
        self,
        config: ZohoConfig,
        *,
        birthday_fields: Mapping[str, str] | None = None,
        phone_opt_out_fields: Mapping[str, str] | None = None,
        normal: NormalForms | None = None,
    ) -> None:
        self._config = config
        self._settings = MapperSettings(
            dict(birthday_fields or {}),
            dict(phone_opt_out_fields or {}),
            normal or NormalForms(),
        )
        self._known: Known | None = None
        self._accounts = Accounts(config, self._settings.normal)

    @property
    def name(self) -> Literal["zoho"]:
        """Which side it is."""
        return ZOHO

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of its change feeds."""
        return _FEEDS

    # --- what has to be known first ---

    def connect(self) -> Call[SideFacts]:
        """Learn the users and the fields; remembered for a day.

        Costs four requests a day, and one more without ``config.owner``.

        Raises:
            ConfigError: ``config.owner`` is no active user, or Zoho names no
                fields for e-mail and last name.
            MalformedReplyError: Zoho does not tell how long texts may be.
            PermissionDeniedError: the token lacks a scope, such as
                ``ZohoCRM.users.READ`` or ``ZohoCRM.settings.fields.READ``.
        """
        self._accounts.forget()
        known = yield from self._learn()
        return known.facts

    def _learn(self) -> Call[Known]:
        now = yield from clock()
        known = self._known
        if known and now.ticks_seconds - known.at_seconds < _REMEMBERED_SECONDS:
            return known
        known = yield from learn(self._config, self._settings, now.ticks_seconds)
        self._accounts.owner_id = known.main_owner_id
        self._known = known
        return known

    def _mapper_now(self) -> ZohoMapper:
        if self._known is None:
            raise InvalidInputError("connect the side before it is used", service=ZOHO)
        return self._known.mapper

    # --- reading ---

    def page(
        self, feed: str, *, since: datetime | None, position: Position | None
    ) -> Call[FeedPage]:
        """Read one page of a feed: 200 records that changed or were deleted.

        Costs one request.
        A position that Zoho takes no more begins the feed again.

        Raises:
            InvalidInputError: there is no such feed.
            RefusedError: more than 100,000 records changed
                (``PAGINATION_LIMIT_EXCEEDED``).
        """
        if feed not in _FEEDS:
            raise InvalidInputError("Zoho has no such feed", field="feed")
        known = yield from self._learn()
        if position is not None:
            # Each page is asked with the very same If-Modified-Since.
            since = _time_in(position)
        if feed.endswith(_DELETED):
            return (yield from self._deleted_page(feed, since, position))
        token = None if position is None else str(position["token"])
        try:
            return (yield from self._records_page(known.mapper, feed, since, token))
        except RefusedError as error:
            if token is None or error.code not in _START_AGAIN:
                raise
        return (yield from self._records_page(known.mapper, feed, since, None))

    def _records_page(
        self,
        mapper: ZohoMapper,
        module: str,
        since: datetime | None,
        token: str | None,
    ) -> Call[FeedPage]:
        page = yield from _calls.records_page(
            self._config,
            module,
            fields=mapper.wire_names(module),
            page_token=token,
            modified_since=since,
            converted=_converted(module),
        )
        seen = [one for record in page.records if (one := self._seen(mapper, record))]
        following = None
        if page.next_page_token is not None:
            following = {**_since_in(since), "token": page.next_page_token}
        gone = [ref_of(record) for record in page.records if _is_lost(record)]
        return FeedPage(
            seen=tuple(seen),
            gone=tuple(gone),
            following=following,
            server_time=page.server_time,
        )

    def _deleted_page(
        self, feed: str, since: datetime | None, position: Position | None
    ) -> Call[FeedPage]:
        module = feed.removesuffix(_DELETED)
        number = 1 if position is None else int(position["page"])
        page = yield from _deletions.deleted_page(
            self._config, module, modified_since=since, page=number
        )
        following = None
        if page.next_page is not None:
            following = {**_since_in(since), "page": page.next_page}
        return FeedPage(
            gone=tuple([Ref(ZOHO, module, record.id) for record in page.records]),
            following=following,
            server_time=page.server_time,
        )

    def read(self, refs: Sequence[Ref]) -> Call[tuple[Seen | None, ...]]:
        """Read records by id, by position; ``None`` where none is visible.

        Costs one request for every 100 records of a module.
        """
        known = yield from self._learn()
        ids = {
            module: [ref.id for ref in refs if ref.kind == module]
            for module in (LEADS, CONTACTS)
        }
        answers = yield from gather(
            [
                _calls.by_ids(
                    self._config,
                    module,
                    wanted,
                    fields=known.mapper.wire_names(module),
                    converted=_converted(module),
                )
                for module, wanted in ids.items()
            ],
            len(ids),
        )
        seen = {
            ref_of(record): self._seen(known.mapper, record)
            for found in answers
            for record in found
            if record is not None
        }
        return tuple([seen.get(ref) for ref in refs])

    def find(self, emails: Sequence[str]) -> Call[tuple[Seen, ...]]:
        """Give nothing: creates look for the address themselves; no request."""
        del emails
        yield from ()
        return ()

    def recall(self, ref: Ref, payload: Mapping[str, object]) -> Seen:
        """Make a record again from the payload it was seen with.

        Raises:
            InvalidInputError: the side was not connected before.
        """
        return _seen_of(self._mapper_now(), record_of(ref, payload))

    def _seen(self, mapper: ZohoMapper, record: ZohoRecord) -> Seen | None:
        if _is_lost(record):
            return None
        self._accounts.learn(record)
        return _seen_of(mapper, record)

    # --- writing ---

    def fit(self, edit: Edit) -> Fit:
        """Tell what an edit would change, and what cannot be held.

        Raises:
            InvalidInputError: the side was not connected before.
        """
        return fit(self._mapper_now(), edit)

    def write(self, edits: Sequence[Edit]) -> Call[tuple[Outcome, ...]]:
        """Write records, in as few requests as may be; outcomes by position.

        Costs one request for every 100 records of a module, for creates and
        for updates; one for each conversion; and, where a company is met that
        no contact seen in this run has, one for every 200 accounts once a run,
        and one for every 100 new accounts.

        Raises:
            AuthenticationError: the credentials are not accepted.
            PermissionDeniedError: a right or an OAuth scope is missing.
            ThrottledError: Zoho went on asking to slow down.
        """
        known = yield from self._learn()
        desk = Desk(self._config, known.mapper, self._accounts)
        return (yield from write(desk, edits))


def _seen_of(mapper: ZohoMapper, record: ZohoRecord) -> Seen:
    payload: Mapping[str, Any] = record.fields
    contact_id = record.converted_contact_id if record.is_converted else None
    return Seen(
        ref_of(record),
        mapper.to_contact(record),
        payload,
        version_of(record.modified_at),
        became=None if contact_id is None else Ref(ZOHO, CONTACTS, contact_id),
    )


def _is_lost(record: ZohoRecord) -> bool:
    """Tell whether a lead was converted into a contact that is gone since."""
    return record.is_converted and record.converted_contact_id is None


def _converted(module: str) -> str | None:
    return _BOTH if module == LEADS else None


def _since_in(since: datetime | None) -> dict[str, str]:
    return {} if since is None else {"since": since.isoformat()}


def _time_in(position: Position) -> datetime | None:
    text = position.get("since")
    return None if text is None else datetime.fromisoformat(text)
