"""The adding and changing of contacts, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Iterable

from crmbridge.salesmanago import _batches, _later, _writes
from crmbridge.salesmanago._connection import SalesmanagoConnection
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.results import WriteResult

__all__ = ["SalesmanagoUpserting"]


class SalesmanagoUpserting(SalesmanagoConnection):
    """The part of `SalesmanagoClient` for adding and changing contacts."""

    def upsert(
        self,
        details: ContactDetails,
        *,
        owner: str | None = None,
        double_opt_in: bool = False,
        language: str | None = None,
        is_async: bool = False,
    ) -> str:
        """Add or change one contact by its e-mail and return its id.

        Costs one request.
        It is repeated on failure unless it may send a mail, raise a score or
        rename.
        Unverified: what writing under another owner than the contact's does.
        Source: ``contact/upsert`` in client code.

        Args:
            details: what to write; what it leaves out stays as it is.
            owner: who writes, and who gets a new contact; by default the
                configured user.
            double_opt_in: let an opt-in be confirmed by mail.
            language: the language of that mail, two letters.
            is_async: let the service answer before it has written; reads may
                show it later.

        Raises:
            InvalidInputError: the language is no code of two letters.
            OutcomeUnknownError: it may have been carried out, and is not safe
                to repeat.
        """
        return self._runtime.run(
            _writes.upsert(
                self._account,
                details,
                owner=owner,
                double_opt_in=double_opt_in,
                language=language,
                is_async=is_async,
            )
        )

    def insert(
        self,
        details: ContactDetails,
        *,
        owner: str | None = None,
        double_opt_in: bool = False,
        language: str | None = None,
    ) -> str:
        """Add one contact and return its id; not meant for synchronising.

        Costs one request, which is never repeated once it was sent.
        It says in or out for both permissions, as `ContactDetails.as_new`.
        Unverified: what it does to a contact that exists: it may be refused or
        changed, so take `upsert` where you are not sure.
        Source: ``contact/insert`` in client code.

        Args:
            details: what to write.
            owner: who gets the contact; by default the configured user.
            double_opt_in: let an opt-in be confirmed by mail.
            language: the language of that mail, two letters.

        Raises:
            RefusedError: as always, or the contact exists.
            OutcomeUnknownError: it may have been carried out.
        """
        return self._runtime.run(
            _writes.insert(
                self._account,
                details,
                owner=owner,
                double_opt_in=double_opt_in,
                language=language,
            )
        )

    def update(
        self,
        details: ContactDetails,
        *,
        contact_id: str | None = None,
        owner: str | None = None,
        double_opt_in: bool = False,
        language: str | None = None,
    ) -> str:
        """Change one contact and return its id; not meant for synchronising.

        Costs one request, repeated on failure as `upsert` is.
        Unverified: what it does where there is no such contact: it is probably
        refused, may be ignored, and may make one; so take `upsert`, or read
        the contact afterwards.
        Source: ``contact/update`` in client code.

        Args:
            details: what to write; what it leaves out stays as it is.
            contact_id: names the contact in place of its e-mail.
            owner: who writes; by default the configured user.
            double_opt_in: let an opt-in be confirmed by mail.
            language: the language of that mail, two letters.

        Raises:
            RefusedError: as always, or there is no such contact.
            MalformedReplyError: the answer names no contact; there is probably
                none.
            OutcomeUnknownError: it may have been carried out, and is not safe
                to repeat.
        """
        return self._runtime.run(
            _writes.update(
                self._account,
                details,
                contact_id=contact_id,
                owner=owner,
                double_opt_in=double_opt_in,
                language=language,
            )
        )

    def batch_upsert(
        self,
        details: Iterable[ContactDetails],
        *,
        owner: str | None = None,
        double_opt_in: bool = False,
        language: str | None = None,
        extra_requests: int = _batches.EXTRA_REQUESTS,
    ) -> tuple[WriteResult, ...]:
        """Add or change many contacts and return results by position.

        Costs one request for every ``config.batch_size`` contacts and one for
        each with a new address, several at once; repeated on failure as
        `upsert` is.
        The service does not say why a contact was refused, so reasons cost
        more: one request for each contact that its answer does not name, and
        for each bad contact of a refused batch of 200 about 16.
        Source: ``contact/batchupsert`` in client code; it answers an id map.

        Args:
            details: what to write, no e-mail twice.
            owner: who writes, and who gets new contacts; by default the
                configured user.
            double_opt_in: let an opt-in be confirmed by mail. Nothing is asked
                again then, as a second mail could go out.
            language: the language of that mail, two letters.
            extra_requests: how many requests may be spent on reasons; 0 for
                none. What is left without one is ``UNKNOWN``.

        Raises:
            InvalidInputError: an e-mail occurs twice, or the language is no
                code of two letters; nothing was sent.
            OutcomeUnknownError: nothing was answered; it may have been carried
                out, and is not safe to repeat.
        """
        return self._runtime.run(
            _batches.batch_upsert(
                self._account,
                details,
                owner=owner,
                double_opt_in=double_opt_in,
                language=language,
                extra_requests=extra_requests,
            )
        )

    def batch_upsert_later(
        self,
        details: Iterable[ContactDetails],
        *,
        owner: str | None = None,
        double_opt_in: bool = False,
        language: str | None = None,
        fire_events: bool = False,
        extra_requests: int = _batches.EXTRA_REQUESTS,
    ) -> tuple[WriteResult, ...]:
        """Have many contacts added or changed later; no automation starts.

        ``ACCEPTED`` is not done: nobody is told of what is refused later, so
        ask `check_upserts` or `wait_for_upserts`, and do not go on before.
        A change that somebody makes meanwhile may be overwritten, a permission
        too where ``details`` say ``IN``.
        Costs one request for every ``config.batch_size`` contacts, several at
        once, and where batches are refused up to ``extra_requests`` more to
        find the bad contacts.
        Source: ``contact/batchupsertv2``, doc comments of a C# client.

        Args:
            details: what to write, no e-mail twice, and none with a new one.
            owner: who writes, and who gets new contacts; by default the
                configured user.
            double_opt_in: let an opt-in be confirmed by mail.
            language: the language of that mail, two letters.
            fire_events: let rules and workflows start on what is written.
            extra_requests: how many requests may be spent on refused batches.

        Raises:
            InvalidInputError: an e-mail occurs twice, or a contact is to be
                renamed; nothing was sent.
            OutcomeUnknownError: nothing was answered; it may have been
                accepted, and is not safe to repeat.
        """
        return self._runtime.run(
            _later.batch_upsert_later(
                self._account,
                details,
                owner=owner,
                double_opt_in=double_opt_in,
                language=language,
                fire_events=fire_events,
                extra_requests=extra_requests,
            )
        )

    def check_upserts(
        self, details: Iterable[ContactDetails], *, double_opt_in: bool = False
    ) -> tuple[WriteResult, ...]:
        """Read contacts, and return which of them are as they were written.

        Costs one request for every 50 contacts.
        ``SUCCESS`` if everything that is said reads as said, else ``UNKNOWN``:
        it may be done later, was refused, or was changed by somebody else.
        Lists show neither scores, dictionary details nor named consents, so
        these are not compared; phones are compared by their digits.

        Args:
            details: what was to be written.
            double_opt_in: an opt-in was to be confirmed by mail, so it is not
                compared.
        """
        return self._runtime.run(
            _later.check_upserts(self._account, details, double_opt_in=double_opt_in)
        )

    def wait_for_upserts(
        self,
        details: Iterable[ContactDetails],
        *,
        double_opt_in: bool = False,
        timeout_seconds: float = 1800.0,
    ) -> tuple[WriteResult, ...]:
        """Wait until contacts read as they were written, and return their ids.

        Costs what `check_upserts` costs for those that are not yet seen: at
        once, then after 2, 4, 8 and at most 30 seconds.

        Args:
            details: what was to be written.
            double_opt_in: as in `check_upserts`.
            timeout_seconds: how long to go on; 0 looks once.

        Raises:
            UnfinishedError: some are not; `check_upserts` tells which.
        """
        return self._runtime.run(
            _later.wait_for_upserts(
                self._account,
                details,
                double_opt_in=double_opt_in,
                timeout_seconds=timeout_seconds,
            )
        )
