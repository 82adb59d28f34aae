"""What nobody knows of SALESmanago, as switches of its fake.

Floor 9.
"""

from __future__ import annotations

from typing import Final, Literal

from attrs import frozen

__all__ = ["SalesmanagoSwitches"]

_BUMPS: Final = frozenset({"data", "consent", "owner", "tags"})


@frozen(kw_only=True)
class SalesmanagoSwitches:
    """How a `SalesmanagoFake` behaves where the real behaviour is unknown.

    The defaults are what client code suggests, or else what is most useful.
    A program that has to be safe is tested under every position.

    Attributes:
        is_inactive: the account is switched off; every call is refused.
        is_time_checked: a ``requestTime`` more than 15 minutes off is refused.
        is_owner_checked: an ``owner`` who is no user is refused.
        is_case_kept: e-mails that differ only in case are different people; not
            to be set once there are people.
        refusals: the form of a refusal's words: an array or a text under
            ``message``, a text under ``error``, none at all; ``"values"`` adds
            the map of fields where there is one.
        says_why: refusals other than the two of authentication tell a reason.
        wrong_calls: what another method, another media type or an unknown path
            is answered: by its HTTP status, by a page of HTML with HTTP 200, or
            by a refusal.
        wrong_host: what a server other than the account's own does; see
            ``home`` of `SalesmanagoFake`.
        most_per_second: more requests in any second are turned away, ``None``
            for never.
        limit_answer: how: HTTP 429, with ``Retry-After``, HTTP 503, or a refusal
            that speaks of a limit.
        empty_values: what ``""`` in a write does to a field.
        null_values: what ``null`` in a write does to a field.
        visible_after_seconds: how much later a write is seen by reads.
        async_seconds: how much later still, after an upsert that says ``async``.
        new_contacts: permission of a new contact when all flags are false.
        omitted_flags: what leaving all four flags out means.
        both_flags: what in and out at once means.
        is_double_opt_in_default: ``useApiDoubleOptIn`` left out counts as true.
        bad_birthdays: what a birthday in another form does.
        longest_value: a longer text in a write is refused, ``None`` for never.
        country_form: how a country is stored: as it was sent, as its code, or in
            upper case.
        phone_form: how a number is stored: as it was sent, without blanks and
            hyphens, or with ``00`` for the plus as well.
        empty_address: what reads show where no part of an address is stored.
        shows_clients_as: the state that reads show of a customer.
        odd_tags: what a sign that tags cannot have does in one.
        both_tags: what adding and removing a tag at once does.
        unknown_consents: what the name of a consent that nobody defined does.
        lists_dictionary: lists show dictionary details.
        bad_languages: what a ``lang`` does that is not two letters in upper case.
        taken_email: what renaming to another card's address does.
        insert_existing: what ``contact/insert`` does to a contact that exists.
        update_missing: what ``contact/update`` does where there is no contact;
            ``"ignore"`` answers success and no id.
        bad_record: what a bad record does to its batch: it is left out of the
            answer, the whole batch is refused, or those before it are written
            and the batch is refused all the same.
        later_seconds: when a batch of ``batchupsertv2`` is carried out.
        later_bad_record: what a bad record does to such a batch: it is left
            out, the whole batch is refused at once, or nothing after it is
            written; nobody is told but of the second.
        fires_events_default: ``fireEvents`` left out counts as true.
        fires_unchanged: an upsert that changes nothing starts automations.
        longest_batch: a longer batch is refused.
        long_lists: what more than 50 addresses or ids in one read does.
        longest_basic: how many of them ``basic`` takes, ``None`` for any number.
        is_basic_bound: ``basic`` shows only the contacts of its owner.
        is_shuffled: reads answer in another order than that of the request.
        map_keys: how e-mails are spelt in the id map of a batch.
        is_start_inclusive: a window holds its own start.
        is_end_inclusive: a window holds its own end.
        pages: whether each page of a feed is cut from what is there when it is
            asked for, or from what was there at page 1.
        feed_order: what comes first in a feed.
        page_zero: what page 0 of a feed does.
        bumps: which changes move ``modifiedOn``: ``"data"``, ``"consent"``,
            ``"owner"``, ``"tags"``, ``"score"`` (and visits), ``"funnel"``,
            ``"deletion"`` (soft).
        bumps_unchanged: a write that changes nothing moves ``modifiedOn`` too.
        shows_created_as_modified: new contacts are in the modified feed.
        shows_opted_out: opted-out contacts are in the feeds.
        shows_deleted: contacts deleted softly are in feeds and reads.
        lists_deactivated: users who were deactivated are listed.
        takes_deactivated: their names are taken as the owner of a request.
        sees_all: users whose owner-bound reads and feeds show everybody.
        moves_owner: a write under another owner moves the contact.
        needs_present_owner: ``setMainOwner`` wants the present owner.
        delete_answer: what ``delete`` and ``batchDelete`` answer.
        batch_delete: whether ``batchDelete`` deletes softly.
        missing_addressee: what ``batchDelete`` does to all where one is not there.
        finds_deleted: whether ``hasContact`` finds contacts deleted softly: where
            other reads show them, always, or never.
        purge_hour: when they are removed for good, as an hour of the day in UTC;
            ``None`` leaves that to ``people.purge()``.
        job_looks: how often a job is found running before it is done.
        job_seconds: how long it runs at least.
        job_messages: what ``job/status`` says while it runs.
        is_running_job_success: whether ``success`` is true meanwhile.
        unfinished_link: what ``fileUrl`` is meanwhile.
        failed_jobs: jobs end without a file: ``job/status`` refuses, says so in
            ``message``, or is silent.
        unknown_job: what ``job/status`` answers for a job that nobody started.
        link_uses: how often a file can be fetched, ``None`` for ever.
        link_seconds: how long, ``None`` for ever.
        ended_link_status: the HTTP status of a link that has ended.
        empty_export: what ``contacts`` is behind the last page.
        exports_deleted: contacts deleted softly are in exports.
        exports_opted_out: opted-out contacts are in exports.
        part_keys: how the parts of an exported contact are called, but for the
            three that were seen: ``consentsData`` or ``contactConsentsData``.
        empty_parts: what an asked part is that holds nothing.
        is_export_escaped: files hold plain ASCII.
        api_fires_hooks: writes through the API cause hooks and callbacks, as
            those of people do.
        callback_method: how a callback is sent.
        encodes_callbacks: the address in a callback is percent-encoded.
        loses_hooks: the share of hooks and callbacks that get lost, 0 to 1.
        doubles_hooks: the share of them that come twice.
        shuffles_hooks: they overtake each other.
        hook_delay_seconds: how much later one is sent.
        hook_retries: how often one is sent again that got no HTTP 2xx: after
            one minute, then after twice as long each time.
        hook_seed: what chance begins with.
    """

    is_inactive: bool = False
    is_time_checked: bool = False
    is_owner_checked: bool = True
    is_case_kept: bool = False
    refusals: Literal["array", "string", "error", "none", "values"] = "values"
    says_why: bool = True
    wrong_calls: Literal["status", "html", "refusal"] = "status"
    wrong_host: Literal["redirect", "reject", "answer"] = "redirect"
    most_per_second: int | None = None
    limit_answer: Literal["status", "retry_after", "unavailable", "message"] = "status"
    empty_values: Literal["keep", "clear", "reject"] = "clear"
    null_values: Literal["keep", "clear", "reject"] = "keep"
    visible_after_seconds: float = 0.0
    async_seconds: float = 2.0
    new_contacts: Literal["out", "in"] = "out"
    omitted_flags: Literal["keep", "in", "out"] = "in"
    both_flags: Literal["in", "out", "reject"] = "in"
    is_double_opt_in_default: bool = True
    bad_birthdays: Literal["ignore", "reject"] = "reject"
    longest_value: int | None = 255
    country_form: Literal["kept", "code", "upper"] = "kept"
    phone_form: Literal["kept", "compact", "zeros"] = "kept"
    empty_address: Literal["null", "object"] = "null"
    shows_clients_as: Literal["CUSTOMER", "CLIENT"] = "CUSTOMER"
    odd_tags: Literal["reject", "keep", "drop"] = "reject"
    both_tags: Literal["reject", "add", "remove"] = "reject"
    unknown_consents: Literal["reject", "ignore"] = "reject"
    lists_dictionary: bool = False
    bad_languages: Literal["reject", "ignore"] = "reject"
    taken_email: Literal["reject", "merge", "ignore"] = "reject"
    insert_existing: Literal["reject", "update"] = "reject"
    update_missing: Literal["reject", "ignore", "create"] = "reject"
    bad_record: Literal["missing", "whole", "cut"] = "missing"
    later_seconds: float = 5.0
    later_bad_record: Literal["missing", "whole", "cut"] = "missing"
    fires_events_default: bool = True
    fires_unchanged: bool = True
    longest_batch: int = 1000
    long_lists: Literal["reject", "truncate"] = "reject"
    longest_basic: int | None = 50
    is_basic_bound: bool = True
    is_shuffled: bool = True
    map_keys: Literal["sent", "lower"] = "lower"
    is_start_inclusive: bool = True
    is_end_inclusive: bool = True
    pages: Literal["live", "stable"] = "live"
    feed_order: Literal["oldest", "newest"] = "oldest"
    page_zero: Literal["refuse", "first"] = "refuse"
    bumps: frozenset[str] = _BUMPS
    bumps_unchanged: bool = True
    shows_created_as_modified: bool = True
    shows_opted_out: bool = True
    shows_deleted: bool = True
    lists_deactivated: bool = False
    takes_deactivated: bool = False
    sees_all: frozenset[str] = frozenset()
    moves_owner: bool = False
    needs_present_owner: bool = True
    delete_answer: Literal["null", "text", "unreadable"] = "null"
    batch_delete: Literal["soft", "permanent"] = "soft"
    missing_addressee: Literal["reject", "skip"] = "reject"
    finds_deleted: Literal["as_shown", "always", "never"] = "as_shown"
    purge_hour: int | None = 3
    job_looks: int = 1
    job_seconds: float = 0.0
    job_messages: tuple[str, ...] = ("Job is in progress",)
    is_running_job_success: bool = False
    unfinished_link: Literal["missing", "null", "empty"] = "null"
    failed_jobs: Literal["never", "refused", "message", "silent"] = "never"
    unknown_job: Literal["refused", "message", "silent"] = "refused"
    link_uses: int | None = 1
    link_seconds: float | None = 600.0
    ended_link_status: Literal[403, 404] = 404
    empty_export: Literal["empty", "null"] = "empty"
    exports_deleted: bool = False
    exports_opted_out: bool = False
    part_keys: Literal["plain", "contact"] = "plain"
    empty_parts: Literal["null", "empty"] = "null"
    is_export_escaped: bool = True
    api_fires_hooks: bool = True
    callback_method: Literal["GET", "POST"] = "GET"
    encodes_callbacks: bool = False
    loses_hooks: float = 0.0
    doubles_hooks: float = 0.0
    shuffles_hooks: bool = False
    hook_delay_seconds: float = 0.0
    hook_retries: int = 0
    hook_seed: int = 1
