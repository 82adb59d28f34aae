"""What a hook of SALESmanago may be trusted with."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmbridge.errors import InvalidInputError, NotificationError
from crmbridge.salesmanago import (
    HookLogin,
    OptCallback,
    RuleHook,
    read_opt_callback,
    read_rule_hook,
)

PASSWORD = "p3nZ1lV2hb0qkE5t7xWcYg"
LOGIN = HookLogin("crm", PASSWORD)
SECRET = "a-long-word-of-our-own"
# The keys of the help centre's page on the action; the types of client code.
SAMPLE: dict[str, Any] = {
    "id": "7d1f4f0e-6a57-4f5e-9d0c-0c5b0f6d3a11",
    "name": "Phone number was added",
    "contactId": "3f0c2d9a-1b7e-4c58-8f6d-2a9b7c1e5d40",
    "description": "",
    "email": "ann@example.com",
    "phone": "+48600100200",
    "company": "Acme",
}


def _body(**changes: Any) -> bytes:
    return json.dumps({**SAMPLE, **changes}).encode()


def _basic(user: str = "crm", password: str = PASSWORD) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _key(email: str, secret: str = SECRET) -> str:
    return hashlib.sha1(f"{email}{secret}".encode()).hexdigest()  # noqa: S324 - as the service does it


# --- the web hook of a rule --------------------------------------------------


def test_a_hook_gives_the_contact_and_shows_nothing_personal() -> None:
    hook = read_rule_hook(_body(), login=LOGIN, authorization=_basic())

    assert hook == RuleHook(SAMPLE["contactId"], "ann@example.com", SAMPLE["id"])
    for personal in ("ann@", "600100200", "Acme", "Phone number"):
        assert personal not in repr(hook)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "Basic  "])
def test_the_scheme_is_read_in_any_case(scheme: str) -> None:
    head = _basic().replace("Basic", scheme)

    assert read_rule_hook(_body(), login=LOGIN, authorization=head).contact_id


@pytest.mark.parametrize(
    "head",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic ?",
        "Basic żółw",
        "Basic Y3J",
        f"Bearer {PASSWORD}",
        _basic().removeprefix("Basic "),
        _basic(password=""),
        _basic(password=PASSWORD[:-1]),
        _basic(password=f"{PASSWORD}x"),
        _basic().replace("Y3Jt", "Y3!Jt"),
        _basic(user="CRM"),
        _basic(user="crm:"),
        _basic(password="żółw"),
    ],
)
def test_another_login_is_refused(head: str | None) -> None:
    with pytest.raises(NotificationError) as caught:
        read_rule_hook(_body(), login=LOGIN, authorization=head)

    assert (caught.value.code, caught.value.service) == ("token", "salesmanago")
    assert PASSWORD not in str(caught.value)


def test_a_stranger_is_refused_before_the_body_is_read() -> None:
    with pytest.raises(NotificationError) as caught:
        read_rule_hook(b"[" * 200_000, login=LOGIN)

    assert caught.value.code == "token"


def test_a_hook_without_login_is_taken_where_none_is_set() -> None:
    hook = read_rule_hook(_body(), login=None, authorization="Basic whatever")

    assert hook.contact_id == SAMPLE["contactId"]


def test_a_hook_may_come_as_text() -> None:
    assert read_rule_hook(_body().decode(), login=None).email == "ann@example.com"


def test_a_long_body_is_refused_before_it_is_read() -> None:
    with pytest.raises(NotificationError) as caught:
        read_rule_hook(b"[" * 101, login=None, max_bytes=100)

    assert caught.value.code == "size"


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 60_000, "\ud800"],
)
def test_what_is_no_object_is_refused(body: bytes | str) -> None:
    with pytest.raises(NotificationError) as caught:
        read_rule_hook(body, login=None)

    assert caught.value.code == "body"


@pytest.mark.parametrize(
    "wrong", [None, "", True, [], {}, "a/b", "a b", "x" * 65, "٣", "\ud800", 1.5]
)
def test_a_hook_without_a_contact_is_refused(wrong: object) -> None:
    with pytest.raises(NotificationError) as caught:
        read_rule_hook(_body(contactId=wrong, email="ann@example.com"), login=None)

    assert caught.value.code == "body"
    assert "ann@" not in str(caught.value)


@pytest.mark.parametrize(
    "email",
    [None, "", 7, [], "ann", "@", "a b@example.com", "a@b\r\nBcc: c", "a@" + "b" * 250],
)
def test_an_email_that_is_none_is_left_out(email: object) -> None:
    hook = read_rule_hook(_body(email=email), login=None)

    assert (hook.contact_id, hook.email) == (SAMPLE["contactId"], None)


@pytest.mark.parametrize(("sent", "read"), [(7, "7"), (None, None), ({}, None)])
def test_nothing_depends_on_the_id_of_the_rule(sent: object, read: str | None) -> None:
    assert read_rule_hook(_body(id=sent), login=None).rule_id == read


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_is_read_or_refused(value: Any) -> None:
    for name in SAMPLE:
        try:
            read_rule_hook(_body(**{name: value}), login=None)
        except NotificationError:
            continue


@pytest.mark.parametrize(
    ("user", "password", "field"),
    [
        ("", PASSWORD, "user"),
        ("a:b", PASSWORD, "user"),
        ("crm", "", "password"),
        ("crm", "  ", "password"),
        ("crm", "żółw", "password"),
        ("crm", "a\nb", "password"),
    ],
)
def test_a_login_that_cannot_be_sent_is_refused(
    user: str, password: str, field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        HookLogin(user, password)

    assert caught.value.field == field


def test_a_login_does_not_show_its_password() -> None:
    assert PASSWORD not in repr(LOGIN)


# --- the callbacks -----------------------------------------------------------

EMAILS = [
    "ann@example.com",
    "ann+news@example.com",
    "o'neil@example.com",
    "żółw@example.com",
    "ann@żółw.example.com",
    "50%@example.com",
]


@pytest.mark.parametrize("email", EMAILS)
@pytest.mark.parametrize("encode", [quote, quote_plus, str])
def test_a_callback_gives_its_email_however_it_was_encoded(
    email: str, encode: Any
) -> None:
    query = f"email={encode(email)}&key={_key(email)}"

    assert read_opt_callback(query, secret=SECRET) == OptCallback(email)
    assert read_opt_callback(query.encode(), secret=SECRET).email == email


def test_the_secret_may_be_the_api_secret_as_shops_have_it() -> None:
    query = f"email=ann@example.com&key={_key('ann@example.com', 'api-secret')}"

    assert read_opt_callback(query, secret="api-secret").email == "ann@example.com"


def test_the_key_may_be_in_capitals_and_anywhere() -> None:
    query = f"tenant=7&key={_key('ann@example.com').upper()}&x&email=ann@example.com"

    assert read_opt_callback(query, secret=SECRET).email == "ann@example.com"


def test_a_callback_shows_nothing_personal() -> None:
    query = f"email=ann@example.com&key={_key('ann@example.com')}"

    assert repr(read_opt_callback(query, secret=SECRET)) == "OptCallback()"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "0" * 40,
        _key("ann@example.com")[:-1],
        _key("Ann@example.com"),
        _key("ann@example.com", "another"),
        "%F0%9F%90%A2",
    ],
)
def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(NotificationError) as caught:
        read_opt_callback(f"email=ann@example.com&key={key}", secret=SECRET)

    assert caught.value.code == "token"
    assert "ann@" not in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "email=ann@example.com",
        f"key={_key('')}",
        f"email=&key={_key('')}",
        f"email=ann&key={_key('ann')}",
        f"email=a@b.c&email=a@b.c&key={_key('a@b.c')}",
        f"email=a@b.c&key={_key('a@b.c')}&key={_key('a@b.c')}",
        f"email=%FF@b.c&key={_key('a@b.c')}",
        f"email=a@b.c&key=%FF{_key('a@b.c')}",
        f"email=a%0D%0A@b.c&key={_key(chr(13) + chr(10))}",
        f"email=a%0A@b.c&key={_key('a' + chr(10) + '@b.c')}",
    ],
)
def test_what_is_no_callback_is_refused(query: str) -> None:
    with pytest.raises(NotificationError) as caught:
        read_opt_callback(query, secret=SECRET)

    assert caught.value.code in {"body", "token"}


def test_a_long_query_is_refused_before_it_is_read() -> None:
    with pytest.raises(NotificationError) as caught:
        read_opt_callback("email=" + "a" * 100, secret=SECRET, max_bytes=100)

    assert caught.value.code == "size"


def test_an_empty_secret_of_ours_lets_nobody_in() -> None:
    with pytest.raises(InvalidInputError):
        read_opt_callback(f"email=a@b.c&key={_key('a@b.c', '')}", secret="")


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_query_is_read_or_refused(query: bytes | str) -> None:
    with pytest.raises(NotificationError):
        read_opt_callback(query, secret=SECRET)
