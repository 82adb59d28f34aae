"""The fake Zoho CRM: a service, the people who use it, its switches.

Floor 9.
"""

from crmbridge.testing._zoho.people import ZohoPeople
from crmbridge.testing._zoho.service import ZohoFake
from crmbridge.testing._zoho.switches import ZohoSwitches

__all__ = ["ZohoFake", "ZohoPeople", "ZohoSwitches"]
