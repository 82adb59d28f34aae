"""What SALESmanago calls an address of yours for, and how much of it counts.

Floor 1: values and pure functions.

There are two ways to hear of a change at once: an automation rule whose action
is a web hook, and the callbacks for opt-in and opt-out.
Both are hints to read the contact, and never data: nobody outside of
SALESmanago knows whether they get lost, come twice or overtake each other, the
hook has no signature, and the key of a callback is the same for ever.

Source: SALESmanago help centre, "Send information about the executed rule" and
"Opt-in/Opt-out callback".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from attrs import Attribute, field, frozen

from crmbridge._callbacks import bounded, is_same_text, json_object, refusal
from crmbridge.errors import InvalidInputError, NotificationError

__all__ = [
    "HookLogin",
    "OptCallback",
    "RuleHook",
    "read_opt_callback",
    "read_rule_hook",
]

_SALESMANAGO: Final = "salesmanago"
_MAX_BODY: Final = 64 * 1024
_MAX_QUERY: Final = 8 * 1024
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,189}")


def _require_plain(_: Any, attribute: Attribute[str], value: object) -> None:
    """Demand a text of plain ASCII: how other letters come is not known."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise InvalidInputError(
            f"the {attribute.name} of a hook must be printable ASCII",
            service=_SALESMANAGO,
            field=attribute.name,
        )
    if not value.strip():
        raise InvalidInputError(
            f"the {attribute.name} of a hook must not be empty",
            service=_SALESMANAGO,
            field=attribute.name,
        )


def _require_no_colon(_: Any, attribute: Attribute[str], value: str) -> None:
    if ":" in value:
        raise InvalidInputError(
            f"the {attribute.name} of a hook must hold no colon, as of RFC 7617",
            service=_SALESMANAGO,
            field=attribute.name,
        )


@frozen
class HookLogin:
    """The user and the password that a rule's web hook is sent with.

    They are your own choice, and are typed into the action of the rule.

    Attributes:
        user: printable ASCII, without a colon.
        password: printable ASCII; make it by ``secrets.token_urlsafe(32)``.

    Raises:
        InvalidInputError: one of them cannot be sent, or is empty.

    >>> HookLogin("crm", "hush")
    HookLogin(user='crm')
    """

    user: str = field(validator=[_require_plain, _require_no_colon])
    password: str = field(repr=False, validator=_require_plain)


@frozen
class RuleHook:
    """One web hook of an automation rule: a hint, and not a fact.

    Attributes:
        contact_id: the contact that the rule was executed for; read it by
            `SalesmanagoClient.list_all_by_id`.
        email: its address, or ``None`` where none came; a contact may have
            another one by now.
        rule_id: the rule's id, or ``None``. Unverified: that ``id`` is the
            rule's; nothing depends on it here.
    """

    contact_id: str
    email: str | None = field(default=None, repr=False)
    rule_id: str | None = None


@frozen
class OptCallback:
    """One opt-in or opt-out callback whose key is right: a hint, and not a fact.

    It does not tell which of both it is: that is what your address says that
    it came to, and the key proves the e-mail only.

    Attributes:
        email: the contact's address; read it by `SalesmanagoClient.list_all`.
    """

    email: str = field(repr=False)


def read_rule_hook(
    body: bytes | str,
    *,
    login: HookLogin | None,
    authorization: str | None = None,
    max_bytes: int = _MAX_BODY,
) -> RuleHook:
    """Read the web hook of a rule, if its password proves who sent it.

    Name, phone and company of the contact are not read, even where they come.

    Args:
        body: as it came. Read no more than ``max_bytes`` from the network.
        login: what the rule sends by HTTP Basic; it is compared in constant
            time. ``None`` takes a hook from everybody who knows the address,
            who can then have any contact read, and nothing else.
        authorization: the header ``Authorization`` as it came.
        max_bytes: a longer body is refused.

    Raises:
        NotificationError: do nothing but answer with an HTTP error; ``code``
            says why.

    >>> body = b'{"id": "7", "name": "New tag", "contactId": "0b7c-11"}'
    >>> read_rule_hook(body, login=None).contact_id
    '0b7c-11'
    >>> head = "Basic Y3JtOmh1c2g="
    >>> read_rule_hook(body, login=HookLogin("crm", "hush"), authorization=head)
    RuleHook(contact_id='0b7c-11', rule_id='7')

    Source: SALESmanago help centre, "Send information about the executed rule".
    Unverified, from client code: that ``contactId`` is the contact's id.
    """
    if login is not None and not is_same_text(
        _credentials(authorization), f"{login.user}:{login.password}"
    ):
        raise _refusal("token", "does not carry the login of the rule")
    raw = bounded(body, max_bytes=max_bytes, service=_SALESMANAGO)
    told = json_object(raw, service=_SALESMANAGO)
    contact_id = _id(told.get("contactId"))
    if contact_id is None:
        raise _refusal("body", "holds no id in 'contactId'")
    email = told.get("email")
    return RuleHook(
        contact_id=contact_id,
        email=email if isinstance(email, str) and _is_email(email) else None,
        rule_id=_id(told.get("id")),
    )


