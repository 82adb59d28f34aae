"""The writing calls, without HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crmbridge._steps import Call, Reply
from crmbridge.errors import (
    ConnectionLostError,
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
)
from crmbridge.salesmanago import ConsentChange, ContactDetails, _writes
from crmbridge.salesmanago._auth import Account
from tests.unit.salesmanago.script import ACCOUNT, Script, ok

FLAGS = ("forceOptIn", "forceOptOut", "forcePhoneOptIn", "forcePhoneOptOut")
LOST = ConnectionLostError("lost")


def _flags(
    email_consent: ConsentChange = ConsentChange.KEEP,
    phone_consent: ConsentChange = ConsentChange.KEEP,
) -> tuple[bool, ...]:
    body = ContactDetails(
        "a@x.pl", email_consent=email_consent, phone_consent=phone_consent
    ).body()
    return tuple(body[name] for name in FLAGS)


def test_all_four_flags_are_always_sent() -> None:
    assert _flags() == (False, False, False, False)


def test_each_change_sets_one_flag_of_its_channel() -> None:
    assert _flags(email_consent=ConsentChange.IN) == (True, False, False, False)
    assert _flags(email_consent=ConsentChange.OUT) == (False, True, False, False)
    assert _flags(phone_consent=ConsentChange.IN) == (False, False, True, False)
    assert _flags(phone_consent=ConsentChange.OUT) == (False, False, False, True)


def test_what_is_left_out_is_not_sent() -> None:
    body = ContactDetails("a@x.pl", {"name": "A"}).body()

    assert set(body) == {"contact", *FLAGS}
    assert body["contact"] == {"email": "a@x.pl", "name": "A"}


def test_an_empty_text_is_sent() -> None:
    body = ContactDetails("a@x.pl", {"phone": ""}, birthday="", province="").body()

    assert body["contact"]["phone"] == ""
    assert (body["birthday"], body["province"]) == ("", "")


def test_details_show_nothing() -> None:
    assert repr(ContactDetails("a@x.pl", {"name": "A"})) == "ContactDetails(...)"


def test_an_upsert_never_leaves_double_opt_in_to_the_service() -> None:
    script = Script([ok(contactId="i")])

    assert script.run(_writes.upsert(ACCOUNT, ContactDetails("a@x.pl"))) == "i"
    assert script.bodies[0]["useApiDoubleOptIn"] is False
    assert script.bodies[0]["owner"] == "admin@example.com"


def test_an_upsert_is_repeated() -> None:
    script = Script([LOST, ok(contactId="i")])

    assert script.run(_writes.upsert(ACCOUNT, ContactDetails("a@x.pl"))) == "i"


def test_an_upsert_that_sends_a_mail_is_not_repeated() -> None:
    call = _writes.upsert(ACCOUNT, ContactDetails("a@x.pl"), double_opt_in=True)

    with pytest.raises(OutcomeUnknownError):
        Script([LOST]).run(call)


def test_an_upsert_that_raises_a_score_is_not_repeated() -> None:
    details = ContactDetails("a@x.pl", tags=("VIP",), tag_scoring=True)

    with pytest.raises(OutcomeUnknownError):
        Script([Reply(500)]).run(_writes.upsert(ACCOUNT, details))


def test_an_unreadable_answer_to_a_mail_is_an_unknown_outcome() -> None:
    call = _writes.upsert(ACCOUNT, ContactDetails("a@x.pl"), double_opt_in=True)

    with pytest.raises(OutcomeUnknownError) as caught:
        Script([Reply(200, {}, b"<html>")]).run(call)

    assert isinstance(caught.value.__cause__, MalformedReplyError)


def test_a_write_that_goes_on_failing_is_a_service_error() -> None:
    with pytest.raises(ServiceError):
        Script([Reply(500)] * 5).run(_writes.upsert(ACCOUNT, ContactDetails("a@x.pl")))


def test_ids_of_a_batch_come_by_position_whatever_the_case() -> None:
    script = Script([ok(contactIds={"B@X.pl": "2", "a@x.pl": "1"})])
    details = [ContactDetails(email) for email in ("A@x.pl", "bad", "b@x.pl")]

    ids = script.run(_writes.batch_upsert(ACCOUNT, details, language="pl"))

    assert ids == ("1", None, "2")
    assert script.bodies[0]["useApiDoubleOptIn"] is False
    assert script.bodies[0]["lang"] == "PL"


def test_a_renamed_contact_is_found_under_either_address() -> None:
    script = Script([ok(contactIds={"new@x.pl": "1"})])

    ids = script.run(
        _writes.batch_upsert(ACCOUNT, [ContactDetails("a@x.pl", new_email="New@x.pl")])
    )

    assert ids == ("1",)


def test_batches_are_cut() -> None:
    script = Script([ok(contactIds={})] * 3)
    details = [ContactDetails(f"p{number}@x.pl") for number in range(401)]

    ids = script.run(_writes.batch_upsert(ACCOUNT, details))

    assert [len(body["upsertDetails"]) for body in script.bodies] == [200, 200, 1]
    assert ids == (None,) * 401


def test_a_batch_never_holds_one_address_twice() -> None:
    details = [ContactDetails("a@x.pl"), ContactDetails("A@x.pl ")]

    with pytest.raises(InvalidInputError, match="e-mail"):
        Script([]).run(_writes.batch_upsert(ACCOUNT, details))


def test_a_batch_answer_without_map_is_malformed() -> None:
    with pytest.raises(MalformedReplyError, match="contactIds"):
        Script([ok()]).run(_writes.batch_upsert(ACCOUNT, [ContactDetails("a@x.pl")]))


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (_writes.opt_in, "contact/optin"),
        (_writes.opt_out, "contact/optout"),
        (_writes.phone_opt_in, "contact/phoneoptin"),
        (_writes.phone_opt_out, "contact/phoneoptout"),
    ],
)
def test_a_permission_has_its_own_call(
    call: Callable[[Account, str], Call[str]], path: str
) -> None:
    script = Script([ok(contactId="i")])

    assert script.run(call(ACCOUNT, "a@x.pl")) == "i"
    assert script.paths == [path]


def test_an_owner_is_moved_in_the_name_of_the_present_one() -> None:
    script = Script([ok()])

    script.run(
        _writes.set_main_owner(ACCOUNT, "a@x.pl", new_owner="b@x.pl", owner="c@x.pl")
    )

    assert script.bodies == [
        {"owner": "c@x.pl", "newOwner": "b@x.pl", "contact": "a@x.pl"}
    ]
