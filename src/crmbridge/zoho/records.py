"""The records of Zoho CRM as they come over the wire, typed.

Floor 1: values and their readers.

The rule of this module: everything received is kept as it was received; what
this library itself relies on is checked, and an answer of the wrong shape
raises an error that names the field and never shows its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import Any, Final, TypeAlias, cast

from attrs import field, frozen

from crmbridge._wire import WHOLE, from_key, wire, wire_converter
from crmbridge.contact import NotObserved
from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._payload import refuse

__all__ = [
    "UserRef",
    "ZohoRecord",
    "lookup_id",
    "read_record",
    "read_records",
]

Json: TypeAlias = dict[str, Any]
_ID_OF: Final = attrgetter("id")


# Unslotted, both of them: attrs then builds one in half the time, and a sweep
# builds hundreds of thousands.
@frozen(slots=False)
class UserRef:
    """A user as a record names him.

    Attributes:
        id: the user's id.
        name: the full name, where it was told.
        email: the e-mail, where it was told.
    """

    id: str = field(metadata=from_key("id"))
    name: str | None = wire("name", default=None)
    email: str | None = wire("email", default=None)


@frozen(slots=False)
class ZohoRecord:
    """A record of any module; ``repr`` shows the module and the id only.

    Attributes:
        module: the API name of its module, such as ``"Leads"``.
        id: a decimal string of up to 19 digits; never make a number of it.
        fields: the whole payload by API name as it was received, ``id`` and
            the ``$`` keys included.
        owner: ``Owner``; `NOT_OBSERVED` where the payload lacks it.
        modified_time: ``Modified_Time`` as text, in the zone of the user whose
            token was used; see `modified_at`.
        created_time: ``Created_Time`` as text; see `created_at`.
    """

    module: str
    id: str = field(metadata=from_key("id"))
    fields: Mapping[str, object] = field(
        factory=dict[str, object], repr=False, metadata=WHOLE
    )
    owner: UserRef | NotObserved | None = wire("Owner")
    modified_time: str | None = wire("Modified_Time", default=None)
    created_time: str | None = wire("Created_Time", default=None)

    @property
    def is_converted(self) -> bool:
        """Tell whether a lead was converted; it cannot be changed any more."""
        get = self.fields.get
        return get("Converted__s") is True or get("$converted") is True

    @property
    def modified_at(self) -> datetime | None:
        """The time of the last change (UTC), or ``None`` where it is not told.

        Raises:
            MalformedReplyError: the text is no time with an offset.
        """
        return _instant(self.modified_time, "Modified_Time")

    @property
    def created_at(self) -> datetime | None:
        """The time of creation (UTC), or ``None`` where it is not told.

        Raises:
            MalformedReplyError: the text is no time with an offset.
        """
        return _instant(self.created_time, "Created_Time")

    @property
    def converted_contact_id(self) -> str | None:
        """The contact that a converted lead became, where it is told."""
        return self._converted("Converted_Contact", "contact")

    @property
    def converted_account_id(self) -> str | None:
        """The account that a converted lead became, where it is told."""
        return self._converted("Converted_Account", "account")

    @property
    def converted_deal_id(self) -> str | None:
        """The deal that a converted lead became, where it is told."""
        return self._converted("Converted_Deal", "deal")

    def _converted(self, native: str, detail: str) -> str | None:
        # The native lookups are preferred: `$converted_detail` may lag behind.
        found = lookup_id(self.fields.get(native))
        if found is not None:
            return found
        details = self.fields.get("$converted_detail")
        if isinstance(details, Mapping):
            return lookup_id(cast("Mapping[str, object]", details).get(detail))
        return None


def lookup_id(value: object) -> str | None:
    """Give the id of a lookup, which old versions give as a plain string.

    >>> lookup_id({"id": "7", "name": "Acme"})
    '7'
    """
    if isinstance(value, Mapping):
        value = cast("Mapping[str, object]", value).get("id")
    return value if isinstance(value, str) and value else None


def read_record(module: str, raw: object) -> ZohoRecord:
    """Read one element of ``data``.

    Raises:
        MalformedReplyError: it is no object, has no id, or holds an owner or
            a time of the wrong type. The message names the field.

    >>> read_record("Leads", {"id": "7", "Last_Name": "Nowak"}).is_converted
    False
    """
    return read_records(module, (raw,))[0]


def read_records(module: str, rows: Iterable[object]) -> tuple[ZohoRecord, ...]:
    """Read the elements of ``data``; see `read_record`."""
    make = partial(ZohoRecord, module)
    owners: dict[Any, Any] = {}
    records: list[ZohoRecord] = [_structure(row, make, owners) for row in rows]
    if not all(map(_ID_OF, records)):
        refuse("record", "id")
    return tuple(records)


def _instant(text: str | None, name: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            refuse("record", name)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedReplyError(
            f"Zoho sent a record whose {name} is no time", service="zoho"
        ) from error


_structure: Final[Callable[..., Any]] = wire_converter(
    "Zoho",
    {ZohoRecord: "a record", UserRef: "a record whose Owner is a user"},
).get_structure_hook(ZohoRecord)
