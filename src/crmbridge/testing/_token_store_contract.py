"""What every store of access tokens has to keep, as tests to subclass.

Floor 9.
No test runner is imported: plain asserts, and a ``store`` that the subclass
provides as a fixture.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve

from crmbridge.testing._lease_contract import at_once, raises
from crmbridge.zoho.tokens import AccessToken, TokenStore

__all__ = ["TokenStoreContract"]

_NOW: Final = datetime(2026, 3, 1, 6, 0, 0, 123456, tzinfo=UTC)
_TOKEN: Final = AccessToken(
    "1000.fake", "https://www.zohoapis.example.com", _NOW + timedelta(hours=1), (_NOW,)
)
_KEY: Final = "0123456789abcdef" * 4
_OTHER: Final = "fedcba9876543210" * 4
_ROUNDS: Final = 10


class TokenStoreContract:
    """Tests that a store keeps the promises of `crmbridge.zoho.TokenStore`.

    Subclass it in your tests and give a pytest fixture ``store`` with a new,
    empty store for each test.
    Override `reopened` if processes share what it keeps.

    >>> from crmbridge.zoho import MemoryTokenStore
    >>> class TestMyTokenStore(TokenStoreContract):
    ...     pass  # with a fixture ``store``
    >>> TestMyTokenStore().test_a_token_is_kept_with_all_it_holds(MemoryTokenStore())
    """

    def reopened(self, store: TokenStore) -> TokenStore:
        """Open what ``store`` has written as another process would.

        The default, the same store, says that it lives in one process.
        """
        return store

    def test_a_new_store_is_empty(self, store: TokenStore) -> None:
        """Nothing is found under a key that nobody wrote to."""
        assert store.load(_KEY) is None

    def test_a_token_is_kept_with_all_it_holds(self, store: TokenStore) -> None:
        """Also what says nothing to a request: when tokens were asked for."""
        store.save(_KEY, _TOKEN)

        kept = self.reopened(store).load(_KEY)

        assert kept is not None
        assert kept == _TOKEN
        assert kept.asked_at == _TOKEN.asked_at

    def test_a_mark_is_kept_like_a_token(self, store: TokenStore) -> None:
        """An empty value without an address stands for silence."""
        mark = AccessToken("", None, _NOW)
        store.save(_KEY, mark)

        kept = self.reopened(store).load(_KEY)

        assert kept is not None
        assert kept == mark
        assert kept.asked_at == ()

    def test_the_last_token_is_kept(self, store: TokenStore) -> None:
        """A token takes the place of the one before."""
        newer = evolve(_TOKEN, value="1000.newer")
        store.save(_KEY, _TOKEN)
        self.reopened(store).save(_KEY, newer)

        assert store.load(_KEY) == newer

    def test_keys_do_not_meet(self, store: TokenStore) -> None:
        """Each refresh token has a place of its own."""
        other = evolve(_TOKEN, value="1000.other")
        store.save(_KEY, _TOKEN)
        store.save(_OTHER, other)

        assert (store.load(_KEY), store.load(_OTHER)) == (_TOKEN, other)

    def test_tokens_are_kept_under_the_lock(self, store: TokenStore) -> None:
        """The lock is held around both functions, and does not stop them."""
        with store.lock(_KEY):
            store.save(_KEY, _TOKEN)
            kept = store.load(_KEY)

        assert kept == _TOKEN

    def test_the_lock_is_free_after_an_error(self, store: TokenStore) -> None:
        """Who fails while it makes a token keeps nobody out."""

        def fail() -> None:
            with store.lock(_KEY):
                raise ValueError

        raises(ValueError, fail)

        with self.reopened(store).lock(_KEY):
            store.save(_KEY, _TOKEN)

    def test_one_at_a_time_holds_the_lock(self, store: TokenStore) -> None:
        """What several read, change and write under the lock is never lost."""

        def note(number: int) -> int:
            mine = self.reopened(store) if number % 2 else store
            for _ in range(_ROUNDS):
                with mine.lock(_KEY):
                    kept = mine.load(_KEY) or evolve(_TOKEN, asked_at=())
                    time.sleep(0)  # lets another thread go first
                    asked_at = (*kept.asked_at, _NOW)
                    mine.save(_KEY, evolve(kept, asked_at=asked_at))
            return number

        numbers = at_once(note)

        kept = store.load(_KEY)
        assert kept is not None
        assert len(kept.asked_at) == len(numbers) * _ROUNDS

    def test_many_keys_are_written_at_one_time(self, store: TokenStore) -> None:
        """Tokens of different organisations do not overwrite each other."""

        def keep(number: int) -> int:
            mine = self.reopened(store) if number % 2 else store
            key = f"{number}{_KEY[1:]}"
            with mine.lock(key):
                mine.save(key, evolve(_TOKEN, value=f"1000.{number}"))
            return number

        numbers = at_once(keep)

        for number in numbers:
            kept = store.load(f"{number}{_KEY[1:]}")
            assert kept is not None
            assert kept.value == f"1000.{number}"
