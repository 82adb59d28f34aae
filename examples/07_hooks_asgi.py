"""Hear of changes in SALESmanago at once, in an ASGI application.

What the hints mean, and why they are no data, is said in ``06_hooks_wsgi.py``.
The application is plain ASGI: any server runs it, and any framework holds the
same few lines.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from crmbridge import AsyncSalesmanagoClient, SalesmanagoConfig
from crmbridge.errors import NotificationError
from crmbridge.salesmanago import (
    HookLogin,
    OptCallback,
    RuleHook,
    read_opt_callback,
    read_rule_hook,
)
from crmbridge.testing import (
    AsyncFakeTransport,
    SalesmanagoFake,
    SentCallback,
    SystemClock,
)

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

Hint: TypeAlias = RuleHook | OptCallback

MAX_BYTES = 64 * 1024
LOGIN = HookLogin("crm", secrets.token_urlsafe(32))  # typed into the rule
SECRET = secrets.token_urlsafe(32)  # typed into both addresses of the callbacks
BASE = "https://app.example.com"


class Application:
    """Takes hooks, verifies them, notes the hints, and answers at once.

    Attributes:
        hints: what waits to be looked at.
    """

    def __init__(self) -> None:
        self.hints: asyncio.Queue[Hint] = asyncio.Queue(maxsize=1000)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":  # such as "lifespan", which nothing here needs
            raise NotImplementedError(scope["type"])
        status = await self._status(scope, receive)
        headers = [(b"content-length", b"0")]
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        await send({"type": "http.response.body", "body": b""})

    async def _status(self, scope: Message, receive: Receive) -> int:
        hint: Hint
        try:
            match scope["path"]:
                case "/rule" if scope["method"] == "POST":
                    hint = await rule_hook(scope, receive)
                case "/opted-in" | "/opted-out":
                    # Both mean: look. Which permission holds is read, not believed.
                    hint = read_opt_callback(scope["query_string"], secret=SECRET)
                case _:
                    return 404
        except NotificationError as error:
            print(f"refused: {error}")
            return 403
        try:
            self.hints.put_nowait(hint)
        except asyncio.QueueFull:
            print("many hints wait already; the next poll sees to all of them")
        return 200


async def rule_hook(scope: Message, receive: Receive) -> RuleHook:
    """Read the web hook of a rule."""
    body, has_more = b"", True
    while has_more and len(body) <= MAX_BYTES:
        message = await receive()
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
    heads = dict(scope["headers"])
    head = heads.get(b"authorization", b"").decode("latin-1")
    return read_rule_hook(body, login=LOGIN, authorization=head, max_bytes=MAX_BYTES)


async def look(client: AsyncSalesmanagoClient, application: Application) -> None:
    """Read the contacts of all hints that wait, each once."""
    hints = [application.hints.get_nowait() for _ in range(application.hints.qsize())]
    ids = {hint.contact_id for hint in hints if isinstance(hint, RuleHook)}
    emails = {hint.email for hint in hints if isinstance(hint, OptCallback)}
    by_id, by_email = await asyncio.gather(
        client.list_all_by_id(sorted(ids)), client.list_all(sorted(emails))
    )
    print(f"{len(hints)} hints, {len({one.id for one in (*by_id, *by_email)})} contact")
    for contact in by_email:
        # Write to the other system only what differs there; then nothing loops.
        print(f"phone known: {bool(contact.phone)}, opted out: {contact.opted_out}")


# --- in place of a server and of SALESmanago ---


async def serve(application: Application, sent: SentCallback) -> int:
    """Hand a request to the application as a server does; give the status."""
    parts = urlsplit(sent.url)
    scope: Message = {
        "type": "http",
        "method": sent.method,
        "path": parts.path,
        "query_string": parts.query.encode("ascii"),
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in sent.headers.items()
        ],
    }
    answered: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": sent.body, "more_body": False}

    async def send(message: Message) -> None:
        answered.append(message)

    await application(scope, receive, send)
    return int(answered[0]["status"])


async def main(fake: SalesmanagoFake) -> None:
    """Let somebody change a contact and somebody unsubscribe, and look at once."""
    application = Application()
    owed: list[SentCallback] = []
    ending = f"?email=$email$&key=sha1($email${SECRET})"
    opt_in, opt_out = f"{BASE}/opted-in{ending}", f"{BASE}/opted-out{ending}"
    fake.hooks.add_rule(f"{BASE}/rule", login=LOGIN)
    fake.hooks.set_callbacks(opt_in=opt_in, opt_out=opt_out)
    for url in (f"{BASE}/rule", opt_in, opt_out):
        fake.hooks.receive(owed.append, at=url)

    fake.people.add("ann+news@example.com", name="Ann Example")
    fake.people.edit("ann+news@example.com", phone="+48 600 100 200")
    fake.people.opt_out("ann+news@example.com")
    fake.hooks.deliver()  # SALESmanago does this by itself
    for sent in owed:
        print(f"answered HTTP {await serve(application, sent)}")

    forged = SentCallback(f"{BASE}/opted-in?email=ann@example.com&key=guessed")
    print(f"the stranger was answered HTTP {await serve(application, forged)}")

    config = SalesmanagoConfig(**fake.account())
    transport = AsyncFakeTransport(fake)
    async with AsyncSalesmanagoClient(config, transport=transport) as client:
        await look(client, application)


if __name__ == "__main__":
    asyncio.run(main(SalesmanagoFake(clock=SystemClock())))
