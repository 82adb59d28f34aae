"""What calls of Zoho CRM cost in credits, and what a planned job will.

Floor 1: numbers and values only.

Source: Zoho CRM API v8, "API limits" (1 for an ordinary call, 1 for 10 records
written, 5 for a conversion, 1 for 50 records tagged); "COQL overview" of v4 and
v5 (1, 2 or 3 by ``LIMIT``); the table of a sister product for deleted records,
bulk read and bulk write.
Unverified: what an answer without a body (204, 304), a search and a mass
conversion cost; one credit is assumed for each call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

__all__ = [
    "BULK_READ",
    "BULK_WRITE",
    "CALL",
    "CONVERSION",
    "CUSTOM_VIEW",
    "DELETED",
    "CreditForecast",
    "of_query",
    "of_tagging",
    "of_writing",
]

CALL: Final = 1
CUSTOM_VIEW: Final = 3
CONVERSION: Final = 5
DELETED: Final = 2
BULK_READ: Final = 50
BULK_WRITE: Final = 500

_SMALL_QUERY: Final = 200
_MIDDLE_QUERY: Final = 1000
_WRITTEN_PER_CREDIT: Final = 10
_TAGGED_PER_CREDIT: Final = 50

# How much one request takes.
_PAGE: Final = 200
_FIELDS: Final = 50
_REACH: Final = 100_000
_ROWS: Final = 2000
_BATCH: Final = 100
_TAG_BATCH: Final = 500
_MASS: Final = 50
_BULK_READ_ROWS: Final = 200_000
_BULK_WRITE_ROWS: Final = 25_000


def of_writing(records: int) -> int:
    """Give the credits of one insert, update or upsert.

    >>> of_writing(1), of_writing(100)
    (1, 10)
    """
    return max(1, -(-records // _WRITTEN_PER_CREDIT))


def of_tagging(records: int) -> int:
    """Give the credits of one call that tags records.

    >>> of_tagging(51)
    2
    """
    return max(1, -(-records // _TAGGED_PER_CREDIT))


def of_query(limit: int) -> int:
    """Give the credits of one COQL query by its ``LIMIT``.

    >>> of_query(200), of_query(201), of_query(2000)
    (1, 2, 3)
    """
    if limit <= _SMALL_QUERY:
        return 1
    return 2 if limit <= _MIDDLE_QUERY else 3


def _frozen(counts: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({kind: count for kind, count in counts.items() if count})


def _parts(items: int, size: int) -> int:
    """Give into how many parts of a size items are cut; one at least."""
    return max(1, -(-items // size))


@frozen
class CreditForecast:
    """What a planned job takes of Zoho: requests and credits, by kind of call.

    The jobs are those of `ZohoClient`, each counted as the client carries it out.
    Forecasts add up with ``+``, and with ``*`` for a job done several times.
    Requests for access tokens are not counted; there is one an hour, and it costs
    no credits.

    Attributes:
        requests: how many requests, by kind, such as ``"list"``.
        credits: what they cost, by kind.

    >>> nightly = CreditForecast.listing(10_000) + CreditForecast.writing(450)
    >>> nightly.total_requests, nightly.total_credits
    (55, 95)
    >>> polls = CreditForecast.polling() * 288
    >>> polls.total_requests, polls.fits(5_000)
    (1152, True)
    """

    requests: Mapping[str, int] = field(factory=dict[str, int], converter=_frozen)
    credits: Mapping[str, int] = field(factory=dict[str, int], converter=_frozen)

    @property
    def total_requests(self) -> int:
        """The requests of all kinds."""
        return sum(self.requests.values())

    @property
    def total_credits(self) -> int:
        """The credits of all kinds."""
        return sum(self.credits.values())

    def fits(self, budget: int) -> bool:
        """Tell whether so many credits are enough."""
        return self.total_credits <= budget

    def __add__(self, other: CreditForecast) -> CreditForecast:
        return CreditForecast(
            Counter(self.requests) + Counter(other.requests),
            Counter(self.credits) + Counter(other.credits),
        )

    def __mul__(self, times: int) -> CreditForecast:
        return CreditForecast(
            {kind: times * count for kind, count in self.requests.items()},
            {kind: times * count for kind, count in self.credits.items()},
        )

    # --- reading ---

    @classmethod
    def listing(
        cls, records: int, *, fields: int = 50, in_view: bool = False
    ) -> CreditForecast:
        """Read a module by `ZohoClient.records`.

        Beyond 100,000 records, where page tokens end, the others are found by
        queries and read by id.
        Unverified: whether the last token is refused or not given; the request
        that is refused is counted.

        Args:
            records: how many.
            fields: how many, ``id`` and ``Modified_Time`` not counted.
            in_view: read in a custom view; that reaches 100,000 records.
        """
        groups = 1 if fields <= _FIELDS else _parts(fields, _FIELDS - 1)
        pages = groups * _parts(min(records, _REACH), _PAGE)
        forecast = cls._of("list", pages, CUSTOM_VIEW if in_view else CALL)
        if records <= _REACH:
            return forecast
        beyond = records - _REACH
        return (
            forecast
            + cls._of("list", groups, CALL)
            + cls._of("query", _parts(beyond, _ROWS), of_query(_ROWS))
            + cls._of("by ids", groups * _parts(beyond, _BATCH), CALL)
        )

    @classmethod
    def querying(cls, records: int) -> CreditForecast:
        """Read a module by `ZohoClient.query_records`, 2,000 at a time."""
        return cls._of("query", _parts(records, _ROWS), of_query(_ROWS))

    @classmethod
    def bulk_reading(cls, records: int, *, polls: int = 5) -> CreditForecast:
        """Read a module by `ZohoBulk.records`, 200,000 records a job.

        Args:
            records: how many.
            polls: how often each job is asked whether it is done; one of half
                a minute is asked 5 times.
        """
        jobs = _parts(records, _BULK_READ_ROWS)
        return (
            cls.reading_metadata(1)
            + cls._of("bulk read", jobs, BULK_READ)
            + cls._of("poll", jobs * polls, CALL)
            + cls._of("download", jobs, CALL)
        )

    @classmethod
    def readings(
        cls, records: int, *, fields: int = 50, polls: int = 5
    ) -> Mapping[str, CreditForecast]:
        """Give the ways to read a whole module, the cheapest in credits first.

        At equal credits the one with fewer requests comes first.

        >>> list(CreditForecast.readings(10_000))
        ['query', 'list', 'bulk read']
        >>> list(CreditForecast.readings(1_000_000))
        ['bulk read', 'query', 'list']
        """
        ways = {
            "list": cls.listing(records, fields=fields),
            "query": cls.querying(records),
            "bulk read": cls.bulk_reading(records, polls=polls),
        }
        return dict(
            sorted(
                ways.items(),
                key=lambda way: (way[1].total_credits, way[1].total_requests),
            )
        )

    @classmethod
    def reading_ids(cls, records: int, *, fields: int = 50) -> CreditForecast:
        """Read records by `ZohoClient.by_ids`."""
        groups = 1 if fields <= _FIELDS else _parts(fields, _FIELDS - 1)
        return cls._of("by ids", groups * _parts(records, _BATCH), CALL)

    @classmethod
    def listing_deleted(cls, records: int) -> CreditForecast:
        """Read deletions by `ZohoClient.deleted`."""
        return cls._of("deleted", _parts(records, _PAGE), DELETED)

    @classmethod
    def polling(
        cls, *, modules: int = 2, changed: int = 0, deleted: int = 0
    ) -> CreditForecast:
        """Look once at what changed and what was deleted, in each module.

        Args:
            modules: how many, such as Leads and Contacts.
            changed: records changed since the last look, in each.
            deleted: records deleted since then, in each.
        """
        return (cls.listing(changed) + cls.listing_deleted(deleted)) * modules

    # --- writing ---

    @classmethod
    def writing(cls, records: int) -> CreditForecast:
        """Insert, update or upsert records of one module."""
        full, rest = divmod(records, _BATCH)
        cost = full * of_writing(_BATCH) + (of_writing(rest) if rest else 0)
        return cls({"write": full + bool(rest)}, {"write": cost})

    @classmethod
    def guarded_writing(cls, records: int) -> CreditForecast:
        """Update records one by one by `ZohoClient.update_if_unmodified`."""
        return cls._of("write", records, CALL)

    @classmethod
    def deleting(cls, records: int) -> CreditForecast:
        """Delete records of one module."""
        return cls._of("delete", -(-records // _BATCH), CALL)

    @classmethod
    def bulk_writing(cls, records: int, *, polls: int = 5) -> CreditForecast:
        """Write records of one module by `ZohoBulk.write`, 25,000 a job.

        It is cheaper than `writing` from some 5,000 records on.

        Args:
            records: how many.
            polls: how often each job is asked whether it is done; one of half
                a minute is asked 5 times.
        """
        jobs = -(-records // _BULK_WRITE_ROWS)
        return (
            cls.reading_metadata(1)
            + cls._of("organization", min(jobs, 1), CALL)
            + cls._of("upload", jobs, CALL)
            + cls._of("bulk write", jobs, BULK_WRITE)
            + cls._of("poll", jobs * polls, CALL)
            + cls._of("download", jobs, CALL)
        )

    @classmethod
    def tagging(cls, records: int) -> CreditForecast:
        """Add or remove tags of records of one module."""
        full, rest = divmod(records, _TAG_BATCH)
        cost = full * of_tagging(_TAG_BATCH) + (of_tagging(rest) if rest else 0)
        return cls({"tag": full + bool(rest)}, {"tag": cost})

    @classmethod
    def converting(cls, leads: int) -> CreditForecast:
        """Convert leads one by one."""
        return cls._of("convert", leads, CONVERSION)

    @classmethod
    def mass_converting(cls, leads: int, *, polls: int = 5) -> CreditForecast:
        """Convert leads by fifty.

        Args:
            leads: how many.
            polls: how often each job is asked whether it is done.
        """
        jobs = -(-leads // _MASS)
        return cls._of("mass convert", jobs, CALL) + cls._of("poll", jobs * polls, CALL)

    # --- what the organisation is made of ---

    @classmethod
    def reading_users(cls, users: int) -> CreditForecast:
        """Read the organisation's users."""
        return cls._of("users", _parts(users, _PAGE), CALL)

    @classmethod
    def reading_metadata(cls, modules: int) -> CreditForecast:
        """Read the fields of modules."""
        return cls._of("fields", modules, CALL)

    @classmethod
    def _of(cls, kind: str, requests: int, cost: int) -> CreditForecast:
        return cls({kind: requests}, {kind: requests * cost})
