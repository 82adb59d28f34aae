"""The plugin that fails a test for a leak, in a test run of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.leaks import found_in

ROOT = Path(__file__).parent.parent

LEAKING = """
    import logging
    from contextlib import suppress

    import pytest
    from crmbridge.errors import RefusedError, ServiceError

    SIGNATURE = "0123456789abcdef0123456789abcdef01234567"

    def test_a_clean_one():
        logging.getLogger("crmbridge").debug("%s %d", "contact/upsert", 200)
        with pytest.raises(RefusedError):
            raise RefusedError("refused", messages=("ann@example.com is taken",))

    def test_a_log():
        logging.getLogger("crmbridge.child").debug("to %s", "ann@example.com")

    def test_the_arguments_of_a_log():
        logging.getLogger("crmbridge").info("%.3s", SIGNATURE)

    def test_an_error_that_is_caught():
        with suppress(ServiceError):
            raise ServiceError("upsert of Ann Nowak failed")

    def test_what_stands_behind_an_error():
        with pytest.raises(ServiceError):
            try:
                raise ValueError("+48 600 100 200")
            except ValueError as error:
                raise ServiceError("failed") from error

    @pytest.fixture
    def leaking():
        yield
        ServiceError("fake-secret")

    def test_a_fixture(leaking):
        pass
"""


@pytest.mark.slow
def test_every_way_of_a_leak_fails_the_test_that_made_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "src")]))
    pytester.makepyfile(LEAKING)

    result = pytester.runpytest_subprocess("-p", "tests.leaks", "-rA")

    result.assert_outcomes(passed=2, failed=4, errors=1)
    result.stdout.fnmatch_lines_random(
        ["PASSED *::test_a_clean_one", "ERROR *::test_a_fixture*"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "sha 0123456789abcdef0123456789abcdef01234567",
        "POST with fake-secret",
        "token 1000.fake-access-token-1",
        "code=1000.fake-grant-code-1",
        "contact ann@example.com",
        "email=ann%40example.org",
        "<filled-1@poczta.example>",
        "call +48 33 811 22 33",
        "call 0048338112233",
        "phone=%2B48338112233",
        "card of Brzęczyszczykiewicz",
    ],
)
def test_what_nobody_may_see_is_found(text: str) -> None:
    assert len(list(found_in(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "salesmanago POST -> 200 in 0.001 s",
        "id 0b7c5a52-0000-11f0-8000-000000000001",
        "https://app2.salesmanago.com, https://www.zohoapis.eu",
        "2026-11-24T10:00:00+01:00, 1760000000000 ms",
        "in 0.0048216610002782545 s",
        "scopes ZohoCRM.modules.ALL of 1000 records",
    ],
)
def test_what_everybody_may_see_is_let_pass(text: str) -> None:
    assert list(found_in(text)) == []
