"""Values in normal form, turned into what may be remembered of them.

Floor 3: pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final, TypeAlias

from attrs import field, frozen

from crmbridge.contact import FieldValue
from crmbridge.reconcile.ports import Normal

__all__ = ["DIGEST_BYTES", "Base", "Digester"]

Base: TypeAlias = Mapping[str, bytes]
"""Digests by field name; a field without one was never observed there."""

DIGEST_BYTES: Final = 8
"""The length of one field's digest."""

_PERSON_BYTES: Final = 12


_EMPTY: Final = bytes(DIGEST_BYTES)


@frozen
class Digester:
    """Turns values into what may be remembered of them.

    Attributes:
        normal: gives the form in which values are compared.
        key: the bridge's own secret, so that digests cannot be guessed by
            whoever reads the store without it.
    """

    normal: Normal
    key: bytes = field(repr=False)

    def of(self, name: str, value: FieldValue) -> bytes:
        """Digest one field's value; every empty value has the same digest."""
        text = self.normal(name, value)
        if text is None:
            return _EMPTY
        return blake2b(
            f"{name}\0{text}".encode(), digest_size=DIGEST_BYTES, key=self.key
        ).digest()

    def base(self, values: Mapping[str, FieldValue]) -> dict[str, bytes]:
        """Digest all observed fields."""
        return {name: self.of(name, value) for name, value in values.items()}

    def person(self, email: FieldValue) -> str | None:
        """Give the mark of an e-mail address, or ``None`` where there is none."""
        text = self.normal("email", email)
        if text is None:
            return None
        mark = blake2b(text.encode(), digest_size=_PERSON_BYTES, key=self.key)
        return mark.hexdigest()
