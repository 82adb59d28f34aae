"""The accounts of Zoho that contacts belong to: one for each company's name.

Floor 7.
An account is found by its name in normal form, or made; it is never renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

from crmbridge._steps import Call
from crmbridge.config import ZohoConfig
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
)
from crmbridge.mapping import NormalForms
from crmbridge.zoho import _calls, _writes
from crmbridge.zoho.records import ZohoRecord, lookup_id
from crmbridge.zoho.results import WriteResult, WriteStatus

__all__ = ["Accounts"]

_NAME: Final = "Account_Name"
_UNANSWERED: Final = (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
)


class Accounts:
    """The ids of accounts by name, as far as they are known in this run.

    Args:
        config: whose accounts.
        normal: how names are compared.

    Attributes:
        owner_id: who gets new accounts; ``None`` leaves that to Zoho.
    """

    def __init__(self, config: ZohoConfig, normal: NormalForms) -> None:
        self._config = config
        self._normal = normal
        self._ids: dict[str, str] = {}
        self._refused: set[str] = set()
        self._are_listed = False
        self.owner_id: str | None = None

    def forget(self) -> None:
        """Begin a run: accounts may have been renamed or deleted since."""
        self._ids.clear()
        self._refused.clear()
        self._are_listed = False

    def learn(self, record: ZohoRecord) -> None:
        """Remember the account of a contact that was read."""
        account = record.fields.get(_NAME)
        if isinstance(account, Mapping):
            name = cast("Mapping[str, object]", account).get("name")
            self._note(name, lookup_id(cast("object", account)))

    def id_of(self, name: str) -> str | None:
        """Give the id of the account with a name, as far as it is known."""
        return self._ids.get(self._key(name))

    def is_refused(self, name: str) -> bool:
        """Tell whether Zoho takes no account with this name."""
        return self._key(name) in self._refused

    def provide(self, names: Iterable[str]) -> Call[None]:
        """Find the accounts with these names, and make those that are missing.

        What could not be found out stays unknown: neither `id_of` nor
        `is_refused`.
        """
        missing = self._missing(names)
        try:
            if missing and not self._are_listed:
                yield from self._list()
                missing = self._missing(missing.values())
            if missing:
                yield from self._make(missing)
        except _UNANSWERED:
            return

    def _missing(self, names: Iterable[str]) -> dict[str, str]:
        wanted = {self._key(name): name for name in names}
        known = self._ids.keys() | self._refused
        return {key: name for key, name in wanted.items() if key not in known}

    def _list(self) -> Call[None]:
        token: str | None = None
        while True:
            page = yield from _calls.records_page(
                self._config, "Accounts", fields=(_NAME,), page_token=token
            )
            for record in page.records:
                self._note(record.fields.get(_NAME), record.id)
            token = page.next_page_token
            if token is None:
                self._are_listed = True
                return

    def _make(self, missing: Mapping[str, str]) -> Call[None]:
        owner = {} if self.owner_id is None else {"Owner": {"id": self.owner_id}}
        records = [{_NAME: name.strip(), **owner} for name in missing.values()]
        try:
            results = yield from _writes.insert(self._config, "Accounts", records)
        except OutcomeUnknownError:
            self._are_listed = False  # look again before making them twice
            raise
        except RefusedError:
            self._refused.update(missing)
            return
        for key, result in zip(missing, results, strict=True):
            self._take(key, result)

    def _take(self, key: str, result: WriteResult) -> None:
        account_id = result.id or result.existing_id
        if account_id is not None:
            self._ids.setdefault(key, account_id)
        elif result.status is WriteStatus.REFUSED:
            self._refused.add(key)
        else:
            self._are_listed = False

    def _note(self, name: object, account_id: str | None) -> None:
        if isinstance(name, str) and name.strip() and account_id is not None:
            self._ids.setdefault(self._key(name), account_id)

    def _key(self, name: str) -> str:
        return self._normal("company", name) or ""
