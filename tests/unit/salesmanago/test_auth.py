"""The signature: what is sent, and what is never shown."""

from __future__ import annotations

import hashlib

from crmbridge._steps import Request
from crmbridge.salesmanago._auth import Signer
from tests.unit.salesmanago.script import ACCOUNT, CONFIG, NOW


def test_the_hash_is_over_key_client_and_secret_without_separators() -> None:
    signer = Signer.of(CONFIG, "key-1")

    assert signer.sha == hashlib.sha1(b"key-1client-1s3cret").hexdigest()  # noqa: S324 - as the service wants it


def test_a_signed_body_holds_the_time_in_milliseconds() -> None:
    request = Request("salesmanago", "POST", "https://x", json={"owner": "a"})

    signed = ACCOUNT.signer.sign(request, NOW)

    assert signed.json == {
        "owner": "a",
        "clientId": "client-1",
        "apiKey": "key-1",
        "requestTime": 1767614400000,
        "sha": ACCOUNT.signer.sha,
    }


def test_a_body_is_made_where_there_is_none() -> None:
    signed = ACCOUNT.signer.sign(Request("salesmanago", "POST", "https://x"), NOW)

    assert set(signed.json) == {"clientId", "apiKey", "requestTime", "sha"}


def test_the_secret_never_travels() -> None:
    signed = ACCOUNT.signer.sign(Request("salesmanago", "POST", "https://x"), NOW)

    assert CONFIG.api_secret not in str(signed.json)


def test_a_repr_shows_nothing_of_the_signature() -> None:
    shown = repr(ACCOUNT) + repr(ACCOUNT.signer)

    for part in ("client-1", "key-1", ACCOUNT.signer.sha, "s3cret"):
        assert part not in shown
