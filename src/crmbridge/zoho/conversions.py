"""What a lead of Zoho CRM is converted into, and what a conversion answers.

Floor 1: values only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from attrs import field, frozen

from crmbridge.errors import CrmbridgeError

__all__ = [
    "ConversionMatch",
    "ConversionOptions",
    "ConvertInto",
    "ConvertResult",
    "MassConversion",
    "MassConversionStatus",
    "MassConvertJob",
]


@frozen(kw_only=True)
class ConvertInto:
    """What a lead shall become; every choice has a default.

    Attributes:
        contact_id: the contact to convert into, instead of a new one.
        account_id: the account to use, instead of one named by ``Company``.
        assign_to: the user who gets the new records, instead of the lead's
            owner; Zoho takes only the token's user and its subordinates.
        overwrite: whether the account of ``contact_id`` is replaced where the
            contact has another one already. With ``account_id`` that account
            is named after the lead's ``Company``.
        deal: a deal to make, by API name; Zoho asks for ``Deal_Name``,
            ``Stage``, ``Closing_Date`` and, where pipelines are used,
            ``Pipeline``.
        carry_over_tags: by module (``"Contacts"``, ``"Accounts"``,
            ``"Deals"``), the names of the lead's tags that the new record
            gets; others it does not get.
        move_attachments_to: the module whose record gets the attachments.
        notify_lead_owner: whether the lead's owner is told by e-mail.
        notify_new_owner: whether the owner of the new records is.

    Source: Zoho CRM API v7, "Convert Lead" (``notify_new_entity_owner``,
    ``Contacts``, ``Accounts``, ``Deals`` by their names there).
    """

    contact_id: str | None = None
    account_id: str | None = None
    assign_to: str | None = None
    overwrite: bool = False
    deal: Mapping[str, object] | None = field(default=None, repr=False)
    carry_over_tags: Mapping[str, Sequence[str]] = field(
        factory=dict[str, Sequence[str]], repr=False
    )
    move_attachments_to: str | None = None
    notify_lead_owner: bool = False
    notify_new_owner: bool = False


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


@frozen
class ConversionMatch:
    """A contact or account that Zoho takes for the same as a lead's.

    Attributes:
        id: its id.
        name: its name.
        email: the contact's e-mail, or ``None``.
        account_id: the contact's account, or ``None``.
        is_editable: the token's user may change it.
        is_locked: it is locked, so a conversion into it may be refused.
    """

    id: str
    name: str = field(default="", repr=False)
    email: str | None = field(default=None, repr=False)
    account_id: str | None = None
    is_editable: bool = True
    is_locked: bool = False


@frozen
class ConversionOptions:
    """What a lead could be converted into, of what is there already.

    Attributes:
        contacts: the contacts that match.
        accounts: the accounts that match.
        preferred_module: the module that matches best, or ``None``.
        matched_by: by module, the fields that hold the same.
    """

    contacts: tuple[ConversionMatch, ...] = ()
    accounts: tuple[ConversionMatch, ...] = ()
    preferred_module: str | None = None
    matched_by: Mapping[str, tuple[str, ...]] = field(
        factory=dict[str, tuple[str, ...]]
    )


@frozen
class MassConvertJob:
    """One part of a mass conversion: the job that does it, or why there is none.

    Attributes:
        lead_ids: the leads of the part, at most 50.
        job_id: the job, or ``None``.
        error: why there is no job. After an `OutcomeUnknownError` there may
            be one all the same.
    """

    lead_ids: tuple[str, ...]
    job_id: str | None = None
    error: CrmbridgeError | None = None


class MassConversionStatus(Enum):
    """How far a job of a mass conversion is."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in progress"
    COMPLETED = "completed"
    FAILED = "failed"


@frozen
class MassConversion:
    """How far a job of a mass conversion is, in numbers of leads.

    Attributes:
        status: a ``COMPLETED`` job may have failed for some leads.
        total: all leads of the job.
        converted: those that are contacts now.
        waiting: those whose turn has not come.
        failed: those that could not be converted. Zoho does not say which:
            they are those that `crmbridge.ZohoClient.converted_contacts`
            leaves out.
    """

    status: MassConversionStatus
    total: int = 0
    converted: int = 0
    waiting: int = 0
    failed: int = 0

    @property
    def is_finished(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.status in {
            MassConversionStatus.COMPLETED,
            MassConversionStatus.FAILED,
        }
