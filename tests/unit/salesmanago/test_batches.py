"""Batches without HTTP: what is sent, what is asked again, what is said."""

from __future__ import annotations

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    ThrottledError,
)
from crmbridge.salesmanago import ContactDetails, WriteResult, WriteStatus, _batches
from crmbridge.salesmanago._later import batch_upsert_later
from tests.unit.salesmanago.script import ACCOUNT, Script, ok, refused

BATCH, SINGLE = "contact/batchupsert", "contact/upsert"
LOST = ConnectionLostError("lost")
Status = WriteStatus


def people(number: int) -> list[ContactDetails]:
    """Give so many records."""
    return [ContactDetails(f"p{place}@x.pl") for place in range(number)]


def named(*places: int) -> Reply:
    """Give an id map that names these of them."""
    return ok(contactIds={f"p{place}@x.pl": f"i{place}" for place in places})


def statuses(results: tuple[WriteResult, ...]) -> list[WriteStatus]:
    """Give what became of each."""
    return [result.status for result in results]


def test_ids_come_by_position_whatever_the_case() -> None:
    script = Script([ok(contactIds={"B@X.pl": "2", "a@x.pl": "1"})])
    details = [ContactDetails(email) for email in ("A@x.pl", "b@x.pl ")]

    results = script.run(_batches.batch_upsert(ACCOUNT, details, language="pl"))

    assert results == (
        WriteResult(Status.SUCCESS, "1"),
        WriteResult(Status.SUCCESS, "2"),
    )
    assert script.bodies[0]["useApiDoubleOptIn"] is False
    assert script.bodies[0]["lang"] == "PL"


def test_batches_are_cut() -> None:
    script = Script([named(*range(401))] * 3)

    results = script.run(_batches.batch_upsert(ACCOUNT, people(401)))

    assert [len(body["upsertDetails"]) for body in script.bodies] == [200, 200, 1]
    assert all(result.is_success for result in results)


def test_no_records_cost_no_request() -> None:
    assert Script([]).run(_batches.batch_upsert(ACCOUNT, [])) == ()


@pytest.mark.parametrize(
    "details",
    [
        [ContactDetails("a@x.pl"), ContactDetails("A@x.pl ")],
        [ContactDetails("a@x.pl"), ContactDetails("b@x.pl", new_email="A@x.pl")],
    ],
)
def test_an_address_that_occurs_twice_is_refused_before_sending(
    details: list[ContactDetails],
) -> None:
    with pytest.raises(InvalidInputError, match="e-mail"):
        Script([]).run(_batches.batch_upsert(ACCOUNT, details))


def test_who_is_not_named_is_sent_alone_to_learn_the_reason() -> None:
    script = Script([named(0, 2), refused("no", values={"email": ["bad"]})])

    results = script.run(_batches.batch_upsert(ACCOUNT, people(3)))

    assert statuses(results) == [Status.SUCCESS, Status.REFUSED, Status.SUCCESS]
    assert isinstance(results[1].error, RefusedError)
    assert results[1].error.messages == ("no",)
    assert script.paths == [BATCH, SINGLE]


def test_who_is_not_named_may_have_been_overlooked() -> None:
    script = Script([named(0), ok(contactId="i1")])

    results = script.run(_batches.batch_upsert(ACCOUNT, people(2)))

    assert [result.id for result in results] == ["i0", "i1"]


@pytest.mark.parametrize("bound", [0, 2])
def test_reasons_cost_no_more_than_allowed(bound: int) -> None:
    script = Script([named(), *[refused("no")] * bound])

    results = script.run(
        _batches.batch_upsert(ACCOUNT, people(4), extra_requests=bound)
    )

    rest = [Status.UNKNOWN] * (4 - bound)
    assert statuses(results) == [Status.REFUSED] * bound + rest
    assert isinstance(results[3].error, OutcomeUnknownError)


def test_a_bound_is_not_negative() -> None:
    with pytest.raises(InvalidInputError, match="extra_requests"):
        Script([]).run(_batches.batch_upsert(ACCOUNT, people(1), extra_requests=-1))


def test_a_refused_batch_is_halved_until_the_bad_one_is_found() -> None:
    no = refused("no")
    script = Script([no, no, named(2, 3), no, ok(contactId="i1")])

    results = script.run(_batches.batch_upsert(ACCOUNT, people(4)))

    assert statuses(results) == [Status.REFUSED, *[Status.SUCCESS] * 3]
    assert script.paths == [BATCH, BATCH, BATCH, SINGLE, SINGLE]


def test_a_batch_of_one_needs_no_second_request_to_be_refused() -> None:
    script = Script([refused("no")])

    (result,) = script.run(_batches.batch_upsert(ACCOUNT, people(1)))

    assert result.status is Status.REFUSED


def test_halving_ends_at_the_bound() -> None:
    script = Script([refused("no")] * 3)

    results = script.run(_batches.batch_upsert(ACCOUNT, people(8), extra_requests=2))

    assert statuses(results) == [Status.UNKNOWN] * 8
    assert isinstance(results[0].error, RefusedError)


