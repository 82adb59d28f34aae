"""Let Zoho call when a lead changes: watch, receive, verify, and look sooner.

A callback is a hint and no more: what changed is read from the API, and a poll
goes on running for the callbacks that get lost.
Everything stays on loopback here; in real life the address is https, on the
internet, and nothing has to be told to deliver.
"""

from __future__ import annotations

import queue
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from crmbridge import ZohoClient, ZohoConfig
from crmbridge.errors import NotificationError
from crmbridge.testing import LoopbackServer, SystemClock, ZohoFake
from crmbridge.zoho import Notification, Watch, due_watches, read_notification

MAX_BYTES = 100_000
TOKEN = secrets.token_urlsafe(32)  # kept with the application's other secrets
HINTS: queue.Queue[Notification] = queue.Queue(maxsize=1000)


class Callback(BaseHTTPRequestHandler):
    """Takes a callback, verifies it, notes the hint, and answers at once."""

    timeout = 10  # seconds of silence, after which a caller is left

    def do_POST(self) -> None:
        """Answer 204 to Zoho, 403 to anybody else."""
        length = self.headers.get("content-length") or ""
        wanted = int(length) if length.isdecimal() else 0
        try:
            # One byte too many, so that a long body is refused and not read.
            body = self.rfile.read(min(wanted, MAX_BYTES + 1))
            hint = read_notification(body, token=TOKEN, max_bytes=MAX_BYTES)
        except NotificationError as error:
            print(f"refused: {error}")
            self._answer(403)
            return
        try:
            HINTS.put_nowait(hint)
        except queue.Full:
            print("many hints wait already; the next poll sees to all of them")
        self._answer(204)

    def log_message(self, *_: object) -> None:
        """Log nothing; an address may hold a secret."""

    def _answer(self, status: int) -> None:
        self.send_response_only(status)
        self.end_headers()


@contextmanager
def receiving() -> Iterator[str]:
    """Receive callbacks as long as the block lasts; give the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Callback) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/zoho"
        finally:
            server.shutdown()
            thread.join()


def keep_watching(client: ZohoClient, mine: Watch) -> None:
    """Set the watch, or renew it before it ends; to be called once a day."""
    kept = client.notifications.watches(channel_id=mine.channel_id)
    due = due_watches(kept, now=datetime.now(UTC), margin=timedelta(days=2))
    results = client.notifications.watch([mine]) if due or not kept else ()
    for result in results:
        print(
            f"channel {result.channel_id}: watched until {result.expires_at:%Y-%m-%d}"
        )


def poll(client: ZohoClient, since: datetime) -> datetime:
    """Read what changed since then; give the time to go on from."""
    newest = since
    for lead in client.records("Leads", fields=["Modified_Time"], modified_since=since):
        print(f"lead {lead.id} changed")
        newest = max(newest, lead.modified_at or newest)
    return newest


def main(zoho: ZohoFake, config: ZohoConfig) -> None:
    """Watch leads, let somebody change one, and see what comes of it."""
    since = datetime.now(UTC) - timedelta(minutes=5)
    with receiving() as address, ZohoClient(config) as client:
        mine = Watch("1001", ["Leads.all"], address, TOKEN)
        keep_watching(client, mine)
        keep_watching(client, mine)  # the next day: nothing is due yet

        lead = zoho.people.add_lead(Last_Name="Nowak")
        zoho.people.edit(lead, Phone="+48 600 100 200")
        zoho.notifications.deliver()  # Zoho does this by itself

        forge(address)

        while not HINTS.empty():
            hint = HINTS.get()
            print(f"hint: {hint.operation} in {hint.module}, {len(hint.ids)} record")
        since = poll(client, since)  # one poll for all hints, sooner than planned
        client.notifications.delete([mine.channel_id])


def forge(address: str) -> None:
    """Send a callback as a stranger would, who knows the address only."""
    body = b'{"module": "Leads", "operation": "delete", "ids": ["1"], "token": "?"}'
    request = urllib.request.Request(address, body, method="POST")  # noqa: S310 - loopback
    try:
        urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - loopback
    except urllib.error.HTTPError as error:
        print(f"the stranger was answered HTTP {error.code}")
        error.close()


if __name__ == "__main__":
    fake = ZohoFake(clock=SystemClock())
    with LoopbackServer(fake) as serving:
        fake.api_domain = serving.url
        main(fake, ZohoConfig(**fake.account(serving.url)))
