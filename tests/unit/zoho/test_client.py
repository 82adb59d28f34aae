"""Both clients over the same cases, through fake transports."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.config import Limits, RetryPolicy, ZohoConfig
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    CrmbridgeError,
    DuplicateError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.testing import (
    AsyncFakeTransport,
    FakeClock,
    FakeTransport,
    Fault,
    ZohoFake,
    ZohoSwitches,
)
from crmbridge.zoho import AsyncZohoClient, MemoryTokenStore, ZohoClient

EMAIL = "nowak@example.com"

Use: TypeAlias = Callable[[Any], Any]
Run: TypeAlias = Callable[..., Any]


@pytest.fixture
def fake() -> ZohoFake:
    return ZohoFake(clock=FakeClock())


def _config(fake: ZohoFake) -> ZohoConfig:
    return ZohoConfig(**fake.account(), limits=Limits(max_in_flight=20))


def _run_sync(fake: ZohoFake, use: Use, config: ZohoConfig | None = None) -> Any:
    transport = FakeTransport(fake)
    with ZohoClient(
        config or _config(fake),
        transport=transport,
        clock=fake.clock,
        sleep=fake.clock.sleep,
    ) as client:
        answer = use(client)
        if inspect.isgenerator(answer):
            answer = list(answer)
    assert transport.is_closed
    return answer


def _run_async(fake: ZohoFake, use: Use, config: ZohoConfig | None = None) -> Any:
    transport = AsyncFakeTransport(fake)

    async def sleep(seconds: float) -> None:
        fake.clock.sleep(seconds)

    async def main() -> Any:
        async with AsyncZohoClient(
            config or _config(fake),
            transport=transport,
            clock=fake.clock,
            sleep=sleep,
        ) as client:
            answer = use(client)
            if inspect.isasyncgen(answer):
                return [item async for item in answer]
            return await answer

    answer = asyncio.run(main())
    assert transport.is_closed
    return answer


@pytest.fixture(params=[_run_sync, _run_async], ids=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    """Give a way to use a client: ``run(fake, lambda client: client.x())``."""
    way: Run = request.param
    return way


# --- every method ------------------------------------------------------------


def test_records_are_read_page_by_page(fake: ZohoFake, run: Run) -> None:
    ids = [fake.people.add_lead(Last_Name="x") for _ in range(401)]

    found = run(fake, lambda client: client.records("Leads", fields=["Last_Name"]))

    assert [record.id for record in found] == ids[::-1]
    assert fake.requests["Leads list"] == 3


def test_one_page_can_be_read(fake: ZohoFake, run: Run) -> None:
    fake.people.add_lead(Last_Name="x")

    page = run(fake, lambda client: client.records_page("Leads", fields=["Email"]))

    assert len(page.records) == 1
    assert page.server_time == fake.clock().at


def test_only_what_changed_is_read(fake: ZohoFake, run: Run) -> None:
    fake.people.add_lead(Last_Name="old")
    since = fake.clock().at
    fake.clock.sleep(5)
    new = fake.people.add_lead(Last_Name="new")

    found = run(
        fake,
        lambda client: client.records(
            "Leads", fields=["Last_Name"], modified_since=since
        ),
    )

    assert [record.id for record in found] == [new]


def test_records_are_read_by_id(fake: ZohoFake, run: Run) -> None:
    lead = fake.people.add_lead(Last_Name="x")

    found = run(fake, lambda client: client.by_ids("Leads", [lead], fields=["Email"]))

    assert [record.id for record in found] == [lead]


def test_deleted_records_are_listed(fake: ZohoFake, run: Run) -> None:
    leads = [fake.people.add_lead(Last_Name="x") for _ in range(201)]
    for lead in leads:
        fake.people.delete(lead)

    found = run(fake, lambda client: client.deleted("Leads"))

    assert {record.id for record in found} == set(leads)
    assert fake.requests["Leads deleted"] == 2


def test_one_page_of_deleted_records_can_be_read(fake: ZohoFake, run: Run) -> None:
    page = run(fake, lambda client: client.deleted_page("Leads"))

    assert page.records == ()


def test_records_are_inserted_updated_and_deleted(fake: ZohoFake, run: Run) -> None:
    (made,) = run(fake, lambda client: client.insert("Leads", [{"Last_Name": "x"}]))
    change = {"id": made.id, "Phone": "123"}
    (changed,) = run(fake, lambda client: client.update("Leads", [change]))
    shown = fake.people.record(made.id)
    (gone,) = run(fake, lambda client: client.delete("Leads", [made.id]))

    assert made.is_success
    assert changed.is_success
    assert shown["Phone"] == "123"
    assert gone.is_success
    assert fake.people.records("Leads") == ()


def test_an_upsert_tells_what_it_did(fake: ZohoFake, run: Run) -> None:
    fake.people.add_lead(Last_Name="x", Email=EMAIL)
    records = [
        {"Last_Name": "y", "Email": EMAIL.upper()},
        {"Last_Name": "z", "Email": "other@example.com"},
    ]

    results = run(fake, lambda client: client.upsert("Leads", records))

    assert [result.action for result in results] == ["update", "insert"]


def test_a_lead_is_converted(fake: ZohoFake, run: Run) -> None:
    lead = fake.people.add_lead(Last_Name="x", Company="Acme")

    result = run(fake, lambda client: client.convert(lead))

    assert fake.people.record(result.contact_id)["Account_Name"]["name"] == "Acme"
    assert fake.people.records("Leads") == ()


def test_users_and_fields_are_read(fake: ZohoFake, run: Run) -> None:
    (user,) = run(fake, lambda client: client.users(kind="CurrentUser"))
    fields = run(fake, lambda client: client.fields("Contacts"))

    assert user.email == "admin@example.com"
    assert "Account_Name" in {field.api_name for field in fields}


def test_any_request_can_be_sent(fake: ZohoFake, run: Run) -> None:
    request = Request("zoho", "GET", "/crm/v8/users", query={"type": "AllUsers"})

    reply: Reply = run(fake, lambda client: client.send(request))

    assert reply.status == 200


# --- errors ------------------------------------------------------------------


def _list(client: Any) -> Any:
    return client.records_page("Leads", fields=["Email"])


def _insert(client: Any) -> Any:
    return client.insert("Leads", [{"Last_Name": "x"}])


@pytest.mark.parametrize(
    ("switches", "kind"),
    [
        ({"missing_scopes": frozenset({"Leads"})}, PermissionDeniedError),
        ({"denied_modules": frozenset({"Leads"})}, PermissionDeniedError),
    ],
)
def test_a_lack_of_rights_is_told(
    fake: ZohoFake, run: Run, switches: dict[str, Any], kind: type[CrmbridgeError]
) -> None:
    fake.switches = ZohoSwitches(**switches)

    with pytest.raises(kind):
        run(fake, _list)


@pytest.mark.parametrize("name", ["client_id", "client_secret", "refresh_token"])
def test_wrong_credentials_are_told(fake: ZohoFake, run: Run, name: str) -> None:
    wrong: dict[str, Any] = {name: "wrong"}
    config = evolve(_config(fake), **wrong)

    with pytest.raises(AuthenticationError, match="Zoho gave no token") as caught:
        run(fake, _list, config)

    assert "wrong" not in str(caught.value).split()
    assert fake.requests["token"] == 1


def test_an_unknown_module_is_told(fake: ZohoFake, run: Run) -> None:
    with pytest.raises(NotFoundError):
        run(fake, lambda client: client.records_page("leads", fields=["Email"]))


def test_a_duplicate_names_the_contact_in_the_way(fake: ZohoFake, run: Run) -> None:
    contact = fake.people.add_contact(Last_Name="x", Email=EMAIL)
    lead = fake.people.add_lead(Last_Name="x", Email=EMAIL)

    with pytest.raises(DuplicateError) as caught:
        run(fake, lambda client: client.convert(lead))

    assert caught.value.existing_id == contact


def test_html_instead_of_json_is_malformed(fake: ZohoFake, run: Run) -> None:
    fake.fail_next(Fault.html(), "/crm/*")

    with pytest.raises(MalformedReplyError):
        run(fake, _list)


def test_a_truncated_answer_is_malformed(fake: ZohoFake, run: Run) -> None:
    fake.people.add_lead(Last_Name="x")
    fake.fail_next(Fault.truncated(), "/crm/*")

    with pytest.raises(MalformedReplyError):
        run(fake, _list)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(429),
        Fault.status(429, retry_after_seconds=30),
        Fault.status(500),
        Fault.status(503),
        Fault.unreachable(),
        Fault.cut(),
    ],
)
def test_a_passing_fault_is_survived_by_a_read(
    fake: ZohoFake, run: Run, fault: Fault
) -> None:
    fake.people.add_lead(Last_Name="x")
    fake.fail_next(fault, "/crm/*", times=2)

    assert len(run(fake, _list).records) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.status(429), ThrottledError),
        (Fault.status(502), ServiceError),
        (Fault.unreachable(), ConnectionFailedError),
    ],
)
def test_a_lasting_fault_is_told(
    fake: ZohoFake, run: Run, fault: Fault, kind: type[CrmbridgeError]
) -> None:
    fake.fail_next(fault, "/crm/*", times=99)

    with pytest.raises(kind):
        run(fake, _list)


def test_a_long_retry_after_is_not_waited_for(fake: ZohoFake, run: Run) -> None:
    fake.fail_next(Fault.status(429, retry_after_seconds=3600), "/crm/*")

    with pytest.raises(ThrottledError) as caught:
        run(fake, _list)

    assert caught.value.retry_after_seconds == 3600


def test_an_insert_that_may_have_been_done_is_not_repeated(
    fake: ZohoFake, run: Run
) -> None:
    fake.fail_next(Fault.cut(is_applied=True), "/crm/*")

    with pytest.raises(OutcomeUnknownError):
        run(fake, _insert)

    assert len(fake.people.records("Leads")) == 1


# --- the token's life --------------------------------------------------------


def test_an_hour_of_requests_costs_one_token(fake: ZohoFake, run: Run) -> None:
    for _ in range(3):
        fake.people.add_lead(Last_Name="x")

    run(fake, lambda client: client.by_ids("Leads", ["1", "2"], fields=["Email"]))

    assert fake.requests["token"] == 1


def test_a_token_that_zoho_ended_is_renewed_once(fake: ZohoFake) -> None:
    store = MemoryTokenStore()
    client = ZohoClient(
        _config(fake),
        transport=FakeTransport(fake),
        token_store=store,
        clock=fake.clock,
        sleep=fake.clock.sleep,
    )
    with client:
        _list(client)
        fake.revoke_access_tokens()

        _list(client)

    assert fake.requests["token"] == 2


def test_a_token_that_ran_out_is_renewed_before_it_is_refused(fake: ZohoFake) -> None:
    with ZohoClient(
        _config(fake),
        transport=FakeTransport(fake),
        clock=fake.clock,
        sleep=fake.clock.sleep,
    ) as client:
        _list(client)
        fake.clock.sleep(timedelta(hours=1).total_seconds())
        _list(client)

    assert fake.requests == {"token": 2, "Leads list": 2}


def test_clients_that_share_a_store_share_the_token(fake: ZohoFake, run: Run) -> None:
    store = MemoryTokenStore()
    for _ in range(3):
        with ZohoClient(
            _config(fake),
            transport=FakeTransport(fake),
            token_store=store,
            clock=fake.clock,
        ) as client:
            _list(client)

    assert fake.requests["token"] == 1


def test_too_many_tokens_are_a_throttle(fake: ZohoFake, run: Run) -> None:
    for _ in range(10):
        run(fake, _list)

    with pytest.raises(ThrottledError, match="10 tokens"):
        run(fake, _list)


class _Crowd:
    """Answers like the fake, once as many requests as expected are under way."""

    def __init__(self, fake: ZohoFake, size: int) -> None:
        self._fake = fake
        self._barrier = threading.Barrier(size)

    def handle(self, request: Request) -> Reply:
        if request.name == "Leads list" and "1" in request.headers["authorization"]:
            self._barrier.wait(timeout=10)
        return self._fake.handle(request)


def test_twenty_threads_renew_a_refused_token_once(fake: ZohoFake) -> None:
    store = MemoryTokenStore()
    config = _config(fake)
    with ZohoClient(
        config, transport=FakeTransport(fake), token_store=store, clock=fake.clock
    ) as client:
        _list(client)
    fake.revoke_access_tokens()
    fake.reset_counters()
    crowd = _Crowd(fake, 20)

    def only_first_token(request: Request) -> Reply:
        is_first = request.headers.get("authorization", "").endswith("-1")
        return crowd.handle(request) if is_first else fake.handle(request)

    class Transport(FakeTransport):
        def send(self, request: Request) -> Reply:
            lowered = {name.lower(): value for name, value in request.headers.items()}
            return only_first_token(evolve(request, headers=lowered))

    with (
        ZohoClient(
            config, transport=Transport(fake), token_store=store, clock=fake.clock
        ) as client,
        ThreadPoolExecutor(20) as pool,
    ):
        pages = list(pool.map(lambda _: _list(client), range(20)))

    assert len(pages) == 20
    assert fake.requests == {"token": 1, "Leads list": 40}


def test_twenty_threads_without_a_token_make_one(fake: ZohoFake) -> None:
    with (
        ZohoClient(
            _config(fake), transport=FakeTransport(fake), clock=fake.clock
        ) as client,
        ThreadPoolExecutor(20) as pool,
    ):
        list(pool.map(lambda _: _list(client), range(20)))

    assert fake.requests == {"token": 1, "Leads list": 20}


def test_twenty_tasks_renew_a_refused_token_once(fake: ZohoFake) -> None:
    class Transport(AsyncFakeTransport):
        async def send(self, request: Request) -> Reply:
            await asyncio.sleep(0)
            return await super().send(request)

    async def main() -> None:
        async with AsyncZohoClient(
            _config(fake), transport=Transport(fake), clock=fake.clock
        ) as client:
            await _list(client)
            fake.revoke_access_tokens()
            fake.reset_counters()
            await asyncio.gather(*(_list(client) for _ in range(20)))

    asyncio.run(main())

    assert fake.requests["token"] == 1


# --- what is told to nobody --------------------------------------------------

_PERSONAL = (
    EMAIL,
    "Nowak",
    "+48600100200",
    "fake-client-secret",
    "fake-refresh-token",
    "fake-access-token",
)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Give everything that was logged, at the finest level."""
    with caplog.at_level(logging.DEBUG):
        yield lambda: caplog.text


