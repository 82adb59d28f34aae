"""The calls around jobs: how far one is, waiting for it, and its file.

Floor 4.
A job is done when ``job/status`` tells a link; nothing depends on its words.
The link is as good as the file, so it stays out of messages, ``repr`` and logs,
and the file is fetched without credentials, wherever it lies.

Source: public client code; doc comments of a C# client.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import BinaryIO, Final, cast
from urllib.parse import urlsplit

from crmbridge._exchange import exchange
from crmbridge._polling import until_answered
from crmbridge._steps import Call, Request
from crmbridge.errors import (
    FileGoneError,
    InvalidInputError,
    MalformedReplyError,
    RefusedError,
)
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import ask
from crmbridge.salesmanago._replies import Answer
from crmbridge.salesmanago.export_jobs import JobStatus

__all__ = ["checked_id", "fetch", "started", "status", "wait"]

_SERVICE: Final = "salesmanago"
_STATUS: Final = "job/status"
_FILE: Final = "exported file"
_ENDED: Final = frozenset({401, 403, 404, 410})
_REDIRECTS: Final = range(300, 400)
_LONGEST_LINK: Final = 8192


def checked_id(job_id: int | str) -> int:
    """Give a job's number.

    Raises:
        InvalidInputError: it is none.
    """
    text = str(job_id)
    if not (text.isascii() and text.isdecimal()):
        raise InvalidInputError(
            "a job's id is a whole number", service=_SERVICE, field="job_id"
        )
    return int(text)


def started(answer: Answer, what: str) -> int:
    """Give the number of a job that was started.

    Raises:
        MalformedReplyError: the answer holds none.
    """
    number: object = answer.payload.get("requestId")
    try:
        if isinstance(number, int | str) and not isinstance(number, bool):
            return checked_id(number)
    except InvalidInputError:
        pass
    raise MalformedReplyError(
        f"{what}: the answer holds no requestId", service=_SERVICE, status=200
    )


def status(
    account: Account, job_id: int | str, *, owner: str | None = None
) -> Call[JobStatus]:
    """Ask how far a job is; see `SalesmanagoExports.job`."""
    number = checked_id(job_id)
    body = {"owner": owner or account.config.owner, "requestId": number}
    try:
        answer = yield from ask(account, _STATUS, body)
    except RefusedError as error:
        return JobStatus(number, is_refused=True, messages=error.messages)
    link: object = answer.payload.get("fileUrl")
    if not isinstance(link, str) or not link.strip():
        return JobStatus(number, messages=_words(answer))
    return JobStatus(number, has_file=True, messages=_words(answer), link=link.strip())


def _words(answer: Answer) -> tuple[str, ...]:
    words: object = answer.payload.get("message")
    if isinstance(words, str):
        return (words,)
    if not isinstance(words, list):
        return ()
    return tuple(str(word) for word in cast("list[object]", words))


def wait(
    account: Account,
    job_id: int | str,
    *,
    owner: str | None = None,
    timeout_seconds: float,
) -> Call[JobStatus]:
    """Wait until a job is done; see `SalesmanagoExports.wait`."""
    number = checked_id(job_id)
    last = JobStatus(number)

    def done() -> Call[JobStatus | None]:
        nonlocal last
        last = yield from status(account, number, owner=owner)
        return last if last.has_file else None

    return (
        yield from until_answered(
            done,
            timeout_seconds=timeout_seconds,
            service=_SERVICE,
            what=f"job {number}",
            job_id=str(number),
            last_words=lambda: last.messages,
        )
    )


def fetch(
    account: Account, job: JobStatus, file: BinaryIO, *, max_bytes: int
) -> Call[None]:
    """Write the file of a job that is done into a file of ours.

    Raises:
        FileGoneError: the link has ended.
        MalformedReplyError: the link is none, leads elsewhere, or the file is
            too large.
    """
    request = Request(
        _SERVICE,
        "GET",
        _checked_link(account, job.link),
        name=_FILE,
        into=file,
        max_bytes=max_bytes,
    )
    reply = yield from exchange(
        request, policy=account.config.retry, is_repeatable=True
    )
    if reply.status in _ENDED:
        raise FileGoneError(
            f"job {job.id}: its link has ended (HTTP {reply.status}); start another",
            service=_SERVICE,
            status=reply.status,
        )
    if reply.status != HTTPStatus.OK:
        is_elsewhere = reply.status in _REDIRECTS
        problem = "its link leads elsewhere" if is_elsewhere else "no file came"
        raise _malformed(f"{problem} (HTTP {reply.status})", job.id, reply.status)


def _checked_link(account: Account, link: str | None) -> str:
    """Give a link that may be followed: one to another place, and encrypted.

    Raises:
        MalformedReplyError: it is none.
    """
    text = link or ""
    schemes = {"https", urlsplit(account.config.endpoint).scheme}
    try:
        parts = urlsplit(text)
        is_address = bool(parts.hostname) and parts.scheme in schemes
        is_plain = text.isascii() and text.isprintable() and " " not in text
        is_bare = "@" not in parts.netloc and parts.port != 0
    except ValueError:
        is_address = is_plain = is_bare = False
    if not (is_address and is_plain and is_bare) or len(text) > _LONGEST_LINK:
        raise MalformedReplyError(
            "job/status: the link of the file is no https address that can be followed",
            service=_SERVICE,
            status=200,
        )
    return text


def _malformed(problem: str, job_id: int, status: int) -> MalformedReplyError:
    return MalformedReplyError(
        f"job {job_id}: {problem}", service=_SERVICE, status=status
    )
