"""The COQL of the fake alone: its grammar, its bounds, the words of its errors."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.testing import ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of

pytestmark = pytest.mark.fake_row("COQL")


@pytest.fixture
def api() -> Api:
    """Give an organisation with three leads, of which one is converted."""
    fake = ZohoFake()
    add = fake.people.add_lead
    add(Last_Name="Nowak", City="Ustka", Email="Ann@example.com")
    add(Last_Name="O'Hara", Email_Opt_Out=True)
    fake.people.convert(add(Last_Name="Zima", City="ustka", Company="Acme"))
    return Api(fake)


def ask(api: Api, text: object) -> Any:
    """Ask a question; give the last names, or the status and code of a refusal."""
    reply = api.ask("POST", "coql", {"select_query": text})
    if reply.status == 204:
        return []
    if reply.status != 200:
        return code_of(reply)
    return [row["Last_Name"] for row in reply.json()["data"]]


def question(select: str = "id", where: str = "id > 0", rest: str = "") -> str:
    """Write a question."""
    return f"select {select} from Leads where {where} {rest}"  # noqa: S608 - COQL


NOWAK, OHARA, ZIMA = "Nowak", "O'Hara", "Zima"


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("id is not null", [NOWAK, OHARA, ZIMA]),
        ("City is null", [OHARA]),
        ("City IS NOT NULL", [NOWAK, ZIMA]),
        ("Email = 'ann@EXAMPLE.com' and City is not null", [NOWAK]),
        ("Email = 'ann@example.com' and City is null", []),
        ("Email = 'ann@example.com' or City is null", [NOWAK, OHARA]),
        ("Email in ('x','ann@example.com') order by id desc", [NOWAK]),
        ("Converted_Contact.Last_Name in ('Zima')", [ZIMA]),
        ("City = 'USTKA'", [NOWAK, ZIMA]),
        ("City != 'x'", [NOWAK, ZIMA]),
        ("Last_Name = 'O''Hara'", [OHARA]),
        ('Last_Name = "O\'Hara"', [OHARA]),
        ("Last_Name in ('Nowak','Zima')", [NOWAK, ZIMA]),
        ("Last_Name not in ('Nowak')", [OHARA, ZIMA]),
        ("Last_Name like 'no%'", [NOWAK]),
        ("Last_Name like '%ma'", [ZIMA]),
        ("Last_Name like '%a%'", [NOWAK, OHARA, ZIMA]),
        ("Last_Name like 'nowak'", [NOWAK]),
        ("Last_Name not like '%a'", [NOWAK]),
        ("Email_Opt_Out = true", [OHARA]),
        ("Email_Opt_Out = 'false'", [NOWAK, ZIMA]),
        ("Converted__s = true", [ZIMA]),
        ("Converted_Contact.Last_Name = 'Zima'", [ZIMA]),
        ("Converted_Account.Account_Name = 'Acme'", [ZIMA]),
        ("Owner.email = 'admin@example.com'", [NOWAK, OHARA, ZIMA]),
        ("Owner in ('1')", []),
        ("'Last_Name' = 'Zima'", [ZIMA]),
        ("Created_Time > '2020-01-01T00:00:00+01:00'", [NOWAK, OHARA, ZIMA]),
        (
            "Created_Time between '2020-01-01T00:00:00Z' and '2020-01-02T00:00:00Z'",
            [],
        ),
        ("id > '0'", [NOWAK, OHARA, ZIMA]),
        ("id < 5", []),
        ("(City is null or Last_Name = 'Zima')", [OHARA, ZIMA]),
        ("City = 'ustka' and Last_Name = 'Zima'", [ZIMA]),
        ("((City is null and id > 0) or (Last_Name = 'Zima'))", [OHARA, ZIMA]),
        ("id is not null order by Last_Name desc", [ZIMA, OHARA, NOWAK]),
        ("id is not null order by City, Last_Name DESC", [OHARA, ZIMA, NOWAK]),
        ("id is not null order by id desc limit 1", [ZIMA]),
        ("id is not null limit 1 offset 1", [OHARA]),
        ("id is not null LIMIT 1, 2", [OHARA, ZIMA]),
        ("id is not null limit 5 offset 3", []),
    ],
)
def test_a_condition_finds(api: Api, where: str, found: list[str]) -> None:
    assert ask(api, question("Last_Name", where)) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("select Last_Name from Leads", "SYNTAX_ERROR"),
        ("select Last_Name from Leads limit 5", "SYNTAX_ERROR"),
        ("select Last_Name", "SYNTAX_ERROR"),
        ("", "SYNTAX_ERROR"),
        ("delete from Leads where id is not null", "SYNTAX_ERROR"),
        ("select Last_Name from Leads where", "SYNTAX_ERROR"),
        ("select External, from from Leads where id > 0", "SYNTAX_ERROR"),
        ("select * from Leads where id > 0", "SYNTAX_ERROR"),
        ("select id from Leads where id > 0 and id > 1 and id > 2", "SYNTAX_ERROR"),
        ("select id from Leads where (id > 0 and id > 1 and id > 2)", "SYNTAX_ERROR"),
        ("select id from Leads where (id > 0", "SYNTAX_ERROR"),
        ("select id from Leads where City = Ustka", "SYNTAX_ERROR"),
        ("select id from Leads where City = 'Ust'ka'", "SYNTAX_ERROR"),
        ("select id from Leads where City = 'Ustka", "SYNTAX_ERROR"),
        ("select id from Leads where City in ()", "SYNTAX_ERROR"),
        ("select id from Leads where City near 'x'", "SYNTAX_ERROR"),
        ("select id from Leads where City is 'x'", "SYNTAX_ERROR"),
        ("select id from Leads where id > 0; select", "SYNTAX_ERROR"),
        ("select id from Leads where id > 0 limit x", "INVALID_QUERY"),
        ("select id from Leads where id > 0 limit 0", "INVALID_DATA"),
        ("select No from Leads where id > 0", "INVALID_QUERY"),
        ("select id from Leads where No = 1", "INVALID_QUERY"),
        ("select id from Leads where id > 0 order by No", "INVALID_QUERY"),
        ("select Owner.no from Leads where id > 0", "INVALID_QUERY"),
        ("select City.id from Leads where id > 0", "INVALID_QUERY"),
        ("select id from Leads where City > 'a'", "INVALID_QUERY"),
        ("select id from Leads where Email_Opt_Out = 'maybe'", "INVALID_QUERY"),
        ("select id from Leads where Created_Time > '2020'", "INVALID_QUERY"),
        (
            "select id from Leads where Created_Time > '2020-01-01T00:00:00'",
            "INVALID_QUERY",
        ),
        ("select id from Leads where id > 'x'", "INVALID_QUERY"),
        ("select id from Leads where Tag = 'x'", "INVALID_QUERY"),
        ("select City, City from Leads where id > 0", "DUPLICATE_DATA"),
        ("select id from Leads where id > 0 order by id, id", "DUPLICATE_DATA"),
        ("select id from Users where id > 0", "INVALID_MODULE"),
        (None, "MANDATORY_NOT_FOUND"),
    ],
)
def test_what_is_no_question_is_refused(api: Api, text: object, code: str) -> None:
    assert ask(api, text) == (400, code)


def test_a_body_without_a_question_is_refused(api: Api) -> None:
    reply = api.ask("POST", "coql", ["select"])

    assert code_of(reply) == (400, "MANDATORY_NOT_FOUND")
    assert api.ask("GET", "coql").status == 400


def test_the_bounds_are_those_of_the_documentation(api: Api) -> None:
    def of(*parts: str, **named: str) -> Any:
        return ask(api, question(*parts, **named))

    values = ",".join(f"'{number}'" for number in range(101))
    orders = "Last_Name, City, Email, Fax, Phone, Mobile, State, Street, Country, "
    exceeded = (400, "LIMIT_EXCEEDED")

    assert of("Last_Name", rest="limit 2000") == [NOWAK, OHARA, ZIMA]
    assert of(rest="limit 2001") == exceeded
    assert of(rest="limit 2000 offset 98001") == exceeded
    assert of("Last_Name", rest="limit 2000 offset 98000") == []
    assert of(where=f"City in ({values})") == exceeded
    assert of(",".join(f"F{number}" for number in range(501))) == exceeded
    assert of(rest=f"order by {orders} Company, id") == exceeded


def test_small_bounds_are_those_of_old_pages(api: Api) -> None:
    api.fake.switches = ZohoSwitches(coql_limits="small")

    def of(*parts: str, **named: str) -> Any:
        return ask(api, question(*parts, **named))

    values = ",".join(f"'{number}'" for number in range(51))
    exceeded = (400, "LIMIT_EXCEEDED")

    assert of("Last_Name", rest="limit 200 offset 9800") == []
    assert of(rest="limit 201") == exceeded
    assert of(rest="limit 200 offset 9801") == exceeded
    assert of(where=f"City not in ({values})") == exceeded
    assert of(",".join(f"F{number}" for number in range(51))) == exceeded


def test_the_wall_can_be_nearer(api: Api) -> None:
    api.fake.switches = ZohoSwitches(coql_wall=2)

    text = "select Last_Name from Leads where id > 0 limit 1 offset "

    assert ask(api, f"{text}1") == [OHARA]
    assert ask(api, f"{text}2") == (400, "LIMIT_EXCEEDED")


def test_without_a_limit_there_are_200_rows() -> None:
    fake = ZohoFake()
    fake.people.fill("Leads", 201)
    reply = Api(fake).ask(
        "POST", "coql", {"select_query": "select id from Leads where id is not null"}
    )

    assert reply.json()["info"] == {"count": 200, "more_records": True}
    assert fake.credits == 1


def test_a_missing_clause_is_named(api: Api) -> None:
    reply = api.ask("POST", "coql", {"select_query": "select id from Leads"})

    assert reply.json() == {
        "code": "SYNTAX_ERROR",
        "details": {"clause": "where"},
        "message": "missing clause",
        "status": "error",
    }


def test_records_that_the_user_may_not_see_are_not_found(api: Api) -> None:
    hidden = api.fake.people.add_lead(Last_Name="Hidden")
    api.fake.people.hide(hidden)

    assert ask(api, "select Last_Name from Leads where Last_Name = 'Hidden'") == []


def test_a_part_of_a_big_module_is_found_by_bisection() -> None:
    fake = ZohoFake()
    fake.people.fill("Leads", 3000)
    api = Api(fake)
    last = api.ids(per_page="1")[0]

    found = ask(api, question("Last_Name", f"(City is null and id >= '{last}')"))

    assert found == ["Lead 3000"]
