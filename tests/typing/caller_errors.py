"""What a caller who handles errors may rely on; read by the checkers, never run."""

from typing import assert_type

from crmbridge.errors import CrmbridgeError, LeaseHeldError, ThrottledError


def wait_seconds(error: CrmbridgeError) -> float | None:
    assert_type(error.status, int | None)
    match error:
        case ThrottledError():
            return assert_type(error.retry_after_seconds, float | None)
        case LeaseHeldError():
            assert_type(error.holder, str)
            return None
        case _:
            return None
