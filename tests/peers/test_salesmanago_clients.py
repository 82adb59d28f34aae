"""Other people's SALESmanago clients against the fake, over HTTP on loopback.

They are no part of this project's set-up: ``make peers`` installs them beside the
tests and runs this folder. Where they are missing, the tests are skipped.
What they read out of the fake's answers is read by their authors' idea of the
service, who had accounts.

- salesmanago-python-api builds ``https://`` and a host that must look like one, so
  its session gets an adapter that carries all that to loopback. It has insert,
  upsert, update and delete, and gives the bare answers.
- salesmanago-toolkit holds the address of each endpoint in an attribute. It has
  ``batchupsertv2``, ``upsert``, ``list``, ``basicById`` and both exports.

Both send the time in seconds, and neither sends all flags of permission.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import pytest
from attrs import evolve

from crmbridge.testing import FakeClock, LoopbackServer, SalesmanagoFake

pytest.importorskip(
    "salesmanago_python_api",
    reason="other people's SALESmanago clients are not installed: run `make peers`",
)
# They warn about their own code.
pytestmark = pytest.mark.filterwarnings("ignore")

API_KEY: Final = "any-string"
EMAIL: Final = "ann@example.com"


@pytest.fixture
def fake() -> SalesmanagoFake:
    """Give a fake whose clock the test moves, and whose jobs end at once."""
    fake = SalesmanagoFake(clock=FakeClock())
    # The toolkit sleeps five seconds between two looks at a job.
    fake.switches = evolve(fake.switches, job_looks=0)
    return fake


@pytest.fixture
def url(fake: SalesmanagoFake) -> Iterator[str]:
    """Give the fake's address."""
    with LoopbackServer(fake) as server:
        yield server.url


# --- salesmanago-python-api ---------------------------------------------------


@pytest.fixture
def service(fake: SalesmanagoFake, url: str) -> Any:
    """Give the client of salesmanago-python-api, led to the fake."""
    adapters = import_module("requests.adapters")

    class ToLoopback(adapters.HTTPAdapter):  # type: ignore[name-defined, misc]  # not installed here
        def send(self, request: Any, **options: Any) -> Any:
            path = urlsplit(request.url).path
            request.url = urlunsplit((*urlsplit(url)[:2], path, "", ""))
            return super().send(request, **options)

    account = fake.account(url)
    service = import_module(
        "salesmanago_python_api.services.client"
    ).SalesManagoClientService(
        apiKey=API_KEY,
        clientId=account["client_id"],
        apiSecret=account["api_secret"],
        serverDomain="app3.salesmanago.pl",
    )
    service.session_setup().mount("https://", ToLoopback())
    return service


def _data(service: Any, fake: SalesmanagoFake, **values: Any) -> Any:
    return service.ClientData(email=EMAIL, owner=fake.users[0], **values)


def test_a_peer_upserts_and_changes_a_contact(
    fake: SalesmanagoFake, service: Any
) -> None:
    made = service.upsert(
        _data(
            service,
            fake,
            name="Ann Example",
            address_city="Łódź",
            state="CUSTOMER",
            tags=["vip"],
            properties={"source": "crm"},
            forceOptIn=True,
            useApiDoubleOptIn=False,
        )
    ).json()
    changed = service.update(_data(service, fake, phone="+48 600 100 200")).json()

    card = fake.people.get(EMAIL)
    assert made["success"]
    assert made["contactId"] == changed["contactId"] == card["id"]
    assert card["name"] == "Ann Example"
    assert card["address"]["city"] == "Łódź"
    assert card["phone"] == "+48 600 100 200"
    assert card["contactTags"][0]["tagName"] == "VIP"
    assert card["properties"] == [{"name": "source", "value": "crm"}]
    assert not card["optedOut"]
    assert fake.confirmation_mails == ()


def test_a_peer_inserts_and_deletes_a_contact(
    fake: SalesmanagoFake, service: Any
) -> None:
    inserted = service.insert(_data(service, fake, name="Ann Example")).json()

    deleted = service.delete(_data(service, fake)).json()

    assert inserted["contactId"] == fake.people.get(EMAIL)["id"]
    assert deleted["success"]
    assert fake.people.get(EMAIL)["deleted"]


def test_a_peer_reads_a_refusal(fake: SalesmanagoFake, service: Any) -> None:
    stranger = service.ClientData(email=EMAIL, owner="stranger@example.com")

    answer = service.upsert(stranger)

    assert answer.status_code == 200
    assert answer.json()["success"] is False
    assert isinstance(answer.json()["message"], list)


