"""The fake SALESmanago: a service, the people who use it, its switches.

Floor 9.
"""

from crmbridge.testing._salesmanago.people import SalesmanagoPeople
from crmbridge.testing._salesmanago.recording import RecordedRequest
from crmbridge.testing._salesmanago.service import SalesmanagoFake
from crmbridge.testing._salesmanago.switches import SalesmanagoSwitches

__all__ = [
    "RecordedRequest",
    "SalesmanagoFake",
    "SalesmanagoPeople",
    "SalesmanagoSwitches",
]
