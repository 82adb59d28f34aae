"""Files of tokens and accounts: private, whole, and clear about what is wrong."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from crmbridge.config import RetryPolicy, ZohoConfig
from crmbridge.errors import (
    AuthtokenRetiredError,
    ConfigError,
    CrmbridgeError,
    StoreError,
)
from crmbridge.testing import FakeTransport, ZohoFake
from crmbridge.zoho import (
    FileTokenStore,
    ZohoClient,
    load_zoho_config,
    save_zoho_config,
)
from tests.unit.zoho.script import CONFIG, TOKEN

SECRETS = ("1000.CLIENT", "hush-hush", "1000.refresh", "1000.access", "ann@")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.json"


def _save_token(path: Path) -> None:
    FileTokenStore(path).save("key", TOKEN)


def _load_token(path: Path) -> object:
    return FileTokenStore(path).load("key")


def _save_config(path: Path) -> None:
    save_zoho_config(CONFIG, path)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


KINDS = pytest.mark.parametrize(
    ("save", "load", "kind"),
    [
        (_save_token, _load_token, StoreError),
        (_save_config, load_zoho_config, ConfigError),
    ],
)


# --- both files --------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_file_is_its_owners_alone_whatever_the_umask(
    path: Path, save: Any, load: Any, kind: Any, umask: int
) -> None:
    before = os.umask(umask)
    try:
        save(path)
    finally:
        os.umask(before)

    assert {_mode(found) for found in path.parent.iterdir()} == {0o600}


@KINDS
def test_a_file_is_private_before_it_has_a_secret(
    path: Path, save: Any, load: Any, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)

    save(path)

    assert modes[0] == 0o600
    assert len(modes) == 2  # the file, then its folder


@KINDS
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_file_that_others_can_reach_is_refused(
    path: Path, save: Any, load: Any, kind: type[CrmbridgeError], mode: int
) -> None:
    save(path)
    path.chmod(mode)

    with pytest.raises(kind, match="chmod 600") as caught:
        load(path)

    assert not [secret for secret in SECRETS if secret in str(caught.value)]


@KINDS
@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"1",
        b'{"a": {"b": "hush-hush"}}',
        b"[" * 9999,
    ],
)
def test_a_damaged_file_says_what_to_do_and_stays_as_it_is(
    path: Path, save: Any, load: Any, kind: type[CrmbridgeError], content: bytes
) -> None:
    save(path)
    path.write_bytes(content)

    for _ in range(3):
        with pytest.raises(kind) as caught:
            load(path)

        assert type(caught.value) is kind
        assert str(path) in str(caught.value)
        assert "hush" not in str(caught.value)
    assert path.read_bytes() == content


@KINDS
def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(
    path: Path, save: Any, load: Any, kind: Any
) -> None:
    save(path)
    first = path.stat().st_ino
    save(path)

    left = {found.name for found in path.parent.iterdir()}
    assert path.stat().st_ino != first
    assert left - {f"{path.name}.lock"} == {path.name}


@KINDS
def test_a_disk_that_is_full_leaves_the_file_as_it_was(
    path: Path, save: Any, load: Any, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(path)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        save(path)

    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.new"))
    assert not list(path.parent.glob(".*"))


@KINDS
def test_a_folder_that_is_missing_is_named(
    tmp_path: Path, save: Any, load: Any, kind: Any
) -> None:
    with pytest.raises(StoreError, match="folder"):
        save(tmp_path / "none" / "kept.json")


@KINDS
def test_a_link_is_followed_and_stays_a_link(
    path: Path, save: Any, load: Any, kind: Any
) -> None:
    link = path.with_name("link.json")
    link.symlink_to(path)

    save(link)

    assert link.is_symlink()
    assert _mode(path) == 0o600
    assert load(link) == load(path)


# --- tokens ------------------------------------------------------------------


def test_a_change_by_another_process_is_seen(path: Path) -> None:
    store = FileTokenStore(path)
    found = [store.load("key")]
    for value in ("1000.a", "1000.b"):
        FileTokenStore(path).save("key", evolve(TOKEN, value=value))
        found.append(store.load("key"))

    assert [token and token.value for token in found] == [None, "1000.a", "1000.b"]


def test_a_file_written_again_under_its_old_time_is_read_again(path: Path) -> None:
    store = FileTokenStore(path)
    store.save("key", TOKEN)
    store.load("key")
    state = path.stat()
    path.write_bytes(b"?" * state.st_size)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    with pytest.raises(StoreError):
        store.load("key")


def test_a_removed_file_is_an_empty_store(path: Path) -> None:
    store = FileTokenStore(path)
    store.save("key", TOKEN)
    store.load("key")
    path.unlink()

    assert store.load("key") is None


def test_an_empty_file_of_the_right_mode_is_an_empty_store(path: Path) -> None:
    path.touch(0o600)
    store = FileTokenStore(path)
    before = store.load("key")

    store.save("key", TOKEN)

    assert (before, store.load("key")) == (None, TOKEN)


def test_another_file_is_never_written_over(path: Path) -> None:
    save_zoho_config(CONFIG, path)
    before = path.read_bytes()

    with pytest.raises(StoreError, match="name another file"):
        FileTokenStore(path).save("key", TOKEN)

    assert path.read_bytes() == before


def test_a_damaged_file_asks_nothing_of_zoho(path: Path) -> None:
    fake = ZohoFake()
    path.write_bytes(b"{")
    path.chmod(0o600)
    with ZohoClient(
        ZohoConfig(**fake.account()),
        transport=FakeTransport(fake),
        clock=fake.clock,
        token_store=FileTokenStore(path),
    ) as client:
        for _ in range(20):
            with pytest.raises(StoreError, match="delete it"):
                client.users()
        path.unlink()
        users = client.users()

    assert len(users) == 1
    assert fake.requests == {"token": 1, "users": 1}


def test_the_file_does_not_grow_for_ever(path: Path) -> None:
    store = FileTokenStore(path)
    for number in range(110):
        store.save(f"{number}", TOKEN)

    kept = json.loads(path.read_bytes())["tokens"]

    assert len(kept) == 101
    assert "109" in kept


# --- locks -------------------------------------------------------------------


def test_who_waits_too_long_for_a_lock_is_told_so(path: Path) -> None:
    store = FileTokenStore(path, lock_timeout_seconds=0.02)

    with (
        FileTokenStore(path).lock("key"),
        pytest.raises(StoreError, match="too long"),
        store.lock("key"),
    ):
        raise AssertionError


def test_who_waits_too_long_for_a_thread_is_told_so(path: Path) -> None:
    store = FileTokenStore(path, lock_timeout_seconds=0.02)

    with (
        store.lock("key"),
        pytest.raises(StoreError, match="another thread"),
        store.lock("key"),
    ):
        raise AssertionError


def test_locks_of_two_refresh_tokens_do_not_meet(path: Path) -> None:
    store = FileTokenStore(path, lock_timeout_seconds=0.02)

    with store.lock("a" * 64), store.lock("b" * 64):
        store.save("a" * 64, TOKEN)


def test_a_lock_is_left_in_another_thread_than_it_was_entered(path: Path) -> None:
    store = FileTokenStore(path, lock_timeout_seconds=1.0)
    held = store.lock("key")
    enter = threading.Thread(target=held.__enter__)
    enter.start()
    enter.join()
    held.__exit__(None, None, None)

    with store.lock("key"):
        store.save("key", TOKEN)


def test_a_lock_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "none" / "tokens.json")

    with pytest.raises(StoreError, match="folder"), store.lock("key"):
        raise AssertionError


# --- accounts ----------------------------------------------------------------


def test_an_account_comes_back_with_all_that_is_a_text(path: Path) -> None:
    config = evolve(
        CONFIG,
        environment="sandbox",
        owner="ann@example.com",
        accounts_url="https://accounts.example.com",
        api_domain="https://api.example.com",
        upload_url="https://files.example.com",
    )
    save_zoho_config(config, path)

    assert load_zoho_config(path) == config


def test_settings_beside_the_file_are_taken(path: Path) -> None:
    save_zoho_config(CONFIG, path)
    retry = RetryPolicy(attempts=2)

    config = load_zoho_config(path, retry=retry, owner="bob@example.com")

    assert (config.retry, config.owner) == (retry, "bob@example.com")
    assert config.refresh_token == CONFIG.refresh_token


def test_an_account_that_is_missing_says_how_to_make_one(path: Path) -> None:
    with pytest.raises(ConfigError, match="connect"):
        load_zoho_config(path)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"authtoken": "x"}, AuthtokenRetiredError, "self client"),
        ({"client_id": ""}, ConfigError, "client_id"),
        ({"data_centre": "mars"}, ConfigError, "eu"),
        ({"password": "hush-hush"}, ConfigError, "nothing else"),
        ({"owner": 7}, ConfigError, "texts"),
    ],
)
def test_a_file_written_by_hand_is_checked(
    path: Path, change: dict[str, Any], kind: type[ConfigError], words: str
) -> None:
    save_zoho_config(CONFIG, path)
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}))

    with pytest.raises(ConfigError, match=words) as caught:
        load_zoho_config(path)

    assert type(caught.value) is kind
    assert "hush" not in str(caught.value)


def test_a_file_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_zoho_config(tmp_path)
