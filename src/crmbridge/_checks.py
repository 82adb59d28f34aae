"""What settings are checked with when they are made.

Floor 1: every refusal is a `ConfigError` that names the setting.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from attrs import Attribute

from crmbridge.errors import ConfigError

__all__ = [
    "base_url",
    "optional_base_url",
    "require_between",
    "require_no_less_than_zero",
    "require_one_of",
    "require_positive",
    "require_text",
]


def require_text(_: Any, attribute: Attribute[Any], value: object) -> None:
    """Demand a text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{attribute.name} is required and must be a text")


def require_positive(_: Any, attribute: Attribute[Any], value: float) -> None:
    """Demand a number above 0."""
    if value <= 0:
        raise ConfigError(f"{attribute.name} must be above 0")


def require_no_less_than_zero(_: Any, attribute: Attribute[Any], value: float) -> None:
    """Demand a number that is 0 or above."""
    if value < 0:
        raise ConfigError(f"{attribute.name} must be 0 or above")


def require_between(
    least: int, most: int
) -> Callable[[Any, Attribute[int], int], None]:
    """Demand a number from ``least`` to ``most``."""

    def check(_: Any, attribute: Attribute[int], value: int) -> None:
        if not least <= value <= most:
            raise ConfigError(f"{attribute.name} must be {least} to {most}")

    return check


def require_one_of(
    words: Collection[str],
) -> Callable[[Any, Attribute[Any], object], None]:
    """Demand one of these words."""

    def check(_: Any, attribute: Attribute[Any], value: object) -> None:
        if not isinstance(value, str) or value not in words:
            raise ConfigError(f"{attribute.name} must be one of {', '.join(words)}")

    return check


def base_url(address: str, *, setting: str) -> str:
    """Normalise an address to ``scheme://host[:port]``, without a path."""
    text = address.strip()
    parts = urlsplit(text if "//" in text else f"https://{text}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in text:
        raise ConfigError(
            f"{setting} must be a host or an address such as https://www.example.com"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def optional_base_url(address: str | None) -> str | None:
    """Normalise an address as `base_url` does, unless there is none."""
    return None if address is None else base_url(address, setting="address")
