"""Both clients over real HTTP: each case runs with the sync and the async twin.

Every case also keeps the log at DEBUG free of secrets and personal data.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve, field, frozen

from crmbridge import (
    AsyncSalesmanagoClient,
    AsyncZohoClient,
    Limits,
    SalesmanagoClient,
    SalesmanagoConfig,
    ZohoClient,
    ZohoConfig,
)
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    CrmbridgeError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.salesmanago import ConsentChange, ContactDetails
from crmbridge.testing import Fault, LoopbackServer, SalesmanagoFake, ZohoFake

EMAIL = "zofia.jankowska@example.com"
NAME = "Zofia Jankowska"
PHONE = "+48 33 811 22 33"

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("twin", ["sync", "async"])]


@frozen
class Service:
    """A fake on loopback, and how to make either twin of its client."""

    fake: Any
    config: Any
    twins: Mapping[str, Callable[..., Any]]
    slept: list[float] = field(factory=list[float])

    @asynccontextmanager
    async def client(self, twin: str, **changes: Any) -> AsyncIterator[Any]:
        """Give a client whose methods are awaited, whichever twin it is."""
        config = evolve(self.config, **changes)
        if twin == "sync":
            options = {"sleep": self._sleep, "clock": self.fake.clock}
            with self.twins[twin](config, **options) as client:
                yield Awaited(client)
        else:
            options = {"sleep": self._asleep, "clock": self.fake.clock}
            async with self.twins[twin](config, **options) as client:
                yield Awaited(client)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.fake.clock.advance(seconds)

    async def _asleep(self, seconds: float) -> None:
        self._sleep(seconds)


class Awaited:
    """Makes the methods of both twins awaitable, and iterators lists."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        async def call(*arguments: Any, **options: Any) -> Any:
            answer = method(*arguments, **options)
            if inspect.isawaitable(answer):
                return await answer
            if isinstance(answer, AsyncIterator):
                return [one async for one in answer]
            return list(answer) if isinstance(answer, Iterator) else answer

        return call


@pytest.fixture
def salesmanago() -> Iterator[Service]:
    fake = SalesmanagoFake()
    fake.people.add(EMAIL, name=NAME, phone=PHONE)
    with LoopbackServer(fake) as server:
        config = SalesmanagoConfig(**fake.account(server.url), limits=Limits())
        twins = {"sync": SalesmanagoClient, "async": AsyncSalesmanagoClient}
        yield Service(fake, config, twins)


@pytest.fixture
def zoho() -> Iterator[Service]:
    fake = ZohoFake()
    fake.people.add_lead(Email=EMAIL, Last_Name="Jankowska", First_Name="Zofia")
    with LoopbackServer(fake) as server:
        fake.api_domain = server.url
        config = ZohoConfig(**fake.account(server.url))
        yield Service(fake, config, {"sync": ZohoClient, "async": AsyncZohoClient})


