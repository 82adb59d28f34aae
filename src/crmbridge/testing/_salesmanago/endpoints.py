"""All endpoints of the fake SALESmanago, by path.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crmbridge.testing._salesmanago.batches import BATCHES
from crmbridge.testing._salesmanago.deletions import DELETIONS
from crmbridge.testing._salesmanago.exports import EXPORTS
from crmbridge.testing._salesmanago.feeds import FEEDS
from crmbridge.testing._salesmanago.organising import ORGANISING
from crmbridge.testing._salesmanago.parts import Endpoint
from crmbridge.testing._salesmanago.reads import READS
from crmbridge.testing._salesmanago.singles import SINGLES
from crmbridge.testing._salesmanago.writes import WRITES

__all__ = ["ENDPOINTS"]

ENDPOINTS: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        **SINGLES,
        **BATCHES,
        **WRITES,
        **DELETIONS,
        **READS,
        **FEEDS,
        **EXPORTS,
        **ORGANISING,
    }
)
"""What the fake answers, by path."""
