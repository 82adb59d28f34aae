"""What the services take as an e-mail address or a telephone number.

Floor 2: values only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from crmbridge.contact import Loss, LossReason

__all__ = ["salesmanago_email_loss", "zoho_email_fits", "zoho_phone_fits"]

_MAX_LOCAL: Final = 64
_MAX_EMAIL: Final = 254

_EMAIL: Final[Callable[[str], object]] = re.compile(
    r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)*"
).fullmatch

_ZOHO_EMAIL: Final[Callable[[str], object]] = re.compile(
    r"""[A-Za-z0-9+_-][^\s@()<>\[\],;:"\\]*  # starts with a letter, a digit, + - _
    @(?=.{4,256}$)                           # the domain has 4 to 256 characters
    ([^\s@.()<>\[\],;:"\\]+\.)+[A-Za-z]{2,22}""",
    re.VERBOSE,
).fullmatch

_ZOHO_PHONE: Final[Callable[[str], object]] = re.compile(
    r"(?![.-])[0-9A-Za-z+.\-();#,]+( [0-9A-Za-z+.\-();#,]+)*"
).fullmatch


def salesmanago_email_loss(text: str) -> Loss | None:
    """Tell why SALESmanago cannot hold an address; ``None`` if it can.

    Source: the vendor's manual, "Contact card": at most 64 characters before
    the ``@`` and at most 254 in all.

    >>> salesmanago_email_loss("ann").reason
    <LossReason.BAD_FORM: 'not in a form the service takes'>
    """
    if not _EMAIL(text):
        return Loss("email", LossReason.BAD_FORM)
    if len(text) > _MAX_EMAIL:
        return Loss("email", LossReason.TOO_LONG, _MAX_EMAIL)
    if text.index("@") > _MAX_LOCAL:
        return Loss("email", LossReason.TOO_LONG, _MAX_LOCAL)
    return None


def zoho_email_fits(text: str) -> bool:
    """Tell whether Zoho takes an address; its length is a matter of the field.

    Source: Zoho CRM, field validation: how an address and its domain may
    begin and end. Unverified: which signs stand between; the ones that need
    quotes are refused here.

    >>> zoho_email_fits("ann@example.com")
    True
    """
    return _ZOHO_EMAIL(text) is not None


def zoho_phone_fits(text: str) -> bool:
    """Tell whether Zoho takes a number; its length is a matter of the field.

    Source: Zoho CRM, field validation: digits, letters, ``+ . - ( ) ; # ,``
    and single blanks, not starting with ``.`` or ``-``.

    >>> zoho_phone_fits("22/123 45 67")
    False
    """
    return _ZOHO_PHONE(text) is not None
