"""The two services as the reconciler sees them.

Floor 7.
"""

from crmbridge.sides._salesmanago import SalesmanagoSide
from crmbridge.sides._zoho import ZohoSide

__all__ = ["SalesmanagoSide", "ZohoSide"]
