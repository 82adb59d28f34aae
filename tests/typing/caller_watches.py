"""What a caller who hears of changes may rely on; read by the checkers, never run."""

from datetime import UTC, datetime
from typing import assert_type

from crmbridge import AsyncZohoClient, ZohoClient, ZohoConfig
from crmbridge.zoho import (
    AsyncZohoNotifications,
    Notification,
    Watch,
    WatchResult,
    WriteStatus,
    ZohoNotifications,
    due_watches,
    read_notification,
)

zoho = ZohoConfig(data_centre="eu", client_id="c", client_secret="s", refresh_token="r")
mine = Watch("1001", ["Leads.all"], "https://example.com/zoho", "hush")


def watch() -> datetime | None:
    with ZohoClient(zoho) as client:
        assert_type(client.notifications, ZohoNotifications)
        kept = assert_type(client.notifications.watches(), tuple[Watch, ...])
        due = assert_type(due_watches(kept, now=datetime.now(UTC)), tuple[Watch, ...])
        assert_type(client.notifications.renew(due), tuple[WatchResult, ...])
        (result,) = client.notifications.watch([mine])
    assert_type(result.status, WriteStatus)
    return result.expires_at


async def watch_later() -> None:
    async with AsyncZohoClient(zoho) as client:
        assert_type(client.notifications, AsyncZohoNotifications)
        kept = await client.notifications.watches(module="Leads")
        assert_type(kept, tuple[Watch, ...])
        assert_type(kept[0].events, tuple[str, ...])


def receive(body: bytes) -> tuple[str, ...]:
    hint = assert_type(read_notification(body, token="hush"), Notification)
    assert_type(hint.server_time, datetime | None)
    return hint.ids
