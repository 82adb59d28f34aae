"""Exports of SALESmanago as jobs: what is asked for, and how far they are.

Floor 1: values only.
A job is the service's; its number may be kept, and any process may take it up.
"""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

__all__ = [
    "Addressee",
    "ExportBounds",
    "ExportPart",
    "JobStatus",
]


class ExportPart(Enum):
    """What can be asked for of a contact; the value is the wire's.

    Source: ``dataType`` in public client code of ``contact/export/data``.
    """

    CONTACT = "CONTACT"
    TAGS = "TAG"
    EVENTS = "EXT_EVENT"
    VISITS = "VISITS"
    EMAILS = "EMAILS"
    FUNNELS = "FUNNELS"
    NOTES = "NOTES"
    TASKS = "TASKS"
    COUPONS = "COUPONS"
    SMS = "SMS"
    CONSENTS = "CONSENTS"
    PROPERTIES = "PROPERTIES"
    DICTIONARY_PROPERTIES = "DICTIONARY_PROPERTIES"


@frozen
class Addressee:
    """Whom an export is about: one contact, or all that have something in common.

    Source: public client code; ``tag`` and ``funnel`` were seen in use.
    Unverified: ``email`` (a comment in a client), ``contactId`` and
    ``segment`` (by their likeness); a refusal says so before anything is made.

    Attributes:
        kind: the wire's ``addresseeType``.
        value: an e-mail, an id, or a name.

    >>> Addressee.tag("VIP")
    Addressee(kind='tag')
    """

    kind: str
    value: str = field(repr=False)

    @classmethod
    def email(cls, email: str) -> Addressee:
        """Mean the contact with an address."""
        return cls("email", email.strip())

    @classmethod
    def contact(cls, contact_id: str) -> Addressee:
        """Mean the contact with an id."""
        return cls("contactId", contact_id)

    @classmethod
    def tag(cls, tag: str) -> Addressee:
        """Mean all contacts with a tag, as it is stored: ``"VIP"``."""
        return cls("tag", tag)

    @classmethod
    def funnel(cls, funnel: str) -> Addressee:
        """Mean all contacts in a funnel."""
        return cls("funnel", funnel)

    @classmethod
    def segment(cls, segment: str) -> Addressee:
        """Mean all contacts of a segment."""
        return cls("segment", segment)


@frozen
class JobStatus:
    """How far a job is, as ``job/status`` told it last.

    Attributes:
        id: the job's number.
        has_file: its file can be fetched: the job is done. A job that makes no
            file never has one.
        is_refused: ``success`` was false. Unverified: it may mean that the job
            runs, failed, or is not known.
        messages: the service's words, which nothing depends on.
        link: where the file is. Whoever has it can read the file.
    """

    id: int
    has_file: bool = False
    is_refused: bool = False
    messages: tuple[str, ...] = field(default=(), repr=False)
    link: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class ExportBounds:
    """How much an export may be; more is refused.

    They keep a broken or forged file from filling the disk or the memory.

    Attributes:
        file_bytes: the size of a file, unpacked.
        element_characters: the length of one contact with all its parts. One
            contact is held in memory at a time.

    >>> ExportBounds(file_bytes=1000).element_characters
    4194304
    """

    file_bytes: int = 2 * 1024**3
    element_characters: int = 4 * 1024**2
