"""The plan: what a run would do, as data that can be read, kept and approved.

Floor 2: values only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from hashlib import blake2b

from attrs import field, frozen

from crmbridge.contact import Loss
from crmbridge.reconcile.records import Edit, Ref, SideName

__all__ = [
    "Action",
    "ActionKind",
    "Difference",
    "ListedLoss",
    "Plan",
    "Review",
    "ReviewReason",
]


class ActionKind(Enum):
    """What an action does."""

    LINK = "link"
    CREATE = "create"
    UPDATE = "update"
    CONVERT = "convert"
    OPT_OUT = "opt out"
    OPT_IN = "opt in"
    UNLINK = "unlink"


@frozen
class Action:
    """One thing that a run does.

    Attributes:
        kind: what it does. ``LINK`` and ``UNLINK`` write to no service.
        side: where it writes; ``None`` for links.
        refs: the records concerned; the written one first, if it exists.
        fields: the fields written, sorted.
        why: the rule behind it, in a few words.
        id: the same for the same action on the same values, and for no other.
        edit: what is written; it holds personal data and stays out of
            ``repr``.
    """

    kind: ActionKind
    side: SideName | None
    refs: tuple[Ref, ...]
    fields: tuple[str, ...] = ()
    why: str = ""
    id: str = ""
    edit: Edit | None = field(default=None, repr=False, eq=False)

    def __str__(self) -> str:
        where = f" in {self.side}" if self.side else ""
        what = f" ({', '.join(self.fields)})" if self.fields else ""
        who = " <-> ".join(f"{ref.kind} {ref.id}" for ref in self.refs)
        return f"{self.kind.value}{where}: {who}{what}; {self.why}"


@frozen
class Difference:
    """Two values for one field of one pair, of which one was kept.

    Attributes:
        refs: the pair.
        field: which field.
        winner: the side whose value was kept.
        why: how the conflict came about.
    """

    refs: tuple[Ref, ...]
    field: str
    winner: SideName
    why: str


@frozen
class ListedLoss:
    """A value that was not written, for the side cannot hold it.

    Attributes:
        refs: the records concerned.
        side: the side that cannot hold it.
        loss: which field and why.
    """

    refs: tuple[Ref, ...]
    side: SideName
    loss: Loss


class ReviewReason(Enum):
    """Why a person's word is needed."""

    AMBIGUOUS = "several records carry this address"
    DEMOTED = "a client became a prospect, and Zoho has no way back"
    OPTED_IN_AGAIN = "opted in again on one side"
    WAS_DELETED = "the address belonged to a pair of which one was deleted"
    ADDRESS_TAKEN = "the new address belongs to another contact"
    LINKED_ELSEWHERE = "the record is paired with another one"


@frozen
class Review:
    """Records that wait for a person's word; nothing but opt-outs is written.

    Attributes:
        reason: what is asked.
        refs: all records concerned.
    """

    reason: ReviewReason
    refs: tuple[Ref, ...]


@frozen
class Plan:
    """What a run would do, found without a single write.

    Attributes:
        bridge: the account pair it was made for.
        made_at: when.
        actions: what would be done, in order.
        conflicts: values that would lose.
        losses: values that cannot be held.
        reviews: what waits for a person's word.
        records_seen: how many records were looked at.
        skipped: how many of them were left alone, by reason.
        key: what the actions' ids were made with; it belongs to the plan, so
            that another process can apply it.

    >>> from crmbridge import MemoryStore, Reconciler
    >>> from crmbridge.testing import FakeServices
    >>> services = FakeServices()
    >>> card = services.salesmanago.people.add("ann@example.com", name="Ann")
    >>> with services.salesmanago_client() as one, services.zoho_client() as other:
    ...     plan = Reconciler(one, other, store=MemoryStore()).plan()
    >>> plan.counts(), plan.writes
    ({'create in zoho': 1}, 1)
    """

    bridge: str
    made_at: datetime
    actions: tuple[Action, ...] = ()
    conflicts: tuple[Difference, ...] = ()
    losses: tuple[ListedLoss, ...] = ()
    reviews: tuple[Review, ...] = ()
    records_seen: int = 0
    skipped: tuple[tuple[str, int], ...] = ()
    key: bytes = field(default=b"", repr=False)

    @property
    def digest(self) -> str:
        """A mark of exactly these actions, whatever their order."""
        mark = blake2b(digest_size=16)
        for action_id in sorted(action.id for action in self.actions):
            mark.update(action_id.encode())
        return mark.hexdigest()

    @property
    def writes(self) -> int:
        """How many actions write to a service."""
        return sum(action.side is not None for action in self.actions)

    def counts(self) -> dict[str, int]:
        """Count the actions by what they do and where."""
        return dict(
            sorted(Counter(_class_of(action) for action in self.actions).items())
        )

    def summary(self) -> str:
        """Say in plain words what would happen, without personal data."""
        lines = [f"Plan for {self.bridge!r}: {self.records_seen} records looked at."]
        lines += _listed(self.counts().items())
        lines += _listed(self.skipped, "left alone: ")
        lines += _listed(
            _tally(review.reason.value for review in self.reviews), "review: "
        )
        lines += _listed(_tally(item.field for item in self.conflicts), "conflict: ")
        lines += _listed(
            _tally(
                f"{item.loss.field} ({item.loss.reason.value})" for item in self.losses
            ),
            "not carried over: ",
        )
        return "\n".join(lines)


def _class_of(action: Action) -> str:
    return f"{action.kind.value} in {action.side}" if action.side else action.kind.value


def _tally(words: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(words).items())


def _listed(counts: Iterable[tuple[str, int]], label: str = "") -> list[str]:
    return [f"{count:>7}  {label}{word}" for word, count in counts]
