"""The writing calls, without HTTP."""

from __future__ import annotations

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import (
    ConnectionLostError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
)
from crmbridge.salesmanago import ConsentChange, ContactDetails, _writes
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


def test_an_insert_is_never_sent_twice() -> None:
    call = _writes.insert(ACCOUNT, ContactDetails("a@x.pl"))

    with pytest.raises(OutcomeUnknownError):
        Script([LOST]).run(call)


def test_an_insert_says_in_or_out_for_both_channels() -> None:
    script = Script([ok(contactId="i")])
    details = ContactDetails("a@x.pl", email_consent=ConsentChange.IN)

    script.run(_writes.insert(ACCOUNT, details))

    assert [script.bodies[0][name] for name in FLAGS] == [True, False, False, True]
    assert script.bodies[0]["useApiDoubleOptIn"] is False


@pytest.mark.parametrize(
    ("contact_id", "named"), [(None, {"email": "a@x.pl"}), ("i", {"contactId": "i"})]
)
def test_an_update_names_the_contact_beside_its_fields(
    contact_id: str | None, named: dict[str, str]
) -> None:
    script = Script([ok(contactId="i")])
    details = ContactDetails("a@x.pl", {"fax": "1"})

    script.run(_writes.update(ACCOUNT, details, contact_id=contact_id))

    (body,) = script.bodies
    assert body["contact"] == {"fax": "1"}
    assert {key: body[key] for key in ("email", "contactId") if key in body} == named


def test_an_upsert_says_whether_the_service_may_answer_before() -> None:
    script = Script([ok(contactId="i")] * 2)

    script.run(_writes.upsert(ACCOUNT, ContactDetails("a@x.pl")))
    script.run(_writes.upsert(ACCOUNT, ContactDetails("a@x.pl"), is_async=True))

    assert [body["async"] for body in script.bodies] == [False, True]


def test_an_upsert_says_the_language_of_its_mail() -> None:
    script = Script([ok(contactId="i")])

    script.run(_writes.upsert(ACCOUNT, ContactDetails("a@x.pl"), language="pl"))

    assert script.bodies[0]["lang"] == "PL"


def test_no_contact_in_the_answer_to_a_mail_is_an_unknown_outcome() -> None:
    call = _writes.upsert(ACCOUNT, ContactDetails("a@x.pl"), double_opt_in=True)

    with pytest.raises(OutcomeUnknownError):
        Script([ok()]).run(call)


def test_an_owner_is_moved_in_the_name_of_the_present_one() -> None:
    script = Script([ok()])

    script.run(
        _writes.set_main_owner(ACCOUNT, "a@x.pl", new_owner="b@x.pl", owner="c@x.pl")
    )

    assert script.bodies == [
        {"owner": "c@x.pl", "newOwner": "b@x.pl", "contact": "a@x.pl"}
    ]
