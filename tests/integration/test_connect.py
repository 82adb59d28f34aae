"""``python -m crmbridge.zoho connect``: from a grant token to a stored account."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmbridge import ZohoClient
from crmbridge.testing import Fault, LoopbackServer, ZohoFake
from crmbridge.zoho import load_zoho_config
from crmbridge.zoho.scopes import SYNCHRONISING

pty = pytest.importorskip("pty")

COMMAND = [sys.executable, "-W", "error", "-m", "crmbridge.zoho", "connect"]
SECRET = "fake-client-secret"


class Desk:
    """A person's desk: a fake on loopback, an empty folder, a command."""

    def __init__(self, fake: ZohoFake, url: str, folder: Path) -> None:
        self.fake = fake
        self.url = url
        self.folder = folder
        self.code = fake.grant_code(*SYNCHRONISING, lifetime_seconds=600)

    @property
    def output(self) -> Path:
        return self.folder / "zoho.json"

    @property
    def options(self) -> list[str]:
        client_id = self.fake.account()["client_id"]
        return [
            *("--data-centre", "eu", "--client-id", client_id),
            *("--accounts-url", self.url),
        ]

    def run(
        self, *more: str, given: str | None = None, options: list[str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it as a program does."""
        ended = subprocess.run(
            [*COMMAND, *(self.options if options is None else options), *more],
            cwd=self.folder,
            input=f"{SECRET}\n{self.code}\n" if given is None else given,
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
        for secret in (SECRET, self.code, "refresh-token"):
            assert secret not in ended.stdout + ended.stderr
        return ended


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    fake = ZohoFake()
    with LoopbackServer(fake) as server:
        fake.api_domain = server.url
        yield Desk(fake, server.url, tmp_path)


def test_a_program_connects_with_two_lines(desk: Desk) -> None:
    ended = desk.run()

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert stat.S_IMODE(desk.output.stat().st_mode) == 0o600
    with ZohoClient(load_zoho_config(desk.output)) as client:
        assert len(client.users()) == 1


def test_connecting_costs_one_token_and_one_call(desk: Desk) -> None:
    desk.run()

    assert desk.fake.requests == {"token": 1, "org": 1}


def test_a_person_is_led_from_the_console_to_the_file(desk: Desk) -> None:
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "--accounts-url", desk.url],
        cwd=desk.folder,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as process:
        os.close(slave)
        shown = _answered(master, "One of ", "eu")
        shown += _answered(master, "Client id: ", desk.fake.account()["client_id"])
        shown += _answered(master, "Client secret (it is not shown): ", SECRET)
        shown += _answered(master, "Code (it is not shown): ", desk.code)
        shown += _rest(master)
        status = process.wait(60)
    os.close(master)

    assert status == 0
    assert "https://api-console.zoho.eu" in shown
    assert ",".join(SYNCHRONISING) in shown
    assert "10 minutes" in shown
    assert "load_zoho_config" in shown
    assert "Connected to" in shown
    assert SECRET not in shown
    assert desk.code not in shown
    assert load_zoho_config(desk.output).data_centre == "eu"


def _answered(terminal: int, question: str, answer: str) -> str:
    """Wait for a question, answer it, and give what was shown until then."""
    shown = ""
    while question not in shown or not shown.endswith(": "):
        part = os.read(terminal, 4096).decode()
        assert part
        shown += part
    os.write(terminal, f"{answer}\n".encode())
    return shown


def _rest(terminal: int) -> str:
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux says so of a terminal that nobody holds any more
            break
        if not part:
            break
        shown += part
    return shown.decode()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.json({"error": "invalid_code"}), ["this code", "make a new one"]),
        (Fault.json({"error": "invalid_client"}), ["client id", "data centre"]),
        (Fault.json({"error": "invalid_client_secret"}), ["client secret is wrong"]),
        (Fault.json({"error": "Access Denied"}, status=400), ["half an hour"]),
        (Fault.json({"error": "general_error"}), ["Zoho did not agree"]),
        (Fault.json({"access_token": "1000.x"}), ["no refresh token"]),
        (Fault.cut(), ["was lost", "make a new code"]),
        (Fault.html(502), ["was lost", "make a new code"]),
        (Fault.html(), ["Zoho did not agree"]),
    ],
)
def test_a_failure_is_told_in_plain_words_with_the_next_step(
    desk: Desk, fault: Fault, words: list[str]
) -> None:
    desk.fake.fail_next(fault)

    ended = desk.run()

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "Not connected" in ended.stderr
    assert not [word for word in words if word not in " ".join(ended.stderr.split())]
    assert not desk.output.exists()


def test_no_way_to_zoho_leaves_the_code_as_good_as_it_was(desk: Desk) -> None:
    nowhere = ["--data-centre", "eu", "--client-id", "x"]

    ended = desk.run("--accounts-url", "http://127.0.0.1:9", options=nowhere)

    assert ended.returncode == 1
    assert "nothing\nwas sent" in ended.stderr
    assert desk.run().returncode == 0


def test_a_code_without_the_scope_of_the_check_is_taken_back(desk: Desk) -> None:
    desk.code = desk.fake.grant_code("ZohoCRM.modules.leads.READ")

    ended = desk.run()

    assert ended.returncode == 1
    assert "paste all scopes" in ended.stderr
    assert not desk.output.exists()
    assert desk.fake.requests["revoke"] == 1


def test_scopes_that_were_not_granted_are_named(desk: Desk) -> None:
    desk.code = desk.fake.grant_code("ZohoCRM.org.READ", "ZohoCRM.modules.ALL")

    ended = desk.run("--needs", "notifications")

    assert ended.returncode == 0
    assert "ZohoCRM.coql.READ" in ended.stderr
    assert "ZohoCRM.notifications.ALL" in ended.stderr
    assert "ZohoCRM.modules.leads.ALL" not in ended.stderr


@pytest.mark.parametrize(
    "fault", [Fault.json({"code": "INTERNAL_ERROR", "status": "error"}, status=500)]
)
def test_what_may_pass_is_stored_and_said(desk: Desk, fault: Fault) -> None:
    desk.fake.fail_next(fault, "/crm/*", times=9)

    ended = desk.run()

    assert ended.returncode == 3
    assert "could not be checked" in ended.stderr
    desk.fake.faults.clear()
    with ZohoClient(load_zoho_config(desk.output)) as client:
        assert len(client.users()) == 1


def test_a_file_that_is_there_is_kept_and_no_code_is_used_up(desk: Desk) -> None:
    desk.output.write_text("precious")

    ended = desk.run()

    assert ended.returncode == 1
    assert "--replace" in ended.stderr
    assert desk.output.read_text() == "precious"
    assert not desk.fake.requests
    assert desk.run("--replace").returncode == 0


def test_a_folder_that_is_missing_is_found_before_the_code_is_used_up(
    desk: Desk,
) -> None:
    ended = desk.run("--output", "none/zoho.json")

    assert ended.returncode == 1
    assert "--output" in ended.stderr
    assert not desk.fake.requests


def test_another_copy_of_the_organisation_is_refused(desk: Desk) -> None:
    fault: Any = {"org": [{"id": "1", "zgid": "2", "type": "sandbox"}]}
    desk.fake.fail_next(Fault.json(fault), "/crm/*")

    ended = desk.run()

    assert ended.returncode == 1
    assert "--environment sandbox" in ended.stderr
    assert not desk.output.exists()


@pytest.mark.parametrize("given", ["", "\n", f"{SECRET}\n"])
def test_too_few_lines_are_asked_for(desk: Desk, given: str) -> None:
    ended = desk.run(given=given)

    assert ended.returncode == 1
    assert "a line each" in ended.stderr
    assert not desk.fake.requests


def test_a_program_has_to_say_where_and_who(desk: Desk) -> None:
    ended = desk.run(options=["--accounts-url", desk.url])

    assert ended.returncode == 1
    assert "--data-centre and --client-id" in ended.stderr


@pytest.mark.parametrize(
    "arguments", [["--client-secret", SECRET], ["--refresh-token=" + SECRET], [SECRET]]
)
def test_a_secret_among_the_arguments_is_refused_and_not_repeated(
    desk: Desk, arguments: list[str]
) -> None:
    ended = desk.run(*arguments)

    assert ended.returncode == 2
    assert "standard input" in ended.stderr
    assert not desk.fake.requests
