"""The lists of the fake Zoho: pages, page tokens, custom views.

Floor 9.
Source: Zoho CRM API v7 and v8, "Get Records".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.page_tokens import Binding, PageTokens, Ticket
from crmbridge.testing._zoho.params import (
    Query,
    ambiguous,
    field_names,
    invalid_param,
    missing_param,
    page_size,
    since_of,
    whole_number,
    word,
)
from crmbridge.testing._zoho.routes import Answer, Asked
from crmbridge.testing._zoho.shelf import SORTS, Record

__all__ = ["Lists", "is_new", "is_visible"]


@frozen
class _Choice:
    """Which records are listed, and in which order."""

    module: str
    keep: Callable[[Record], bool]
    sort_by: str
    is_descending: bool


class Lists:
    """Lists records; holds the page tokens."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._tokens = PageTokens(book)

    def listed(self, asked: Asked) -> Iterator[Record]:
        """Give all records that a list would show, in no promised order."""
        choice = self._choice(asked, None)
        return filter(choice.keep, self._book.modules[asked.module].values())

    def page(self, asked: Asked) -> Answer:
        """Answer one page of records."""
        query = asked.query
        names = field_names(self._book, query)
        if names is None:
            raise missing_param("fields")
        since = asked.headers.get("if-modified-since")
        choice = self._choice(asked, since)
        size = page_size(self._book, query)
        bound_to = self._binding(asked, since)
        ticket = self._opened(query, bound_to, size)
        records = self._walk(choice, ticket, is_by_page="page_token" not in query)
        shown = list(islice(records, size))
        if not shown:
            is_nothing_new = since is not None and not ticket.rank
            return (
                self._book.switches.nothing_new_status if is_nothing_new else 204,
                None,
            )
        has_more = next(records, None) is not None
        info = {
            "per_page": size,
            "count": len(shown),
            "page": whole_number(query, "page", 1),
            "more_records": has_more,
            "sort_by": choice.sort_by,
            "sort_order": "desc" if choice.is_descending else "asc",
            "call": False,
            "email": False,
            **self._tokens_around(query, ticket, choice, shown, has_more=has_more),
        }
        return 200, {"data": self._book.show_all(shown, names), "info": info}

    # --- what is listed ---

    def _choice(self, asked: Asked, since: str | None) -> _Choice:
        query = asked.query
        for first, second in (("page", "page_token"), ("cvid", "sort_by")):
            if first in query and second in query:
                raise ambiguous(first, second)
        sort_by, order = word(query, "sort_by", *SORTS), word(query, *_ORDERS)
        tests = [is_visible(query)]
        if since is not None:
            is_after = is_new(self._book, since)
            tests.append(lambda record: is_after(record.modified))
        if "cvid" in query:
            view = self._book.views.get(query["cvid"])
            if view is None or view.module != asked.module:
                raise invalid_param("cvid")
            sort_by, order = view.sort_by, view.sort_order
            tests.append(lambda record: view.holds(self._book.show(record)))
        return _Choice(asked.module, _all_of(tests), sort_by, order == "desc")

    def _walk(
        self, choice: _Choice, ticket: Ticket, *, is_by_page: bool
    ) -> Iterator[Record]:
        """Give what is listed from the place of a ticket on."""
        is_by_rank = is_by_page or self._book.switches.page_tokens == "positional"
        records = self._book.modules[choice.module].walk(
            choice.sort_by,
            is_descending=choice.is_descending,
            beyond=None if is_by_rank else ticket.beyond,
        )
        kept = filter(choice.keep, records)
        return islice(kept, ticket.rank, None) if is_by_rank else kept

    # --- pages ---

    def _opened(self, query: Query, bound_to: Binding, size: int) -> Ticket:
        """Give the place where the page begins."""
        if "page_token" in query:
            return self._tokens.redeem(query["page_token"], bound_to)
        start = (whole_number(query, "page", 1) - 1) * size
        wall = self._book.switches.page_wall
        if start >= wall:
            raise Refused(
                400,
                "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
                f"You can only get the first {wall} records without using page_token "
                "param",
                {"limit": wall},
            )
        return Ticket(bound_to, start, None, None, self._book.now())

    def _binding(self, asked: Asked, since: str | None) -> Binding:
        query = asked.query
        own = {k: v for k, v in query.items() if k not in {"page", "page_token"}}
        if self._book.switches.binds_since and since is not None:
            own["If-Modified-Since"] = since
        own["module"], own["user"] = asked.module, self._book.current_user.id
        return tuple(sorted(own.items()))

    def _tokens_around(
        self,
        query: Query,
        ticket: Ticket,
        choice: _Choice,
        shown: list[Record],
        *,
        has_more: bool,
    ) -> Json:
        """Give the tokens of the pages before and after."""
        rank = ticket.rank + len(shown)
        switches = self._book.switches
        is_last = rank >= switches.token_wall and not switches.gives_token_at_wall
        token = None
        if has_more and not is_last:
            own = query.get("page_token")
            if own is None and not ticket.rank:
                own = self._tokens.give(ticket.bound_to, 0, None, None)
            beyond = SORTS[choice.sort_by](shown[-1])
            token = self._tokens.give(ticket.bound_to, rank, beyond, own)
        ends_at = None if token is None else self._tokens.ends_at(token)
        return {
            "next_page_token": token,
            "previous_page_token": ticket.previous,
            "page_token_expiry": self._book.stamp(ends_at),
        }


_ORDERS: Final = ("sort_order", "desc", "asc")


def is_visible(query: Query) -> Callable[[Record], bool]:
    """Give what tells the records that ``converted`` and the user's rights show."""
    wanted = word(query, "converted", "false", "true", "both")
    if wanted == "both":
        return lambda record: not record.is_hidden
    is_wanted = wanted == "true"
    return lambda record: (
        not record.is_hidden and (record.converted is not None) is is_wanted
    )


def is_new(book: Book, since: str) -> Callable[[datetime], bool]:
    """Give what tells the times that ``If-Modified-Since`` asks for."""
    after = since_of(since)
    if book.switches.is_since_inclusive:
        return lambda at: at >= after
    return lambda at: at > after


def _all_of(tests: list[Callable[[Record], bool]]) -> Callable[[Record], bool]:
    if len(tests) == 1:
        return tests[0]
    return lambda record: all(test(record) for test in tests)
