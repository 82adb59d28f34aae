"""Fixtures that tests of every kind share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import settings

# A deadline in milliseconds would make tests fail on a busy machine.
settings.register_profile("crmbridge", deadline=None, print_blob=True)
settings.load_profile("crmbridge")

RequireService: TypeAlias = Callable[[str, Callable[[], object]], None]


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests (``@pytest.mark.anyio``) on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def require_service() -> RequireService:
    """Give ``require_service(name, probe)``, to be called before a test's service.

    ``probe`` speaks to the service and raises where it does not answer.
    The test is then skipped, saying why; it fails instead where
    ``CRMBRIDGE_REQUIRE_SERVICES=1`` says that every service must be there.
    """
    is_required = os.environ.get("CRMBRIDGE_REQUIRE_SERVICES") == "1"

    def require(name: str, probe: Callable[[], object]) -> None:
        try:
            probe()
        except Exception as error:  # noqa: BLE001 - each driver has its own errors
            message = f"{name} does not answer: {type(error).__name__}: {error}"
            if is_required:
                pytest.fail(message)
            pytest.skip(message)

    return require


@pytest.fixture(scope="session")
def zoho_oas() -> Path:
    """Give the folder that holds Zoho's own API schemas, which is not shipped."""
    folder = os.environ.get("CRMBRIDGE_ZOHO_OAS")
    if not folder:
        pytest.skip("CRMBRIDGE_ZOHO_OAS names no folder with Zoho's API schemas")
    path = Path(folder)
    assert path.is_dir(), "CRMBRIDGE_ZOHO_OAS names a folder that is not there"
    return path
