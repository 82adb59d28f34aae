"""The engine that keeps two sides equal, and the ports it works through.

Floors 1 to 4: pure logic; it knows neither service, and does no input and
output.
`crmbridge.Reconciler` puts it to work; a caller's own storage implements
`Store`, a caller's own service `Side`.
"""

from crmbridge.reconcile.consent import ConsentPolicy
from crmbridge.reconcile.plan import (
    Action,
    ActionKind,
    Difference,
    ListedLoss,
    Plan,
    Review,
    ReviewReason,
)
from crmbridge.reconcile.ports import (
    TABLES,
    Delete,
    Lease,
    Put,
    Row,
    Side,
    Store,
    StoreOp,
    Table,
)
from crmbridge.reconcile.records import (
    Edit,
    EditKind,
    FeedPage,
    Fit,
    Outcome,
    OutcomeStatus,
    Ref,
    Seen,
    SideFacts,
)
from crmbridge.reconcile.report import Progress, RecordOutcome, Report, Result

__all__ = [
    "TABLES",
    "Action",
    "ActionKind",
    "ConsentPolicy",
    "Delete",
    "Difference",
    "Edit",
    "EditKind",
    "FeedPage",
    "Fit",
    "Lease",
    "ListedLoss",
    "Outcome",
    "OutcomeStatus",
    "Plan",
    "Progress",
    "Put",
    "RecordOutcome",
    "Ref",
    "Report",
    "Result",
    "Review",
    "ReviewReason",
    "Row",
    "Seen",
    "Side",
    "SideFacts",
    "Store",
    "StoreOp",
    "Table",
]
