"""The conversion of leads, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crmbridge.zoho import _leads
from crmbridge.zoho._connection import ZohoConnection
from crmbridge.zoho.conversions import (
    ConversionOptions,
    ConvertInto,
    ConvertResult,
    MassConversion,
    MassConvertJob,
)
from crmbridge.zoho.metadata import ZohoModule

__all__ = ["ZohoConverting"]


class ZohoConverting(ZohoConnection):
    """The part of `ZohoClient` for the conversion of leads."""

    def convert(self, lead_id: str, into: ConvertInto | None = None) -> ConvertResult:
        """Turn a lead into a contact; there is no way back.

        Costs one request and 5 credits.
        The contact has an id of its own; the lead stays, hidden and read-only.
        Without ``contact_id`` a new contact is made, even beside one with the
        same address unless addresses are unique; `conversion_options` looks
        for it beforehand.
        Without ``account_id`` an account is made of ``Company``, if there is
        one.

        Args:
            lead_id: which lead.
            into: the choices; by default a new contact and no deal.

        Returns:
            What it became. When `ConvertResult.is_scheduled`, Zoho does it
            later: see `wait_for_conversion`.

        Raises:
            InvalidInputError: an id is no id, or a module takes no part.
            DuplicateError: a contact with a unique value exists; convert into
                its ``existing_id``, or look it up where that is ``None``.
            AlreadyConvertedError: `converted_contacts` tells into what.
            RecordLockedError: the lead is locked, in a merge, or waits for
                approval or review; repeat later.
            RefusedError: such as ``MANDATORY_NOT_FOUND`` (a key of the deal,
                as ``field`` says) or ``MAPPING_MISMATCH`` (its stage is not
                one of its pipeline).
            OutcomeUnknownError: the answer was lost. Never convert again
                before `converted_contacts` has told that the lead still is
                one; a scheduled conversion shows only once it is done.

        Source: Zoho CRM API v7 and v8, "Convert Lead".
        Unverified: whether a lead whose conversion is scheduled is refused as
        converted already.
        """
        return self._runtime.run(_leads.convert(self._config, lead_id, into))

    def wait_for_conversion(
        self, lead_id: str, *, timeout_seconds: float = 300.0
    ) -> ConvertResult:
        """Wait until a lead shows the contact that it became.

        Costs one request and one credit for each look, of which there are
        about 14 in 5 minutes: after 2, 4, 8, 16 and then every 30 seconds.

        Args:
            lead_id: a lead whose conversion is scheduled, or is perhaps done.
            timeout_seconds: how long to wait at most; 0 looks once.

        Raises:
            UnfinishedError: it is no contact yet. It may still become one, or
                Zoho may have given up; Zoho tells neither.
            NotFoundError: the lead is deleted or not visible, or its contact
                was deleted since.

        Source: Zoho CRM API v8, "Get Records" (``converted``); the fields
        ``Converted__s`` and ``Converted_Contact``.
        """
        return self._runtime.run(
            _leads.wait_for_conversion(
                self._config, lead_id, timeout_seconds=timeout_seconds
            )
        )

    def converted_contacts(self, lead_ids: Sequence[str]) -> dict[str, str]:
        """Read the contacts that leads became, by lead.

        Costs one request and one credit per 100 leads, several at a time.

        Args:
            lead_ids: any number of ids.

        Returns:
            The id of the contact for each id of a lead. A lead that is none
            of the keys was not converted, is deleted or not visible, or its
            contact was deleted since.

        Raises:
            InvalidInputError: an id is no id.

        Source: Zoho CRM API v8, "Get Records" (``converted``); the fields
        ``Converted__s`` and ``Converted_Contact``.
        """
        return self._runtime.run(_leads.converted_contacts(self._config, lead_ids))

    def conversion_options(self, lead_id: str) -> ConversionOptions:
        """Read the contacts and accounts that are the same as a lead's.

        Costs one request and one credit.
        Zoho looks by unique fields; without any by e-mail, company and name.

        Args:
            lead_id: which lead.

        Returns:
            The matches; empty where there are none.

        Raises:
            InvalidInputError: the id is no id.
            RecordLockedError: the lead is locked, or waits for approval.
            RefusedError: ``INVALID_DATA``: there is no such lead.

        Source: Zoho CRM API v8, "Lead Conversion Options".
        """
        return self._runtime.run(_leads.conversion_options(self._config, lead_id))

    def mass_convert(
        self,
        lead_ids: Sequence[str],
        *,
        assign_to: str | None = None,
        deal: Mapping[str, object] | None = None,
        carry_over_tags: Sequence[ZohoModule] = (),
        move_attachments_to: ZohoModule | None = None,
        related_modules: Sequence[ZohoModule] = (),
    ) -> tuple[MassConvertJob, ...]:
        """Turn many leads into contacts, later and without choice of contact.

        Costs one request per 50 leads.
        Unverified: its credits; one for each request is counted.
        Each lead becomes a new contact. Zoho tells neither which leads failed
        nor what the others became; read `converted_contacts` after the jobs.
        `convert` tells, and can convert into a contact that is there.

        Args:
            lead_ids: any number of ids, each once.
            assign_to: the user who gets the new records. One page of Zoho's
                says that it is mandatory, its schema that it is not.
            deal: a deal for each lead, by API name.
            carry_over_tags: which of Contacts, Accounts and Deals get the
                tags; see `modules`.
            move_attachments_to: which of them gets the attachments.
            related_modules: of Tasks, Events and Calls, those whose records
                go to ``assign_to`` as well.

        Returns:
            One job for each 50 leads, in order, to be followed with
            `wait_for_mass_conversion`; or what hindered it.

        Raises:
            InvalidInputError: an id is no id or comes twice.
            RefusedError: no part was taken, such as for ``INVALID_DATA``.
            OutcomeUnknownError: the only answer was lost; read
                `converted_contacts` later.

        Source: Zoho CRM API v6 and v8, "Mass Convert Lead".
        """
        return self._runtime.run(
            _leads.mass_convert(
                self._config,
                lead_ids,
                assign_to=assign_to,
                deal=deal,
                carry_over_tags=carry_over_tags,
                move_attachments_to=move_attachments_to,
                related_modules=related_modules,
            )
        )

    def mass_conversion(self, job_id: str) -> MassConversion:
        """Ask how far a job of `mass_convert` is.

        Costs one request and one credit.

        Raises:
            RefusedError: ``INVALID_DATA``: there is no such job.

        Source: Zoho CRM API v8, "Mass Convert Lead Status".
        """
        return self._runtime.run(_leads.mass_conversion(self._config, job_id))

    def wait_for_mass_conversion(
        self, job_id: str, *, timeout_seconds: float = 600.0
    ) -> MassConversion:
        """Wait until a job of `mass_convert` has ended.

        Costs one request and one credit for each look: after 2, 4, 8, 16 and
        then every 30 seconds.

        Args:
            job_id: which job.
            timeout_seconds: how long to wait at most; 0 looks once.

        Raises:
            UnfinishedError: it has not ended; it goes on.
            RefusedError: ``INVALID_DATA``: there is no such job.

        Source: Zoho CRM API v8, "Mass Convert Lead Status".
        """
        return self._runtime.run(
            _leads.wait_for_mass_conversion(
                self._config, job_id, timeout_seconds=timeout_seconds
            )
        )
