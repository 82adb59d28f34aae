"""The guards of the test run itself."""

from __future__ import annotations

import socket
from typing import NoReturn

import pytest

from tests.conftest import RequireService


def _no_answer() -> NoReturn:
    raise ConnectionRefusedError


def test_a_test_cannot_speak_to_another_machine() -> None:
    with (
        socket.socket() as outside,
        pytest.raises(AssertionError, match="this machine only"),
    ):
        outside.connect(("192.0.2.1", 80))


def test_a_test_cannot_ask_for_another_machines_name() -> None:
    with pytest.raises(AssertionError, match="this machine only"):
        socket.getaddrinfo("crm.example", 443)


def test_a_test_may_speak_to_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            peer = client.getpeername()

        assert peer == server.getsockname()


def test_a_service_that_answers_is_used(require_service: RequireService) -> None:
    require_service("loopback", lambda: None)


def test_a_service_that_does_not_answer_skips_or_fails(
    require_service: RequireService,
) -> None:
    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception)) as outcome:
        require_service("postgresql", _no_answer)

    assert "postgresql does not answer" in str(outcome.value)
