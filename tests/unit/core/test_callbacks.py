"""What callbacks of both services are read and checked with."""

from __future__ import annotations

import pytest

from crmbridge._callbacks import is_on_loopback


@pytest.mark.parametrize(
    ("url", "is_near"),
    [
        ("http://127.0.0.1", True),
        ("http://127.8.9.1:80/a?b", True),
        ("http://[::1]:8000/", True),
        ("http://localhost:1/", True),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://0.0.0.0/", False),
        ("http://[::1/", False),
        ("/path", False),
    ],
)
def test_loopback_is_known(url: str, *, is_near: bool) -> None:
    assert is_on_loopback(url) is is_near