def read_opt_callback(
    query: bytes | str, *, secret: str, max_bytes: int = _MAX_QUERY
) -> OptCallback:
    """Read an opt-in or opt-out callback, if its key proves the e-mail.

    The address that you give to SALESmanago ends in
    ``?email=$email$&key=sha1($email$SECRET)``; other parameters may stand
    beside these.
    The key is hexadecimal SHA-1 over the e-mail and your secret.
    It never changes, so whoever has seen one callback can send it again, to
    either address: read the contact, and do not believe the direction.

    Args:
        query: what came behind the ``?``, undecoded, or the body of a form.
            With WSGI that is ``environ["QUERY_STRING"].encode("latin-1")``.
        secret: the constant in the address of the callback. Modules for shops
            take the API secret for it; a long word of its own is better, for
            whoever sees a key can try words at leisure.
        max_bytes: a longer query is refused.

    Raises:
        NotificationError: do nothing but answer with an HTTP error; ``code``
            says why.
        InvalidInputError: ``secret`` is empty, which would let everyone in.

    >>> key = "508bd3b3ffe9e085faf3aa48343d3454a3c2beca"
    >>> read_opt_callback(f"email=ann+news@example.com&key={key}", secret="hush").email
    'ann+news@example.com'

    Source: SALESmanago help centre, "Opt-in/Opt-out callback"; modules for
    Magento compare ``key`` with the hash over e-mail and API secret.
    Unverified: whether the e-mail is percent-encoded; either way is read.
    """
    if not secret:
        raise InvalidInputError(
            "secret must be the constant in the address of the callback",
            service=_SALESMANAGO,
            field="secret",
        )
    raw = bounded(query, max_bytes=max_bytes, service=_SALESMANAGO)
    email, key = _parameter(raw, b"email"), _parameter(raw, b"key")
    if not is_same_text(key.lower(), _sha1(f"{email}{secret}")):
        raise _refusal("token", "does not carry the key of its e-mail")
    if not _is_email(email):
        raise _refusal("body", "holds no address in 'email'")
    return OptCallback(email)


# --- the parts of a hook -----------------------------------------------------


def _refusal(code: str, problem: str) -> NotificationError:
    return refusal(code, problem, service=_SALESMANAGO)


def _credentials(authorization: str | None) -> str | None:
    """Give user and password of HTTP Basic, ``None`` where there are none.

    Source: RFC 7617.
    """
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(token.strip(), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None


def _id(value: object) -> str | None:
    """Read an id; a rule's may be a number."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    text = str(value) if is_number else value
    return text if isinstance(text, str) and _ID.fullmatch(text) else None


def _is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def _sha1(text: str) -> str:
    # The service's choice; what it guards is a hint.
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _parameter(query: bytes, name: bytes) -> str:
    """Read the one parameter of a name.

    A plus stays a plus: an e-mail holds no blank, and may hold a plus that was
    not encoded.
    """
    pairs = (part.partition(b"=") for part in query.split(b"&"))
    found = [value for key, _, value in pairs if key == name]
    if len(found) != 1:
        raise _refusal("body", f"does not hold {name.decode()!r} once")
    try:
        return unquote_to_bytes(found[0]).decode()
    except UnicodeDecodeError as error:
        problem = f"holds no text in UTF-8 in {name.decode()!r}"
        raise _refusal("body", problem) from error
