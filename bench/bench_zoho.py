"""Reading and writing Zoho records, beside the least code over httpx.

Only the CPU of this process counts: the fake answers from a process of its own,
over HTTP on loopback. The least code sends the same requests and reads the same
answers with ``httpx`` and ``json`` alone; it has no types, no checks, no retries
and no limits.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from attrs import frozen

from bench.figures import Figure
from bench.turns import best
from crmbridge import ZohoClient, ZohoConfig

RECORDS = 20_000
UPDATES = 5_000
ROUNDS = 5
FIELDS = [
    *("First_Name", "Last_Name", "Email", "Phone", "Mobile", "Fax", "Company"),
    *("Street", "City", "State", "Zip_Code", "Country", "Description", "Lead_Source"),
    *("Owner", "Tag", "Email_Opt_Out", "Converted__s", "Modified_Time", "Created_Time"),
]


@frozen
class Bench:
    """What both ways work on."""

    config: ZohoConfig
    token: str
    ids: tuple[str, ...]


def main() -> Iterable[Figure]:
    """Measure both ways in turns, and take the best round of each."""
    with _service() as config, ZohoClient(config) as client:
        bench = _prepared(client, config)
        read, least_read = best(
            lambda: _read(client), lambda: _least_read(bench), RECORDS, ROUNDS
        )
        written, least_write = best(
            lambda: _write(client, bench), lambda: _least_write(bench), UPDATES, ROUNDS
        )
    yield Figure("read a Zoho record", read, "us/record", 1.25 * least_read, least_read)
    yield Figure(
        "update a Zoho record", written, "us/record", 1.25 * least_write, least_write
    )


@contextmanager
def _service() -> Iterator[ZohoConfig]:
    command = [sys.executable, "-m", "crmbridge.testing"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield ZohoConfig(**json.loads(process.stdout.readline())["zoho"])
        finally:
            process.terminate()


def _prepared(client: ZohoClient, config: ZohoConfig) -> Bench:
    """Fill the fake, and take a token for the least code."""
    made = client.insert("Leads", [_lead(number) for number in range(RECORDS)])
    reply = httpx.post(
        f"{config.accounts_base}/oauth/v2/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": config.refresh_token,
            "client_id": config.client_id,
            "client_secret": config.client_secret,
        },
        trust_env=False,
    )
    ids = tuple([one.id or "" for one in made[:UPDATES]])
    return Bench(config, reply.json()["access_token"], ids)


def _lead(number: int) -> dict[str, object]:
    return {
        "First_Name": "Zofia",
        "Last_Name": f"Jankowska {number}",
        "Email": f"zofia{number}@example.com",
        "Phone": f"+48 33 811 {number:05}",
        "Company": f"Company {number % 500}",
        "Street": "ul. Długa 7",
        "City": "Kraków",
        "Zip_Code": "31-147",
        "Country": "Poland",
    }


# --- reading -----------------------------------------------------------------


def _read(client: ZohoClient) -> None:
    count = sum(1 for _ in client.records("Leads", fields=FIELDS))
    assert count == RECORDS


def _least_read(bench: Bench) -> None:
    query = {"fields": ",".join(FIELDS), "per_page": "200"}
    count = 0
    with _bare(bench) as client:
        while True:
            body = json.loads(client.get("/crm/v8/Leads", params=query).content)
            for _ in body["data"]:
                count += 1
            token = body["info"]["next_page_token"]
            if token is None:
                break
            query["page_token"] = token
    assert count == RECORDS


# --- writing -----------------------------------------------------------------


def _changes(bench: Bench) -> list[dict[str, object]]:
    return [
        {"id": lead_id, "Phone": "+48 12 345 67 89", "City": "Łódź", "Fax": "12 3456"}
        for lead_id in bench.ids
    ]


def _write(client: ZohoClient, bench: Bench) -> None:
    results = client.update("Leads", _changes(bench))
    assert sum(result.is_success for result in results) == UPDATES


def _least_write(bench: Bench) -> None:
    changes, good = _changes(bench), 0
    with _bare(bench) as client:
        for start in range(0, len(changes), 100):
            body = {"data": changes[start : start + 100], "trigger": []}
            content = json.dumps(body, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json"}
            reply = client.put("/crm/v8/Leads", content=content, headers=headers)
            rows: list[Any] = json.loads(reply.content)["data"]
            good += sum(row["status"] == "success" for row in rows)
    assert good == UPDATES


def _bare(bench: Bench) -> httpx.Client:
    return httpx.Client(
        base_url=bench.config.api_base,
        headers={"Authorization": f"Zoho-oauthtoken {bench.token}"},
        timeout=60,
        trust_env=False,
    )
