"""The unknowns of Zoho CRM, as switches of its fake.

Floor 9.
Each default is what is documented or, where nothing is, what asks most of a
client.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from attrs import frozen

__all__ = ["ZohoSwitches"]


@frozen(kw_only=True)
class ZohoSwitches:
    """How a `ZohoFake` behaves where organisations differ or nothing is proven.

    Attributes:
        unique: by module, the fields in which no value may occur twice.
            A stock organisation of 2026 has ``Contacts.Email`` only.
        case_sensitive: by module, those of them that compare letter by letter.
        has_mandatory_company: ``Leads.Company`` is system-mandatory.
        address_layout: ``"classic"`` texts, or the ``"composite"`` address of
            new organisations, whose ``Country`` is a picklist.
        has_birthday: ``Contacts.Date_of_Birth`` exists.
        contact_lengths: what the texts of Contacts take, and tell: as many
            characters ``"as leads"``, ``"halved"``, or as many but
            ``"untold"``.
        personal_fields: by module, the fields that are marked as personal.
        has_privacy_settings: the organisation's GDPR settings are on.
        unknown_fields: what a write does with a field it does not know.
        read_only_fields: what a write does with a field that is read-only.
        unknown_ids: what a read by id says of an id that it does not know.
        takes_new_picklist_values: picklists take values beside their own.
        large_pages: what happens above 200 records per page.
        refuses_only_id: a list that asks for ``id`` and nothing else is
            refused.
        page_tokens: whether a token stands for the last record that was shown,
            or for how many were; the latter loses and doubles records when
            others come and go.
        is_since_inclusive: ``If-Modified-Since`` shows that very second too.
        nothing_new_status: the answer when nothing was modified since.
        binds_since: a page token is bound to ``If-Modified-Since``.
        stamps_behind_seconds: how far the clock that stamps records is behind
            the one of the header ``Date``.
        foreign_token_code: the refusal of a page token that is of another
            user or request.
        page_wall: how many records can be paged without tokens.
        token_wall: how many can be paged with tokens.
        gives_token_at_wall: the last page before that wall names a token,
            which is then refused; else there is none, though more follows.
        deleted_wall: how many deletions can be paged, ``None`` for all.
        deleted_wall_answer: what is answered behind that wall.
        deleted_order: which deletions come first.
        lists_purged_twice: a record that left the recycle bin too is listed
            once for each.
        lists_merged_as_deleted: the loser of a merge is listed as deleted.
        coql_limits: ``"large"`` (2,000 rows, 500 fields and 100 values in a list)
            or ``"small"`` (200, 50 and 50), which pages of old versions show.
        coql_wall: how many rows ``LIMIT`` and ``OFFSET`` reach.
        coql_escapes: how a text in COQL holds a quote: ``"doubled"``, behind a
            ``"backslash"``, or ``"both"``; a backslash is plain in the first.
        coql_shows_converted: COQL finds converted leads too.
        coql_shows_id: COQL gives the id unasked.
        coql_is_case_sensitive: COQL takes ``a`` and ``A`` for different.
        search_lag_seconds: how long the search knows nothing of a write.
        search_wall: how many records a search gives.
        bulk_seconds: how long a bulk job takes.
        bulk_page_size: how many records one bulk read holds.
        bulk_includes_converted: bulk reads hold converted leads too.
        shows_bulk_result_early: a bulk read shows its result before it has
            ended, as the vendor's samples do.
        gives_bulk_page_tokens: a bulk read names the token of the next page.
        empty_bulk_file: what a bulk read of no records gives: a CSV of the
            ``"header"``, an empty one, or an empty answer instead of a ZIP.
        bulk_results_at: the host where results of bulk writes lie; ``""`` for a
            path, as v7's page has it, which is at the API's host.
        bulk_jobs_fail: bulk jobs end in ``FAILURE``, writes in ``FAILED``.
        moves_time_always: an update without a change moves ``Modified_Time``.
        restoring_moves_time: taking a record out of the recycle bin moves its
            ``Modified_Time``.
        refused_status: the HTTP status where no record of a write was taken.
        details_form: what ``details`` hold: ``"v8"`` everything, ``"nested"``
            without the ``id`` of a duplicate beside its ``duplicate_record``,
            ``"v2"`` no ``json_path``, ``$approval_state`` and
            ``duplicate_record``.
        guards_batches: what ``If-Unmodified-Since`` does to a batch in which
            one record is stale: refuses it ``"whole"``, or single
            ``"elements"``.
        upsert_choice: which of several records an upsert changes.
        upsert_meets: whether upserts meet ``"converted"`` and ``"deleted"``
            records too, and are refused for them.
        id_digits: how long new ids are.
        propagates_opt_out: ``Email_Opt_Out`` follows to all records with the
            address.
        schedules_conversions: a conversion is done 30 seconds later.
        names_conversion_duplicate: ``DUPLICATE_DATA`` of a conversion names
            the contact in the way.
        deals_need_pipeline: the organisation has pipelines, so a conversion
            that makes a deal has to name one.
        mass_conversion_needs_user: ``assign_to`` is mandatory, as one page of
            Zoho's says, not optional, as its schema has it.
        tagging_moves_time: giving and taking tags moves ``Modified_Time``.
        conversion_overwrites: converting into a contact overwrites it; else
            it fills blanks only.
        conversion_drops: fields of a lead that its contact does not get.
        throttle_status: the HTTP status of too many token requests.
        throttle_words: whether Zoho says so in English or in the language of
            the account.
        token_refusal_status: the HTTP status of every other refusal of the
            token endpoint.
        token_life_in: whether a token's life comes in seconds, or as old
            answers have it, in milliseconds with the seconds beside them.
        uk_api_domain: the API's address in the United Kingdom.
        counts_watches_once: a change of a watch cannot end later than a week
            after it was set; only setting it again begins a new week.
        groups_notifications: one callback names all records to which the same
            happened in one second, not one each.
        loses_notifications: the share of callbacks that get lost, 0 to 1.
        doubles_notifications: the share of callbacks that come twice.
        shuffles_notifications: callbacks overtake each other.
        notification_delay_seconds: how much later a callback is sent.
        notification_retries: how often a callback is sent again that got no
            HTTP 2xx: after one minute, then after twice as long each time.
        notification_seed: what chance begins with.
        edition: of the organisation; says how many credits it has in 24 hours
            and how many calls may be in flight.
        licences: how many users it pays for, who add to the credits; ``None``
            for as many as it has.
        charges_empty: an answer without a body (HTTP 204, 304) costs what any
            other costs.
        charges_refused: so does a refusal (HTTP 4xx but 429). A request whose
            token is not valid belongs to no organisation and costs nothing.
        credits_by_verb: what calls cost whose price nobody tells for sure, by
            the word in the counters, such as ``{"deleted": 1, "search": 2}``;
            the others cost what is documented.
        missing_scopes: modules, ``"users"``, ``"coql"``, ``"search"``, ``"bulk"``,
            ``"files"``, ``"settings"`` or ``"notifications"`` whose OAuth scope
            the token lacks.
        denied_modules: modules that the user's profile may not see.

    >>> ZohoSwitches().unique["Contacts"]
    frozenset({'Email'})
    """

    unique: Mapping[str, frozenset[str]] = MappingProxyType(
        {"Contacts": frozenset({"Email"})}
    )
    case_sensitive: Mapping[str, frozenset[str]] = MappingProxyType({})
    has_mandatory_company: bool = False
    address_layout: Literal["classic", "composite"] = "classic"
    has_birthday: bool = True
    contact_lengths: Literal["as leads", "halved", "untold"] = "as leads"
    personal_fields: Mapping[str, frozenset[str]] = MappingProxyType({})
    has_privacy_settings: bool = False
    unknown_fields: Literal["ignore", "refuse"] = "ignore"
    read_only_fields: Literal["ignore", "refuse"] = "ignore"
    unknown_ids: Literal["absent", "refuse"] = "absent"
    takes_new_picklist_values: bool = True
    large_pages: Literal["cap", "refuse"] = "cap"
    refuses_only_id: bool = True
    page_tokens: Literal["keyset", "positional"] = "keyset"
    is_since_inclusive: bool = False
    nothing_new_status: Literal[204, 304] = 304
    binds_since: bool = True
    stamps_behind_seconds: int = 0
    foreign_token_code: Literal["TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA"] = (
        "TOKEN_BOUND_DATA_MISMATCH"
    )
    page_wall: int = 2000
    token_wall: int = 100_000
    gives_token_at_wall: bool = True
    deleted_wall: int | None = 2000
    deleted_wall_answer: Literal["refuse", "nothing"] = "refuse"
    deleted_order: Literal["newest", "oldest"] = "newest"
    lists_purged_twice: bool = True
    lists_merged_as_deleted: bool = True
    coql_limits: Literal["large", "small"] = "large"
    coql_wall: int = 100_000
    coql_escapes: Literal["doubled", "backslash", "both"] = "doubled"
    coql_shows_converted: bool = True
    coql_shows_id: bool = True
    coql_is_case_sensitive: bool = False
    search_lag_seconds: int = 5
    search_wall: int = 2000
    bulk_seconds: float = 30.0
    bulk_page_size: int = 200_000
    bulk_includes_converted: bool = True
    shows_bulk_result_early: bool = True
    gives_bulk_page_tokens: bool = True
    empty_bulk_file: Literal["header", "no header", "no zip"] = "header"
    bulk_results_at: str = ""
    bulk_jobs_fail: bool = False
    moves_time_always: bool = True
    restoring_moves_time: bool = False
    refused_status: Literal[200, 202, 400] = 400
    details_form: Literal["v8", "nested", "v2"] = "v8"
    guards_batches: Literal["whole", "elements"] = "whole"
    upsert_choice: Literal["oldest", "newest", "refuse"] = "oldest"
    upsert_meets: frozenset[Literal["converted", "deleted"]] = frozenset()
    id_digits: Literal[18, 19] = 18
    propagates_opt_out: bool = False
    schedules_conversions: bool = False
    names_conversion_duplicate: bool = True
    deals_need_pipeline: bool = True
    mass_conversion_needs_user: bool = False
    tagging_moves_time: bool = False
    conversion_overwrites: bool = False
    conversion_drops: frozenset[str] = frozenset()
    throttle_status: Literal[400, 200] = 400
    throttle_words: Literal["english", "local"] = "english"
    token_refusal_status: Literal[200, 400] = 200
    token_life_in: Literal["seconds", "milliseconds"] = "seconds"
    uk_api_domain: str = "https://www.zohoapis.uk"
    counts_watches_once: bool = True
    groups_notifications: bool = False
    loses_notifications: float = 0.0
    doubles_notifications: float = 0.0
    shuffles_notifications: bool = False
    notification_delay_seconds: float = 0.0
    notification_retries: int = 0
    notification_seed: int = 1
    edition: Literal["free", "standard", "professional", "enterprise", "ultimate"] = (
        "enterprise"
    )
    licences: int | None = None
    charges_empty: bool = True
    charges_refused: bool = True
    credits_by_verb: Mapping[str, int] = MappingProxyType({})
    missing_scopes: frozenset[str] = frozenset()
    denied_modules: frozenset[str] = frozenset()
