"""Reading and writing SALESmanago contacts, beside the least code over httpx.

Only the CPU of this process counts: the fake answers from a process of its own,
over HTTP on loopback. The least code sends the same requests and reads the same
answers with ``httpx`` and ``json`` alone; it has no types, no checks, no retries,
no limits, and matches nothing by id.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx
from attrs import field, frozen

from bench.figures import Figure
from bench.turns import best
from crmbridge import Limits, SalesmanagoClient, SalesmanagoConfig
from crmbridge.salesmanago import ContactDetails

PEOPLE = 12_000
UPDATES = 5_000
DAYS = 190
WINDOW_DAYS = 30
IDS = 50
ROUNDS = 5


@frozen
class Bench:
    """What both ways work on."""

    config: SalesmanagoConfig
    until: datetime
    emails: tuple[str, ...] = field(repr=False)

    @property
    def since(self) -> datetime:
        """When the first contact was made, or before."""
        return datetime.combine(self.config.history_start, time(), UTC)


def main() -> Iterable[Figure]:
    """Measure both ways in turns, and take the best round of each."""
    with _service() as config, SalesmanagoClient(config) as client:
        bench = _prepared(client, config)
        count = len(bench.emails)
        read, least_read = best(
            lambda: _read(client, bench), lambda: _least_read(bench), count, ROUNDS
        )
        written, least_write = best(
            lambda: _write(client, bench), lambda: _least_write(bench), UPDATES, ROUNDS
        )
    yield Figure(
        "read a SALESmanago contact",
        read,
        "us/contact",
        1.25 * least_read,
        least_read,
    )
    yield Figure(
        "upsert a SALESmanago contact",
        written,
        "us/contact",
        1.25 * least_write,
        least_write,
    )


@contextmanager
def _service() -> Iterator[SalesmanagoConfig]:
    command = [sys.executable, "-m", "crmbridge.testing", "--people", str(PEOPLE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield SalesmanagoConfig(
                **json.loads(process.stdout.readline())["salesmanago"],
                history_start=(datetime.now(UTC) - timedelta(days=DAYS)).date(),
                limits=Limits(max_in_flight=1),  # one by one, as the least code
            )
        finally:
            process.terminate()


def _prepared(client: SalesmanagoClient, config: SalesmanagoConfig) -> Bench:
    """Learn who is there."""
    # Reading ends before what is written, so each round reads the same.
    until = datetime.now(UTC) - timedelta(minutes=2)
    found = client.changed_ids(until=until, window_days=WINDOW_DAYS)
    return Bench(config, until, tuple([one.email for one in found]))


# --- reading -----------------------------------------------------------------


def _read(client: SalesmanagoClient, bench: Bench) -> None:
    found = client.changed_contacts(until=bench.until, window_days=WINDOW_DAYS)
    assert sum(1 for _ in found) == len(bench.emails)


def _least_read(bench: Bench) -> None:
    count = 0
    with _bare(bench) as least:
        ids: dict[str, None] = {}
        for owner in least.ask("user/listByClient", {})["users"]:
            for window in _windows(bench):
                where = {"owner": owner, **window}
                rows = least.ask("contact/createdContacts", where)["createdContacts"]
                where |= {"page": 1, "size": bench.config.page_size}
                path = "contact/paginatedModifiedContacts"
                rows += least.ask(path, where)["modifiedContacts"]
                ids.update((row["id"], None) for row in rows)
        asked = list(ids)
        for start in range(0, len(asked), IDS):
            body = {"contactId": asked[start : start + IDS]}
            answer = least.ask("contact/listAllById", body | least.owner)
            for _ in answer["contacts"]:
                count += 1
    assert count == len(bench.emails)


def _windows(bench: Bench) -> Iterator[dict[str, int]]:
    step = timedelta(days=WINDOW_DAYS)
    start = bench.since
    while start < bench.until:
        end = min(start + step, bench.until)
        yield {
            "from": int(start.timestamp() * 1000),
            "to": int(end.timestamp() * 1000),
        }
        start = end


# --- writing -----------------------------------------------------------------


def _write(client: SalesmanagoClient, bench: Bench) -> None:
    results = client.batch_upsert(
        ContactDetails(
            email,
            {
                "phone": "+48 12 345 67 89",
                "fax": "12 3456",
                "address": {"city": "Łódź"},
            },
            province="łódzkie",
        )
        for email in bench.emails[:UPDATES]
    )
    assert sum(one.is_success for one in results) == UPDATES


def _least_write(bench: Bench) -> None:
    keep = dict.fromkeys(
        ("forceOptIn", "forceOptOut", "forcePhoneOptIn", "forcePhoneOptOut"), False
    )
    emails, size, good = bench.emails[:UPDATES], bench.config.batch_size, 0
    with _bare(bench) as least:
        for start in range(0, len(emails), size):
            rows = [
                {
                    "contact": {
                        "email": email,
                        "phone": "+48 12 345 67 89",
                        "fax": "12 3456",
                        "address": {"city": "Łódź"},
                    },
                    "province": "łódzkie",
                    **keep,
                }
                for email in emails[start : start + size]
            ]
            body = {"useApiDoubleOptIn": False, "upsertDetails": rows, **least.owner}
            good += len(least.ask("contact/batchupsert", body)["contactIds"])
    assert good == UPDATES


@frozen
class Least:
    """The least that speaks to SALESmanago."""

    http: httpx.Client
    signature: dict[str, Any] = field(repr=False)
    owner: dict[str, str] = field(repr=False)

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """Send one signed request and read its answer."""
        content = json.dumps({**self.signature, **body}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        return json.loads(
            self.http.post(f"/api/{path}", content=content, headers=headers).content
        )


@contextmanager
def _bare(bench: Bench) -> Iterator[Least]:
    config = bench.config
    text = f"any{config.client_id}{config.api_secret}"
    signature = {
        "clientId": config.client_id,
        "apiKey": "any",
        "requestTime": int(datetime.now(UTC).timestamp() * 1000),
        "sha": hashlib.sha1(text.encode()).hexdigest(),  # noqa: S324 - the service's own
    }
    with httpx.Client(base_url=config.endpoint, timeout=60, trust_env=False) as http:
        yield Least(http, signature, {"owner": config.owner})
