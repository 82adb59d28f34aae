"""``python -m crmbridge.testing``: both fakes in a process of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crmbridge.config import SalesmanagoConfig, ZohoConfig
from crmbridge.salesmanago.client import SalesmanagoClient
from crmbridge.zoho.client import ZohoClient


@contextmanager
def _started(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-W", "error", "-m", "crmbridge.testing", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def _counters(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/__counters__", timeout=5) as answer:  # noqa: S310 - loopback
        counters: dict[str, Any] = json.load(answer)
    return counters


def test_the_accounts_it_prints_are_complete() -> None:
    with _started() as (_, accounts):
        salesmanago, zoho = accounts["salesmanago"], accounts["zoho"]

    assert set(salesmanago) == {"endpoint", "client_id", "api_secret", "owner"}
    assert set(zoho) == {
        "accounts_url",
        "api_domain",
        "client_id",
        "client_secret",
        "refresh_token",
        "upload_url",
    }


def test_clients_reach_the_people_by_what_it_prints() -> None:
    with _started("--people", "12", "--seed", "7") as (_, accounts):
        with SalesmanagoClient(SalesmanagoConfig(**accounts["salesmanago"])) as first:
            users = first.users()
        with ZohoClient(ZohoConfig(**accounts["zoho"])) as second:
            leads = list(second.records("Leads", fields=["Email"]))
        asked = [
            _counters(accounts["salesmanago"]["endpoint"]),
            _counters(accounts["zoho"]["api_domain"]),
        ]

    assert len(users) == 4
    assert len(leads) == 7
    assert [counters["writes"] for counters in asked] == [0, 0]
    assert asked[1]["requests"] == {"Leads list": 1, "token": 1}


def test_it_fills_zoho_with_plain_records() -> None:
    with (
        _started("--leads", "201", "--contacts", "3") as (_, accounts),
        ZohoClient(ZohoConfig(**accounts["zoho"])) as client,
    ):
        leads = list(client.records("Leads", fields=["Last_Name"]))
        contacts = list(client.records("Contacts", fields=["Last_Name"]))

    assert (len(leads), len(contacts)) == (201, 3)
    assert leads[0].fields["Last_Name"] == "Lead 201"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(number: signal.Signals) -> None:
    with _started() as (process, accounts):
        _counters(accounts["zoho"]["api_domain"])

        process.send_signal(number)
        _, errors = process.communicate(timeout=10)

    assert (process.returncode, errors) == (0, "")


def test_it_listens_on_the_ports_it_is_told() -> None:
    with _started() as (_, free):
        pass
    port = free["zoho"]["api_domain"].rpartition(":")[2]

    with _started("--zoho-port", port) as (_, accounts):
        assert accounts["zoho"]["accounts_url"] == free["zoho"]["accounts_url"]
