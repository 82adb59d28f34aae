"""Zoho's own Python SDK against the fake, over HTTP on loopback.

The SDK is no part of this project's set-up: ``make peers`` installs it beside the
tests and runs this folder. Where it is missing, the tests are skipped.
What it reads out of the fake's answers is read by Zoho's own code: its types, its
names, its idea of an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from crmbridge.testing import LoopbackServer, SystemClock, ZohoFake

pytest.importorskip(
    "zohocrmsdk", reason="Zoho's SDK is not installed: run `make peers`"
)
# The SDK warns about its own code, and logs failures of what it only tries.
pytestmark = pytest.mark.filterwarnings("ignore")

ROOT: Final = "zohocrmsdk.src.com.zoho"
CONTACTS: Final = 2_300


def sdk(module: str) -> Any:
    """Import a module of the SDK by its short name."""
    return import_module(f"{ROOT}.{module}")


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZohoFake]:
    """Give a fake that the SDK is pointed at; the SDK is one for the process."""
    fake = ZohoFake(clock=SystemClock())
    for number in range(CONTACTS):
        fake.people.add_contact(
            Last_Name=f"Nowak {number}", Email=f"n{number}@example.com"
        )
    with LoopbackServer(fake) as server:
        fake.api_domain = server.url
        _initialize(fake, server.url, tmp_path_factory.mktemp("sdk"))
        yield fake


def _initialize(fake: ZohoFake, url: str, folder: Path) -> None:
    account = fake.account(url)
    logger = sdk("api.logger").Logger
    sdk("crm.api.initializer").Initializer.initialize(
        environment=sdk("crm.api.dc").DataCenter.Environment(
            url, f"{url}/oauth/v2/token", url
        ),
        token=sdk("api.authenticator.oauth_token").OAuthToken(
            client_id=account["client_id"],
            client_secret=account["client_secret"],
            refresh_token=account["refresh_token"],
        ),
        store=sdk("api.authenticator.store").FileStore(str(folder / "tokens.txt")),
        sdk_config=sdk("crm.api.sdk_config").SDKConfig(),
        resource_path=str(folder),
        logger=logger.get_instance(
            level=logger.Levels.ERROR, file_path=str(folder / "log.txt")
        ),
    )


def _parameters(**values: Any) -> Any:
    parameters = sdk("crm.api").ParameterMap()
    kind = values.pop("kind")
    for name, value in values.items():
        parameters.add(getattr(kind, name), value)
    return parameters


def _records(module: str) -> Any:
    return sdk("crm.api.record").RecordOperations(module)


def _record(record_id: str | None = None, **values: Any) -> Any:
    record = sdk("crm.api.record").Record()
    if record_id is not None:
        record.set_id(int(record_id))
    for name, value in values.items():
        record.add_key_value(name, value)
    return record


def _body(*records: Any) -> Any:
    body = sdk("crm.api.record").BodyWrapper()
    body.set_data(list(records))
    body.set_trigger([])
    return body


def _results(response: Any) -> list[Any]:
    results: list[Any] = response.get_object().get_data()
    return results


def _codes(response: Any) -> list[str]:
    return [result.get_code().get_value() for result in _results(response)]


def test_it_reads_contacts_by_page_token(fake: ZohoFake) -> None:
    kind = sdk("crm.api.record").GetRecordsParam
    headers = sdk("crm.api").HeaderMap()
    names: list[str] = []
    more: dict[str, str] = {}

    while True:
        asked = _parameters(kind=kind, fields="Last_Name,Email,Owner", **more)
        page = _records("Contacts").get_records(asked, headers).get_object()
        names += [row.get_key_value("Last_Name") for row in page.get_data()]
        if not page.get_info().get_more_records():
            break
        more = {"page_token": page.get_info().get_next_page_token()}

    assert sorted(names) == sorted(f"Nowak {number}" for number in range(CONTACTS))


def test_it_creates_and_updates(fake: ZohoFake) -> None:
    leads = _records("Leads")
    headers = sdk("crm.api").HeaderMap()

    made = leads.create_records(_body(_record(Last_Name="Żółć", Fax="12")), headers)
    lead_id = str(_results(made)[0].get_details()["id"])
    changed = leads.update_records(_body(_record(lead_id, Fax="13")), headers)

    assert _codes(made) == _codes(changed) == ["SUCCESS"]
    assert fake.people.record(lead_id)["Fax"] == "13"


def test_it_reads_the_errors_of_single_records(fake: ZohoFake) -> None:
    body = _body(
        _record(Last_Name="New", Email="new@example.com"),
        _record(Last_Name="Known", Email="n7@example.com"),
        _record(Last_Name="x" * 81, Email="long@example.com"),
        _record(Email="nameless@example.com"),
    )
    body.set_duplicate_check_fields(["Email"])

    answer = _records("Contacts").upsert_records(body, sdk("crm.api").HeaderMap())

    assert _codes(answer) == [
        "SUCCESS",
        "SUCCESS",
        "INVALID_DATA",
        "MANDATORY_NOT_FOUND",
    ]
    actions = [result.get_action().get_value() for result in _results(answer)[:2]]
    assert actions == ["insert", "update"]
    assert str(_results(answer)[2].get_details()["maximum_length"]) == "80"


def test_it_converts_a_lead(fake: ZohoFake) -> None:
    lead_id = fake.people.add_lead(Last_Name="Convert", Company="Acme")
    convert = sdk("crm.api.convert_lead")
    body = convert.BodyWrapper()
    body.set_data([convert.LeadConverter()])

    operations = convert.ConvertLeadOperations(int(lead_id))
    answer = operations.convert_lead(body)

    (result,) = _results(answer)
    contact_id = str(result.get_details()["Contacts"].get_id())
    assert fake.people.record(contact_id)["Account_Name"]["name"] == "Acme"


def test_it_reads_deleted_records(fake: ZohoFake) -> None:
    gone = fake.people.add_lead(Last_Name="Gone")
    fake.people.delete(gone)
    kind = sdk("crm.api.record").GetDeletedRecordsParam
    asked = _parameters(kind=kind, type="all")

    answer = _records("Leads").get_deleted_records(asked, sdk("crm.api").HeaderMap())

    rows = _results(answer)
    assert str(rows[0].get_id()) == gone
    assert rows[0].get_type() == "recycle"


def test_it_queries(fake: ZohoFake) -> None:
    coql = sdk("crm.api.coql")
    body = coql.BodyWrapper()
    body.set_select_query(
        "select Last_Name, Email from Contacts where Email = 'n7@example.com' limit 5"
    )

    answer = coql.CoqlOperations().get_records(body)

    (row,) = _results(answer)
    assert row.get_key_value("Email") == "n7@example.com"


def test_it_lists_users(fake: ZohoFake) -> None:
    users = sdk("crm.api.users")
    asked = _parameters(kind=users.GetUsersParam, type="ActiveUsers")

    answer = users.UsersOperations().get_users(asked, sdk("crm.api").HeaderMap())

    (user,) = answer.get_object().get_users()
    assert user.get_email() == "admin@example.com"


def test_it_reads_fields(fake: ZohoFake) -> None:
    fields = sdk("crm.api.fields")
    asked = _parameters(kind=fields.GetFieldsParam, module="Leads")

    answer = fields.FieldsOperations().get_fields(asked)

    found = {one.get_api_name(): one for one in answer.get_object().get_fields()}
    assert found["Last_Name"].get_length() == 80
    assert found["Last_Name"].get_system_mandatory()
    assert found["Company"].get_data_type() == "text"
