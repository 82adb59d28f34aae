"""What a caller who takes SALESmanago's hooks may rely on; never run."""

from typing import assert_type

from crmbridge.salesmanago import (
    HookLogin,
    OptCallback,
    RuleHook,
    read_opt_callback,
    read_rule_hook,
)
from crmbridge.testing import Delivery, SalesmanagoFake, SalesmanagoHooks, SentCallback

login = HookLogin("crm", "hush")


def hook(body: bytes, head: str | None) -> str:
    read = read_rule_hook(body, login=login, authorization=head)
    assert_type(read, RuleHook)
    assert_type(read.email, str | None)
    return read.contact_id


def callback(query: bytes) -> str:
    read = assert_type(read_opt_callback(query, secret="hush"), OptCallback)
    return read.email


def take(sent: SentCallback) -> None:
    assert_type(sent.body, bytes)


def try_it(fake: SalesmanagoFake) -> None:
    assert_type(fake.hooks, SalesmanagoHooks)
    assert_type(fake.hooks.add_rule("https://example.com"), str)
    fake.hooks.receive(take, at="https://example.com")
    assert_type(fake.hooks.deliver(), tuple[Delivery, ...])
