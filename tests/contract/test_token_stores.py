"""Every token store of ours keeps the contract, and a broken one does not."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from attrs import evolve

from crmbridge.testing import TokenStoreContract
from crmbridge.zoho import AccessToken, FileTokenStore, MemoryTokenStore, TokenStore


class TestMemoryTokenStore(TokenStoreContract):
    @pytest.fixture
    def store(self) -> MemoryTokenStore:
        return MemoryTokenStore()


class TestFileTokenStore(TokenStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> FileTokenStore:
        self._path = tmp_path / "tokens.json"
        return FileTokenStore(self._path)

    def reopened(self, store: TokenStore) -> FileTokenStore:
        return FileTokenStore(self._path)


# --- the contract finds what is broken ---------------------------------------


class Unlocked(MemoryTokenStore):
    """Lets everybody in."""

    def lock(self, key: str) -> AbstractContextManager[object]:
        return nullcontext()


class Forgetful(MemoryTokenStore):
    """Keeps the token, and not when it was asked for."""

    def save(self, key: str, token: AccessToken) -> None:
        super().save(key, evolve(token, asked_at=()))


class Single(MemoryTokenStore):
    """Has one place for all organisations."""

    def load(self, key: str) -> AccessToken | None:
        return super().load("")

    def save(self, key: str, token: AccessToken) -> None:
        super().save("", token)


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (Unlocked, TokenStoreContract.test_one_at_a_time_holds_the_lock),
        (Forgetful, TokenStoreContract.test_a_token_is_kept_with_all_it_holds),
        (Single, TokenStoreContract.test_keys_do_not_meet),
    ],
)
def test_the_contract_finds_a_broken_store(
    broken: type[MemoryTokenStore], test: object
) -> None:
    assert callable(test)

    with pytest.raises(AssertionError):
        test(TokenStoreContract(), broken())
