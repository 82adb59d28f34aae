"""Zoho's regions, and which hosts each of them has.

Floor 1: values only.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from attrs import frozen

__all__ = ["DATA_CENTRES", "ENVIRONMENTS", "DataCentre", "Environment", "centre_at"]

Environment: TypeAlias = Literal["production", "sandbox", "developer"]
"""Which copy of an organisation is meant; each has records of its own."""

ENVIRONMENTS: Final[tuple[Environment, ...]] = ("production", "sandbox", "developer")


@frozen
class DataCentre:
    """The hosts of one Zoho region.

    Attributes:
        accounts_url: where tokens are made.
        api_domain: where records live, unless the token's answer says other.
        upload_url: where files of bulk writes go; ``None`` where nobody has
            written it down.
    """

    accounts_url: str
    api_domain: str
    upload_url: str | None


DATA_CENTRES: Final = MappingProxyType(
    {
        "us": DataCentre(
            "https://accounts.zoho.com",
            "https://www.zohoapis.com",
            "https://content.zohoapis.com",
        ),
        "eu": DataCentre(
            "https://accounts.zoho.eu",
            "https://www.zohoapis.eu",
            "https://content.zohoapis.eu",
        ),
        "in": DataCentre(
            "https://accounts.zoho.in",
            "https://www.zohoapis.in",
            "https://content.zohoapis.in",
        ),
        "au": DataCentre(
            "https://accounts.zoho.com.au",
            "https://www.zohoapis.com.au",
            "https://content.zohoapis.com.au",
        ),
        "jp": DataCentre(
            "https://accounts.zoho.jp",
            "https://www.zohoapis.jp",
            "https://content.zohoapis.jp",
        ),
        "cn": DataCentre(
            "https://accounts.zoho.com.cn",
            "https://www.zohoapis.com.cn",
            "https://content.zohoapis.com.cn",
        ),
        "ca": DataCentre(
            "https://accounts.zohocloud.ca",
            "https://www.zohoapis.ca",
            "https://upload.zohocloud.ca",
        ),
        "sa": DataCentre(
            "https://accounts.zoho.sa",
            "https://www.zohoapis.sa",
            "https://files.zoho.sa",
        ),
        "uk": DataCentre("https://accounts.zoho.uk", "https://www.zohoapis.uk", None),
    }
)
"""Zoho's regions by short name.

Source: Zoho, "Multi DC"; Zoho's Python SDK for v8, package ``dc``.
Unverified: the API host of ``uk``, which is what the other regions suggest; the
token's answer names the right one. Its upload host has to be configured.
"""


def centre_at(accounts_url: str) -> str | None:
    """Name the region whose accounts host this is, or ``None``.

    >>> centre_at("https://accounts.zoho.eu"), centre_at("http://accounts.zoho.eu")
    ('eu', None)
    """
    wanted = accounts_url.strip().lower().removesuffix("/")
    for name, centre in DATA_CENTRES.items():
        if wanted == centre.accounts_url:
            return name
    return None