def test_logs_hold_no_secret_and_no_person(
    fake: ZohoFake, run: Run, told: Callable[[], str]
) -> None:
    person = {"Last_Name": "Nowak", "Email": EMAIL, "Phone": "+48600100200"}

    run(fake, lambda client: client.upsert("Leads", [person]))
    run(fake, lambda client: client.records("Leads", fields=["Email", "Last_Name"]))

    assert "Leads upsert" in told()
    assert not [secret for secret in _PERSONAL if secret in told()]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(500),
        Fault.html(),
        Fault.unreachable(),
        Fault.json({"code": EMAIL, "status": "error", "details": {"api_name": EMAIL}}),
        Fault.json({"error": EMAIL}, status=400),
        Fault.json({"data": [{"message": EMAIL}]}),
    ],
)
@pytest.mark.parametrize("path", ["/crm/*", "/oauth/*"])
def test_errors_hold_no_secret_and_no_person(
    fake: ZohoFake, run: Run, told: Callable[[], str], fault: Fault, path: str
) -> None:
    config = evolve(_config(fake), retry=RetryPolicy(attempts=1))
    person = {"Last_Name": "Nowak", "Email": EMAIL, "Phone": "+48600100200"}
    fake.fail_next(fault, path, times=9)

    with pytest.raises(CrmbridgeError) as caught:
        run(fake, lambda client: client.insert("Leads", [person]), config)

    said = f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {told()}"
    assert not [secret for secret in _PERSONAL if secret in said]


def test_a_client_shows_no_secret(fake: ZohoFake) -> None:
    with ZohoClient(_config(fake), transport=FakeTransport(fake)) as client:
        said = f"{client!r} {client.config!r}"

    assert not [secret for secret in _PERSONAL if secret in said]