def test_two_hundred_records_with_a_bad_one_cost_about_sixteen_requests() -> None:
    requests = 0

    def answer(rows: list[int]) -> Reply:
        return refused("no") if 77 in rows else named(*rows)

    class Judge(Script):
        def perform(self, step: object) -> object:
            nonlocal requests
            if getattr(step, "json", None) is None:
                return super().perform(step)  # type: ignore[arg-type]  # any step
            requests += 1
            json = step.json  # type: ignore[attr-defined]  # a request, as asked above
            rows = json.get("upsertDetails") or [json]
            emails = [row["contact"]["email"] for row in rows]
            places = [int(email[1:].partition("@")[0]) for email in emails]
            if "upsertDetails" in json or 77 in places:
                return answer(places)
            return ok(contactId=f"i{places[0]}")

    results = Judge([]).run(_batches.batch_upsert(ACCOUNT, people(200)))

    assert [result.is_success for result in results].count(False) == 1
    assert results[77].status is Status.REFUSED
    assert 14 <= requests <= 17


@pytest.mark.parametrize("answer", [named(0), refused("no")])
def test_nothing_is_asked_again_where_a_second_mail_could_go_out(
    answer: Reply,
) -> None:
    script = Script([answer])
    call = _batches.batch_upsert(ACCOUNT, people(2), double_opt_in=True)

    results = script.run(call)

    assert results[1].status is Status.UNKNOWN
    assert isinstance(results[1].error, OutcomeUnknownError)


def test_a_rename_travels_alone_and_leaves_the_batch_repeatable() -> None:
    rename = ContactDetails("a@x.pl", new_email="b@x.pl")
    script = Script([LOST, named(0), ok(contactId="a")])

    results = script.run(_batches.batch_upsert(ACCOUNT, [rename, *people(1)]))

    assert [result.id for result in results] == ["a", "i0"]
    assert script.paths == [BATCH, BATCH, SINGLE]


def test_a_batch_that_fails_leaves_the_others_as_they_are() -> None:
    script = Script([named(*range(200)), *[LOST] * 5])

    results = script.run(_batches.batch_upsert(ACCOUNT, people(201)))

    assert statuses(results) == [Status.SUCCESS] * 200 + [Status.UNKNOWN]
    assert isinstance(results[200].error, ConnectionLostError)


@pytest.mark.parametrize(
    ("first", "status"), [(LOST, Status.UNKNOWN), (None, Status.UNSENT)]
)
def test_a_batch_is_unsent_only_if_no_attempt_was_lost(
    first: CrmbridgeError | None, status: WriteStatus
) -> None:
    failed = ConnectionFailedError("failed")
    attempts = [failed] * 5 if first is None else [first, *[failed] * 4]
    script = Script([named(*range(200)), *attempts])

    results = script.run(_batches.batch_upsert(ACCOUNT, people(201)))

    assert results[200].status is status


def test_a_batch_that_was_lost_and_then_turned_away_is_not_unsent() -> None:
    script = Script([named(*range(200)), LOST, *[Reply(429)] * 4])

    results = script.run(_batches.batch_upsert(ACCOUNT, people(201)))

    assert isinstance(results[200].error, ThrottledError)
    assert results[200].status is Status.UNKNOWN


def test_after_wrong_credentials_nothing_more_is_sent() -> None:
    script = Script([named(*range(200)), refused("User not authenticated")])

    results = script.run(_batches.batch_upsert(ACCOUNT, people(601)))

    assert statuses(results)[200:] == [Status.UNSENT] * 401
    assert isinstance(results[600].error, AuthenticationError)


def test_asking_again_in_vain_takes_nothing_back() -> None:
    script = Script([named(0), *[ConnectionFailedError("failed")] * 5])

    results = script.run(_batches.batch_upsert(ACCOUNT, people(2)))

    assert results[1].status is Status.UNKNOWN


def test_a_call_of_which_nothing_was_answered_raises() -> None:
    with pytest.raises(ConnectionFailedError):
        Script([ConnectionFailedError("failed")] * 5).run(
            _batches.batch_upsert(ACCOUNT, people(1))
        )


@pytest.mark.parametrize(
    ("double_opt_in", "kind"),
    [(False, MalformedReplyError), (True, OutcomeUnknownError)],
)
def test_an_answer_without_map_tells_nothing(
    double_opt_in: bool, kind: type[CrmbridgeError]
) -> None:
    call = _batches.batch_upsert(ACCOUNT, people(1), double_opt_in=double_opt_in)

    with pytest.raises(kind):
        Script([ok()]).run(call)


# --- later ---


def test_a_later_batch_is_accepted_and_starts_nothing() -> None:
    script = Script([ok(requestId=7)])

    results = script.run(batch_upsert_later(ACCOUNT, people(2)))

    assert results == (WriteResult(Status.ACCEPTED, request_id="7"),) * 2
    assert not any(result.is_success for result in results)
    (body,) = script.bodies
    assert (body["fireEvents"], body["useApiDoubleOptIn"]) == (False, False)


def test_a_later_batch_that_is_refused_is_halved() -> None:
    script = Script([refused("no"), refused("no"), ok(requestId="8")])

    results = script.run(batch_upsert_later(ACCOUNT, people(2)))

    assert statuses(results) == [Status.REFUSED, Status.ACCEPTED]
    assert script.paths == ["contact/batchupsertv2"] * 3


def test_a_later_batch_without_number_is_not_accepted() -> None:
    with pytest.raises(MalformedReplyError, match="requestId"):
        Script([ok(requestId=None)]).run(batch_upsert_later(ACCOUNT, people(1)))


def test_a_later_batch_renames_nobody() -> None:
    details = [ContactDetails("a@x.pl", new_email="b@x.pl")]

    with pytest.raises(InvalidInputError, match="renamed"):
        Script([]).run(batch_upsert_later(ACCOUNT, details))
