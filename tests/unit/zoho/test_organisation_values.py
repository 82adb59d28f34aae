"""Reading users and organisations; the answers imitate Zoho CRM API v8."""

from __future__ import annotations

import pytest

from crmbridge.errors import MalformedReplyError
from crmbridge.zoho.organisation import (
    ZohoOrganization,
    ZohoUser,
    read_organization,
    read_user,
)


def test_a_user_is_read() -> None:
    raw = {
        "id": "1",
        "email": "ola@example.com",
        "full_name": "Ola Kos",
        "status": "active",
        "confirm": True,
    }

    assert read_user(raw) == ZohoUser("1", "ola@example.com", "Ola Kos")


def test_a_user_who_was_only_invited_is_not_confirmed() -> None:
    user = read_user({"id": "1", "email": None, "status": "inactive"})

    assert (user.is_active, user.is_confirmed) == (False, False)


@pytest.mark.parametrize("raw", [None, {}, {"id": "1", "email": 7}])
def test_a_user_without_an_id_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_user(raw)


@pytest.mark.parametrize(
    ("status", "is_confirmed", "can_own"),
    [("active", True, True), ("active", False, False), ("inactive", True, False)],
)
def test_active_and_confirmed_users_can_own(
    status: str, *, is_confirmed: bool, can_own: bool
) -> None:
    user = read_user({"id": "1", "status": status, "confirm": is_confirmed})

    assert user.can_own is can_own


def test_a_user_tells_role_profile_and_zone() -> None:
    raw = {
        "id": "1",
        "status": "disabled",
        "confirm": True,
        "type__s": "Regular User",
        "time_zone": "Europe/Warsaw",
        "role": {"id": "2", "name": "CEO"},
        "profile": {"id": "3", "name": "Administrator"},
    }

    user = read_user(raw)

    assert (user.status, user.kind, user.time_zone) == (
        "disabled",
        "Regular User",
        "Europe/Warsaw",
    )
    assert (user.role, user.profile) == ("CEO", "Administrator")
    assert not user.can_own


def test_an_organisation_is_read() -> None:
    raw = {
        "id": "1",
        "zgid": "20",
        "company_name": "Acme",
        "time_zone": "Europe/Warsaw",
        "iso_code": "PLN",
        "type": "production",
        "license_details": {"paid_type": "enterprise", "paid": True},
        "privacy_settings": True,
        "hipaa_compliance_enabled": False,
    }

    assert read_organization(raw) == ZohoOrganization(
        id="1",
        zgid="20",
        name="Acme",
        time_zone="Europe/Warsaw",
        currency="PLN",
        edition="enterprise",
        kind="production",
        has_privacy_settings=True,
    )


@pytest.mark.parametrize("raw", [None, {"id": "1"}, {"zgid": "1"}])
def test_an_organisation_without_its_ids_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_organization(raw)
