"""Hear of changes in SALESmanago at once, in a WSGI application.

Two things come: web hooks of an automation rule, and callbacks when somebody
confirms or unsubscribes.
Either is a hint and no more: what changed is read from the API, and a poll goes
on running for the hints that get lost.
Everything stays on loopback here; in real life the addresses are https, on the
internet, typed into SALESmanago by hand, and nothing has to be told to deliver.
"""

from __future__ import annotations

import queue
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeAlias
from wsgiref.simple_server import WSGIRequestHandler, make_server

from crmbridge import SalesmanagoClient, SalesmanagoConfig
from crmbridge.errors import NotificationError
from crmbridge.salesmanago import (
    HookLogin,
    OptCallback,
    RuleHook,
    read_opt_callback,
    read_rule_hook,
)
from crmbridge.testing import LoopbackServer, SalesmanagoFake, SystemClock

Hint: TypeAlias = RuleHook | OptCallback

MAX_BYTES = 64 * 1024
LOGIN = HookLogin("crm", secrets.token_urlsafe(32))  # typed into the rule
SECRET = secrets.token_urlsafe(32)  # typed into both addresses of the callbacks
HINTS: queue.Queue[Hint] = queue.Queue(maxsize=1000)


def application(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Take a hook, verify it, note the hint, and answer at once."""
    status = answer(environ)
    start_response(f"{status.value} {status.phrase}", [("Content-Length", "0")])
    return []


def answer(environ: dict[str, Any]) -> HTTPStatus:
    """Note the hint of a request, and give the status to answer it with."""
    hint: Hint
    try:
        match environ["PATH_INFO"]:
            case "/rule" if environ["REQUEST_METHOD"] == "POST":
                hint = rule_hook(environ)
            case "/opted-in" | "/opted-out":
                # Both mean: look. Which permission holds is read, not believed.
                hint = opt_callback(environ)
            case _:
                return HTTPStatus.NOT_FOUND
    except NotificationError as error:
        print(f"refused: {error}")
        return HTTPStatus.FORBIDDEN
    try:
        HINTS.put_nowait(hint)
    except queue.Full:
        print("many hints wait already; the next poll sees to all of them")
    return HTTPStatus.OK


def rule_hook(environ: dict[str, Any]) -> RuleHook:
    """Read the web hook of a rule."""
    length = environ.get("CONTENT_LENGTH") or ""
    wanted = int(length) if length.isdecimal() else 0
    # One byte too many, so that a long body is refused and not read.
    body = environ["wsgi.input"].read(min(wanted, MAX_BYTES + 1))
    head = environ.get("HTTP_AUTHORIZATION")
    return read_rule_hook(body, login=LOGIN, authorization=head, max_bytes=MAX_BYTES)


def opt_callback(environ: dict[str, Any]) -> OptCallback:
    """Read an opt-in or opt-out callback."""
    # WSGI gives bytes as if they were Latin-1 (PEP 3333).
    query = environ["QUERY_STRING"].encode("latin-1")
    return read_opt_callback(query, secret=SECRET)


def look(client: SalesmanagoClient) -> None:
    """Read the contacts of all hints that wait, each once."""
    hints = [HINTS.get_nowait() for _ in range(HINTS.qsize())]
    ids = {hint.contact_id for hint in hints if isinstance(hint, RuleHook)}
    emails = {hint.email for hint in hints if isinstance(hint, OptCallback)}
    contacts = [*client.list_all_by_id(sorted(ids)), *client.list_all(sorted(emails))]
    print(f"{len(hints)} hints, {len({contact.id for contact in contacts})} contact")
    for contact in contacts[:1]:
        # Write to the other system only what differs there; then nothing loops.
        print(f"phone known: {bool(contact.phone)}, opted out: {contact.opted_out}")


class Quiet(WSGIRequestHandler):
    """Logs nothing, for the address of a callback holds an e-mail."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def receiving() -> Iterator[str]:
    """Serve the application as long as the block lasts; give its address."""
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def main(salesmanago: SalesmanagoFake, config: SalesmanagoConfig) -> None:
    """Let somebody change a contact and somebody unsubscribe, and look at once."""
    ending = f"?email=$email$&key=sha1($email${SECRET})"
    with receiving() as address, SalesmanagoClient(config) as client:
        salesmanago.hooks.add_rule(f"{address}/rule", login=LOGIN)
        salesmanago.hooks.set_callbacks(
            opt_in=f"{address}/opted-in{ending}", opt_out=f"{address}/opted-out{ending}"
        )

        salesmanago.people.add("ann+news@example.com", name="Ann Example")
        salesmanago.people.edit("ann+news@example.com", phone="+48 600 100 200")
        salesmanago.people.opt_out("ann+news@example.com")
        for delivery in salesmanago.hooks.deliver():  # SALESmanago does this by itself
            print(f"answered HTTP {delivery.status}")

        forge(f"{address}/opted-in?email=ann%2Bnews@example.com&key=guessed")

        look(client)


def forge(url: str) -> None:
    """Call back as a stranger would, who knows the address only."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - loopback
    except urllib.error.HTTPError as error:
        print(f"the stranger was answered HTTP {error.code}")
        error.close()


if __name__ == "__main__":
    fake = SalesmanagoFake(clock=SystemClock())
    with LoopbackServer(fake) as serving:
        main(fake, SalesmanagoConfig(**fake.account(serving.url)))
