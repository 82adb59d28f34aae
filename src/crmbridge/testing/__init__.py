"""Fakes of both services, for this library's tests and for those of its users.

Floor 9.
"""

from crmbridge.testing._clock import FakeClock, ServiceClock, SystemClock
from crmbridge.testing._deliveries import Delivery, SentCallback
from crmbridge.testing._faults import Fault, Faults
from crmbridge.testing._people import populate
from crmbridge.testing._salesmanago import RecordedRequest, SalesmanagoFake
from crmbridge.testing._salesmanago.hooks import SalesmanagoHooks
from crmbridge.testing._salesmanago.people import SalesmanagoPeople
from crmbridge.testing._salesmanago.switches import SalesmanagoSwitches
from crmbridge.testing._server import LoopbackServer
from crmbridge.testing._services import FakeServices
from crmbridge.testing._store_contract import StoreContract
from crmbridge.testing._token_store_contract import TokenStoreContract
from crmbridge.testing._transports import AsyncFakeTransport, Fake, FakeTransport
from crmbridge.testing._zoho import ZohoFake
from crmbridge.testing._zoho.notices import ZohoNotices
from crmbridge.testing._zoho.people import ZohoPeople
from crmbridge.testing._zoho.switches import ZohoSwitches

__all__ = [
    "AsyncFakeTransport",
    "Delivery",
    "Fake",
    "FakeClock",
    "FakeServices",
    "FakeTransport",
    "Fault",
    "Faults",
    "LoopbackServer",
    "RecordedRequest",
    "SalesmanagoFake",
    "SalesmanagoHooks",
    "SalesmanagoPeople",
    "SalesmanagoSwitches",
    "SentCallback",
    "ServiceClock",
    "StoreContract",
    "SystemClock",
    "TokenStoreContract",
    "ZohoFake",
    "ZohoNotices",
    "ZohoPeople",
    "ZohoSwitches",
    "populate",
]