# --- salesmanago-toolkit ------------------------------------------------------


@pytest.fixture
def toolkit(fake: SalesmanagoFake, url: str) -> Any:
    """Give the client of salesmanago-toolkit, led to the fake."""
    account = fake.account(url)
    signed = f"{API_KEY}{account['client_id']}{account['api_secret']}"
    client = import_module(
        "salesmanago_toolkit.utils.sales_manago_utils"
    ).SalesmanagoDataClient(
        clientId=account["client_id"],
        apiKey=API_KEY,
        sha=hashlib.sha1(signed.encode()).hexdigest(),  # noqa: S324 - the service's own
        owner=account["owner"],
        domain=urlsplit(url).netloc,
    )
    for name, value in vars(client).items():
        if isinstance(value, str) and value.startswith("https://"):
            setattr(client, name, value.replace("https://", "http://", 1))
    return client


def test_a_peer_upserts_a_batch_for_later(fake: SalesmanagoFake, toolkit: Any) -> None:
    people = [
        {"Email": f"p{number}@example.com", "Name": "Ann Example", "City": "Kraków"}
        for number in range(3)
    ]

    asyncio.run(toolkit.push_people_to_salesmanago(people, ["vip"]))
    _later(fake)

    assert len(fake.people) == 3
    card = fake.people.get("p1@example.com")
    assert card["name"] == "Ann Example"
    assert "VIP" in [tag["tagName"] for tag in card["contactTags"]]
    # It asks for permission and says nothing of double opt-in.
    assert len(fake.confirmation_mails) == 3


def test_a_peer_upserts_and_reads_a_contact(
    fake: SalesmanagoFake, toolkit: Any
) -> None:
    made = asyncio.run(
        toolkit.add_or_modify_contact(EMAIL, ["vip"], {"source": "crm"}, {"fax": "7"})
    )
    by_email = asyncio.run(toolkit.get_contact_info_by_email(EMAIL))
    by_id = asyncio.run(toolkit.get_contact_info_by_id(made["contactId"]))
    nobody = asyncio.run(toolkit.get_contact_info_by_email("nobody@example.com"))

    assert by_email["id"] == by_id["contactId"] == made["contactId"]
    assert by_email["fax"] == by_id["fax"] == "7"
    assert by_email["properties"] == [{"name": "source", "value": "crm"}]
    assert nobody == {"message": "Contact not found"}


def test_a_peer_changes_tags_and_details_later(
    fake: SalesmanagoFake, toolkit: Any
) -> None:
    fake.people.add(EMAIL, name="Ann Example", tags=["OLD"])

    asyncio.run(toolkit.update_tag_salesmanago(EMAIL, ["new"]))
    asyncio.run(toolkit.delete_tag_salesmanago(EMAIL, ["OLD"]))
    asyncio.run(toolkit.update_standard_details_salesmanago(EMAIL, {"a": "1"}))
    _later(fake)

    card = fake.people.get(EMAIL)
    assert [tag["tagName"] for tag in card["contactTags"]] == ["NEW"]
    assert card["properties"] == [{"name": "a", "value": "1"}]


def test_a_peer_exports_everybody(fake: SalesmanagoFake, toolkit: Any) -> None:
    fake.people.fill(25)

    rows = asyncio.run(toolkit.fetch_all_contacts_from_salesmanago(page_size=10))

    assert {row[1] for row in rows} == {card["email"] for card in _cards(fake)}
    assert {row[3] for row in rows} == {card["id"] for card in _cards(fake)}


def test_a_peer_exports_the_data_of_a_tag(fake: SalesmanagoFake, toolkit: Any) -> None:
    fake.people.add(EMAIL, name="Ann Example", phone="600", tags=["VIP"])
    fake.people.add("bob@example.com", name="Bob Example", phone="601")

    rows = asyncio.run(_exported(toolkit, "VIP"))

    assert rows == [
        "email,domain,first_name,last_name",
        f"{EMAIL},example.com,Ann,Example",
    ]


async def _exported(toolkit: Any, tag: str) -> list[str]:
    parts = [part async for part in await toolkit.export_data(tag)]
    return "".join(parts).splitlines()


def _cards(fake: SalesmanagoFake) -> Any:
    return fake.people.contacts()


def _later(fake: SalesmanagoFake) -> None:
    clock = fake.clock
    assert isinstance(clock, FakeClock)
    clock.advance(60.0)
