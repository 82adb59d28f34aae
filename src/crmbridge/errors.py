"""Every error that crmbridge raises, split by what the caller can do.

Floor 0: imports nothing of ours but the values that errors hold.

.. code-block:: text

    CrmbridgeError
    |-- ConfigError                 fix the configuration
    |   `-- AuthtokenRetiredError   replace the old Zoho authtoken by OAuth
    |-- AuthenticationError         log in again, with other credentials
    |   `-- AccountInactiveError    let the service switch the account on
    |-- PermissionDeniedError       ask an administrator for the right or scope
    |-- InvalidInputError           fix the input; the service was not asked
    |   `-- TooLongError            shorten it; what is too long is never cut
    |-- RefusedError                the service refused the input; fix it
    |   |-- DuplicateError          link to the record that exists already
    |   |-- AlreadyConvertedError   read the contact that the lead became
    |   |-- StaleError              read again and merge; somebody else wrote
    |   |-- RecordLockedError       wait for a person to let it go, then repeat
    |   `-- IgnoredError            it said yes and did nothing; do not repeat
    |-- NotFoundError               the record or path does not exist
    |   |-- DeletedError            in the bin; a write would bring it back
    |   `-- FileGoneError           the file of a job is gone; start another job
    |-- OutOfReachError             the service shows no more this way; take another
    |-- ThrottledError              wait, then repeat
    |   `-- CreditsExhaustedError   nothing was sent; go on when credits come back
    |-- TransportError              the service was not reached
    |   |-- ConnectionFailedError   nothing was sent; repeat at any time
    |   `-- ConnectionLostError     sent, but the answer never came
    |-- ServiceError                the service failed; repeat later
    |-- OutcomeUnknownError         look before writing again
    |-- UnfinishedError             the service is still at it; ask again later
    |-- MalformedReplyError         the answer cannot be read; report it
    |-- NotificationError           drop the callback; it is not the service's
    `-- StoreError                  the caller's storage failed
        |-- LeaseHeldError          another worker runs; wait until it ends
        `-- FencedError             this worker was replaced; stop

Messages say what was tried and what to do.
They never hold a secret, a token, an e-mail address, a phone number, a name
or the body of a request or reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmbridge._problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "AccountInactiveError",
    "AlreadyConvertedError",
    "AuthenticationError",
    "AuthtokenRetiredError",
    "ConfigError",
    "ConnectionFailedError",
    "ConnectionLostError",
    "CreditsExhaustedError",
    "CrmbridgeError",
    "DeletedError",
    "DuplicateError",
    "FencedError",
    "FileGoneError",
    "IgnoredError",
    "InvalidInputError",
    "LeaseHeldError",
    "MalformedReplyError",
    "NotFoundError",
    "NotificationError",
    "OutOfReachError",
    "OutcomeUnknownError",
    "PermissionDeniedError",
    "Problem",
    "RecordLockedError",
    "RefusedError",
    "ServiceError",
    "StaleError",
    "StoreError",
    "ThrottledError",
    "TooLongError",
    "TransportError",
    "UnfinishedError",
]


class CrmbridgeError(Exception):
    """The root of every error of this library.

    Attributes:
        service: ``"salesmanago"``, ``"zoho"`` or ``None`` when no service is
            concerned.
        status: the HTTP status of the answer, if there was one.
        code: the service's own error code, if it gave one.
        messages: the service's own words. They may quote what was sent, so
            they stay out of ``str()`` and ``repr()``.
    """

    def __init__(
        self,
        message: str,
        *,
        service: str | None = None,
        status: int | None = None,
        code: str | None = None,
        messages: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.service = service
        self.status = status
        self.code = code
        self.messages = messages


class ConfigError(CrmbridgeError, ValueError):
    """A setting is missing or wrong; the message names it and the way out."""


class AuthtokenRetiredError(ConfigError):
    """A Zoho ``authtoken`` was configured; Zoho ended these in May 2021."""


class AuthenticationError(CrmbridgeError):
    """The service does not accept the credentials."""


class AccountInactiveError(AuthenticationError):
    """The service knows the account, but it is probably switched off.

    Other credentials do not help; the account has to be looked after.
    """


class PermissionDeniedError(CrmbridgeError):
    """The credentials are right, but a right, role or OAuth scope is missing."""


class InvalidInputError(CrmbridgeError, ValueError):
    """An argument is outside what the service takes; nothing was sent.

    Attributes:
        field: the argument or field at fault, if there is one.
    """

    def __init__(
        self, message: str, *, service: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(message, service=service)
        self.field = field


class TooLongError(InvalidInputError):
    """A text is longer than the service takes; nothing was sent, nothing cut.

    Attributes:
        limit: how many characters it may have.
    """

    def __init__(
        self, message: str, *, service: str | None = None, field: str, limit: int
    ) -> None:
        super().__init__(message, service=service, field=field)
        self.limit = limit


class RefusedError(CrmbridgeError):
    """The service understood the request and refused it.

    Attributes:
        field: the service's name of the field at fault, if it gave one.
        problems: everything that is wrong, where the service told it one by
            one; ``field`` is that of the first.
        values: what the service says of single fields, by its names of them.
            It may quote what was sent, as ``messages`` may.
    """

    def __init__(
        self,
        message: str,
        *,
        service: str | None = None,
        status: int | None = None,
        code: str | None = None,
        field: str | None = None,
        problems: tuple[Problem, ...] = (),
        messages: tuple[str, ...] = (),
        values: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(
            message, service=service, status=status, code=code, messages=messages
        )
        self.field = field
        self.problems = problems
        self.values: Mapping[str, tuple[str, ...]] = values or {}


class DuplicateError(RefusedError):
    """A record with the same unique value exists.

    Attributes:
        existing_id: the id of that record, if the service told it.
    """

    existing_id: str | None = None


class AlreadyConvertedError(RefusedError):
    """The lead was converted before; it is a contact now.

    Attributes:
        lead_id: the lead. `crmbridge.ZohoClient.converted_contacts` gives the
            contact that it became.
    """

    lead_id: str | None = None


class StaleError(RefusedError):
    """The record changed since it was read; read it again and merge.

    Attributes:
        modified_time: when it changed last (UTC), if the service told it.
    """

    modified_time: datetime | None = None


class RecordLockedError(RefusedError):
    """The record is locked, or waits for an approval or a review.

    Nothing is wrong with what was sent; repeat it later.
    """


class IgnoredError(RefusedError):
    """The service answered that it did it, and what was read then says otherwise.

    Repeating it does not help; a person has to look into the service.
    """


class NotFoundError(CrmbridgeError):
    """The record, module or path does not exist, or is not visible."""


class DeletedError(NotFoundError):
    """The record was deleted softly: a write would bring it back.

    Nothing was written. Drop the change, or restore the record first.
    """


class FileGoneError(NotFoundError):
    """The link to the file of a job has ended; start another job."""


class OutOfReachError(CrmbridgeError):
    """The service holds more records than it shows this way.

    What was given until here is right; the message names another way to read
    the rest.
    """


class ThrottledError(CrmbridgeError):
    """The service asks to slow down, and went on asking.

    Attributes:
        retry_after_seconds: how long the service wants to be left alone, or
            ``None`` when it did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        service: str | None = None,
        status: int | None = None,
        code: str | None = None,
        messages: tuple[str, ...] = (),
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(
            message, service=service, status=status, code=code, messages=messages
        )
        self.retry_after_seconds = retry_after_seconds


