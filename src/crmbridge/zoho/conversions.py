"""What the conversion of leads in Zoho CRM answers.

Floor 1: values only.
"""

from __future__ import annotations

from attrs import frozen

__all__ = ["ConvertResult"]


@frozen
class ConvertResult:
    """What a lead was turned into.

    Attributes:
        contact_id: the contact, new or given; ``None`` while scheduled.
        account_id: the account, or ``None``.
        deal_id: the deal, or ``None``.
        job_id: the job, when Zoho converts a lead with many related records
            later; the lead shows the contact once it is done.
    """

    contact_id: str | None = None
    account_id: str | None = None
    deal_id: str | None = None
    job_id: str | None = None

    @property
    def is_scheduled(self) -> bool:
        """Tell whether Zoho does it later."""
        return self.job_id is not None