@pytest.fixture(autouse=True)
def _clean_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail where a secret or a personal datum stands in the log."""
    caplog.set_level(logging.DEBUG)
    yield
    text = "\n".join(
        [
            *(record.getMessage() for record in caplog.records),
            *(str(record.exc_info) for record in caplog.records if record.exc_info),
        ]
    )
    told = [word for word in _PRIVATE if word.lower() in text.lower()]
    assert told == []


_PRIVATE = (
    EMAIL,
    "Jankowska",
    "811 22 33",
    "fake-secret",
    "fake-client-secret",
    "fake-refresh-token",
    "fake-access-token",
    "admin@example.com",
)


def _is_silent(error: CrmbridgeError) -> bool:
    text = f"{error} {error!r}"
    return not any(word.lower() in text.lower() for word in _PRIVATE)


async def _leads(client: Any) -> list[Any]:
    leads: list[Any] = await client.records("Leads", fields=("Email", "Last_Name"))
    return leads


# --- what works --------------------------------------------------------------


async def test_a_contact_is_written_and_read(twin: str, salesmanago: Service) -> None:
    details = ContactDetails(
        "new@example.com", {"name": "Łukasz Żak"}, email_consent=ConsentChange.IN
    )

    async with salesmanago.client(twin) as client:
        contact_id = await client.upsert(details)
        (contact,) = await client.list_all(["new@example.com"])

    assert (contact.id, contact.name, contact.opted_out) == (
        contact_id,
        "Łukasz Żak",
        False,
    )


async def test_a_lead_is_written_and_read(twin: str, zoho: Service) -> None:
    values = {"Last_Name": "Żak", "Email": "zak@example.com"}

    async with zoho.client(twin) as client:
        (result,) = await client.insert("Leads", [values])
        (record,) = await client.by_ids("Leads", [result.id], fields=("Last_Name",))

    assert record.fields["Last_Name"] == "Żak"


async def test_pages_are_read_to_the_last(twin: str, zoho: Service) -> None:
    for number in range(450):
        zoho.fake.people.add_lead(Last_Name=f"Person {number}")

    async with zoho.client(twin) as client:
        leads = await _leads(client)

    assert len(leads) == 451
    assert zoho.fake.requests["Leads list"] == 3


async def test_nothing_changed_is_an_empty_answer(twin: str, zoho: Service) -> None:
    async with zoho.client(twin) as client:
        page = await client.records_page(
            "Leads", fields=("Email",), modified_since=datetime(2026, 6, 1, tzinfo=UTC)
        )

    assert (page.records, page.next_page_token) == ((), None)


# --- credentials -------------------------------------------------------------


async def test_a_wrong_secret_is_an_authentication_error(
    twin: str, salesmanago: Service
) -> None:
    async with salesmanago.client(twin, api_secret="wrong") as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.users()

    assert _is_silent(caught.value)


@pytest.mark.parametrize("setting", ["client_id", "client_secret", "refresh_token"])
async def test_wrong_zoho_credentials_are_an_authentication_error(
    twin: str, zoho: Service, setting: str
) -> None:
    async with zoho.client(twin, **{setting: "wrong"}) as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.users()

    assert _is_silent(caught.value)


async def test_an_ended_access_token_is_renewed_once(twin: str, zoho: Service) -> None:
    async with zoho.client(twin) as client:
        await _leads(client)
        zoho.fake.revoke_access_tokens()
        leads = await _leads(client)

    assert len(leads) == 1
    assert zoho.fake.requests["token"] == 2


async def test_many_at_once_renew_a_token_once(twin: str, zoho: Service) -> None:
    async with zoho.client(twin) as client:
        await _leads(client)
        zoho.fake.revoke_access_tokens()
        if twin == "sync":
            read = [asyncio.to_thread(asyncio.run, _leads(client)) for _ in range(10)]
        else:
            read = [_leads(client) for _ in range(10)]
        answers = await asyncio.gather(*read)

    assert [len(leads) for leads in answers] == [1] * 10
    assert zoho.fake.requests["token"] == 2


# --- failures ----------------------------------------------------------------


async def test_an_unreachable_host_is_a_connection_failure(
    twin: str, salesmanago: Service
) -> None:
    server = LoopbackServer(SalesmanagoFake())
    server.close()

    async with salesmanago.client(twin, endpoint=server.url) as client:
        with pytest.raises(ConnectionFailedError):
            await client.users()

    assert len(salesmanago.slept) == 4


async def test_html_is_a_malformed_reply(twin: str, salesmanago: Service) -> None:
    salesmanago.fake.fail_next(Fault.html())

    async with salesmanago.client(twin) as client:
        with pytest.raises(MalformedReplyError) as caught:
            await client.users()

    assert _is_silent(caught.value)


async def test_html_from_zoho_is_a_malformed_reply(twin: str, zoho: Service) -> None:
    zoho.fake.fail_next(Fault.html(), "/crm/*")

    async with zoho.client(twin) as client:
        with pytest.raises(MalformedReplyError):
            await _leads(client)


async def test_half_an_answer_is_a_malformed_reply(
    twin: str, salesmanago: Service
) -> None:
    salesmanago.fake.fail_next(Fault.truncated())

    async with salesmanago.client(twin) as client:
        with pytest.raises(MalformedReplyError):
            await client.list_all([EMAIL])


async def test_success_false_is_a_refusal(twin: str, salesmanago: Service) -> None:
    async with salesmanago.client(twin) as client:
        with pytest.raises(RefusedError) as caught:
            await client.upsert(ContactDetails("this is no address"))

    assert caught.value.messages
    assert _is_silent(caught.value)


async def test_a_429_waits_as_long_as_it_is_asked_to(
    twin: str, salesmanago: Service
) -> None:
    salesmanago.fake.fail_next(Fault.status(429, retry_after_seconds=7))

    async with salesmanago.client(twin) as client:
        await client.users()

    assert salesmanago.slept == [7.0]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_passing_failure_of_a_read_is_survived(
    twin: str, zoho: Service, status: int
) -> None:
    zoho.fake.fail_next(Fault.status(status), "/crm/*", times=2)

    async with zoho.client(twin) as client:
        leads = await _leads(client)

    assert len(leads) == 1
    assert zoho.slept  # the call's own pauses, and the limiter's


async def test_a_429_without_end_is_throttled(twin: str, zoho: Service) -> None:
    zoho.fake.fail_next(Fault.status(429), "/crm/*", times=5)

    async with zoho.client(twin) as client:
        with pytest.raises(ThrottledError):
            await _leads(client)


async def test_a_500_without_end_is_a_service_error(
    twin: str, salesmanago: Service
) -> None:
    salesmanago.fake.fail_next(Fault.status(500), times=5)

    async with salesmanago.client(twin) as client:
        with pytest.raises(ServiceError):
            await client.users()


async def test_a_cut_answer_to_a_repeatable_write_is_survived(
    twin: str, salesmanago: Service
) -> None:
    salesmanago.fake.fail_next(Fault.cut(is_applied=True))
    details = ContactDetails(EMAIL, {"company": "Acme"})

    async with salesmanago.client(twin) as client:
        await client.upsert(details)

    assert salesmanago.fake.people.get(EMAIL)["company"] == "Acme"
    assert salesmanago.fake.requests["/api/contact/upsert"] == 2


async def test_a_cut_answer_to_an_insert_is_never_repeated(
    twin: str, zoho: Service
) -> None:
    zoho.fake.fail_next(Fault.cut(is_applied=True), "/crm/v8/Leads")

    async with zoho.client(twin) as client:
        with pytest.raises(OutcomeUnknownError):
            await client.insert("Leads", [{"Last_Name": "Once"}])

    names = [lead["Last_Name"] for lead in zoho.fake.people.records("Leads")]
    assert names.count("Once") == 1