class CreditsExhaustedError(ThrottledError):
    """The day's credits do not suffice, so the request was not sent.

    ``retry_after_seconds`` is how long it takes until enough of them come back,
    as far as that can be told; ``None`` when the request costs more than the
    whole budget.

    Attributes:
        needed: the credits that the request costs.
        available_at: the same moment on the wall clock (UTC), or ``None``.
    """

    def __init__(
        self,
        message: str,
        *,
        service: str | None = None,
        needed: int = 0,
        retry_after_seconds: float | None = None,
        available_at: datetime | None = None,
    ) -> None:
        super().__init__(
            message, service=service, retry_after_seconds=retry_after_seconds
        )
        self.needed = needed
        self.available_at = available_at


class TransportError(CrmbridgeError):
    """No answer came; see the two kinds below."""


class ConnectionFailedError(TransportError):
    """The connection was never made, so nothing was sent."""


class ConnectionLostError(TransportError):
    """The request went out, but no whole answer came back.

    Whether the service carried it out is not known.
    """


class ServiceError(CrmbridgeError):
    """The service failed on its own side (HTTP 408, 5xx), and went on failing."""


class OutcomeUnknownError(CrmbridgeError):
    """A write may or may not have been carried out, and is not safe to repeat.

    Read the record before writing again.

    Attributes:
        job_id: the job that was to do it, where one is known: ask for its
            results before you write again.
    """

    job_id: str | None = None


class UnfinishedError(CrmbridgeError):
    """A job of the service did not end in the time that the caller gave it.

    It goes on; ask for it again later.

    Attributes:
        job_id: the job, or ``None`` where it has no id of its own.
        waited_seconds: how long was waited.
        messages: what the service said of the job last; it stays out of
            ``str()`` and ``repr()``.
    """

    def __init__(
        self,
        message: str,
        *,
        service: str | None = None,
        job_id: str | None = None,
        waited_seconds: float = 0.0,
        messages: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, service=service)
        self.job_id = job_id
        self.waited_seconds = waited_seconds
        self.messages = messages


class MalformedReplyError(CrmbridgeError):
    """The answer is not what the service's reference describes."""


class NotificationError(CrmbridgeError):
    """A callback does not prove that the service sent it, or cannot be read.

    Answer it with an HTTP error, and do nothing else.
    Its ``code`` is ``"token"`` (the shared token, key or password is wrong or
    missing), ``"size"`` (it is too long) or ``"body"`` (it is not what the
    service's reference describes).
    """


class StoreError(CrmbridgeError):
    """The storage could not be read or written."""


class LeaseHeldError(StoreError):
    """Another worker holds the lease of this account pair.

    Attributes:
        holder: the name the other worker gave.
        expires_at: when its lease ends unless it renews it (UTC).
    """

    def __init__(self, message: str, *, holder: str, expires_at: datetime) -> None:
        super().__init__(message)
        self.holder = holder
        self.expires_at = expires_at


class FencedError(StoreError):
    """Another worker took the lease over; this one must not write any more."""
