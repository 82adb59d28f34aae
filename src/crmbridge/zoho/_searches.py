"""The search of Zoho CRM, which is late and finds too much.

Floor 4.

Source: Zoho CRM API v7, "Search Records"; Zoho's OpenAPI files.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field as attribute
from attrs import frozen

from crmbridge._steps import Call, Request
from crmbridge.config import ZohoConfig
from crmbridge.errors import InvalidInputError, OutOfReachError, RefusedError
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._calls import PAGE_SIZE, module_path
from crmbridge.zoho._criteria import criteria_text
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._field_groups import field_list
from crmbridge.zoho._replies import listing_of
from crmbridge.zoho.coql import Condition
from crmbridge.zoho.credits import CALL
from crmbridge.zoho.records import read_records
from crmbridge.zoho.results import SearchPage

__all__ = ["Search", "search_page"]


@frozen(kw_only=True)
class Search:
    """What is searched for, by exactly one of four ways.

    Raises:
        InvalidInputError: by none or several, or by an empty text.
    """

    module: str
    fields: Sequence[str]
    criteria: Condition | None = None
    email: str | None = attribute(default=None, repr=False)
    phone: str | None = attribute(default=None, repr=False)
    word: str | None = attribute(default=None, repr=False)
    converted: str | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what Zoho refuses."""
        ways = (self.criteria, self.email, self.phone, self.word)
        given = [way for way in ways if way is not None]
        if len(given) != 1 or "" in given:
            raise InvalidInputError(
                "search by one of criteria, email, phone and word",
                service=ZOHO,
                field="criteria",
            )

    def query(self) -> dict[str, str]:
        """Give the parameters of the request."""
        criteria = None if self.criteria is None else criteria_text(self.criteria)
        parameters = {
            "criteria": criteria,
            "email": self.email,
            "phone": self.phone,
            "word": self.word,
            "converted": self.converted,
            "fields": field_list(self.fields),
        }
        return {name: text for name, text in parameters.items() if text is not None}


def search_page(config: ZohoConfig, search: Search, page: int = 1) -> Call[SearchPage]:
    """Search, and read one page; see `ZohoClient.search_page`."""
    query = {**search.query(), "page": str(page), "per_page": str(PAGE_SIZE)}
    request = Request(
        ZOHO,
        "GET",
        f"{module_path(search.module)}/search",
        name=f"{search.module} search",
        query=query,
        credits=CALL,
        is_complex=True,
    )
    reply = yield from authorised(request, config, is_repeatable=True)
    try:
        listing = listing_of(reply, "data", request.name)
    except RefusedError as error:
        if error.code != "LIMIT_REACHED":
            raise
        raise OutOfReachError(
            f"{request.name}: a search ends at 2,000 records; read by query_records",
            service=ZOHO,
            status=error.status,
            code=error.code,
        ) from error
    return SearchPage(
        read_records(search.module, listing.rows),
        page + 1 if listing.has_more else None,
        reply.date,
    )
