"""The account of a connected organisation, in a file of its owner.

Floor 6.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final, cast

from crmbridge.config import ZohoConfig
from crmbridge.errors import ConfigError
from crmbridge.zoho._private_files import read_private, write_private

__all__ = ["load_zoho_config", "save_zoho_config"]

_KEPT: Final = (
    "data_centre",
    "environment",
    "client_id",
    "client_secret",
    "refresh_token",
    "owner",
    "accounts_url",
    "api_domain",
    "upload_url",
)
_CONNECT: Final = "make it with `python -m crmbridge.zoho connect`"


def save_zoho_config(config: ZohoConfig, path: str | os.PathLike[str]) -> None:
    """Keep what connects an organisation in a file that only you can read.

    How fast and how often Zoho is asked is not kept.

    Args:
        config: what to keep.
        path: where; a file that is there is replaced as a whole.

    Raises:
        StoreError: it cannot be written; a file that was there is whole.

    >>> from tempfile import TemporaryDirectory
    >>> config = ZohoConfig(client_id="c", client_secret="s", refresh_token="r")
    >>> with TemporaryDirectory() as folder:
    ...     save_zoho_config(config, f"{folder}/zoho.json")
    ...     load_zoho_config(f"{folder}/zoho.json") == config
    True
    """
    kept = {
        name: getattr(config, name)
        for name in _KEPT
        if getattr(config, name) is not None
    }
    content = json.dumps(kept, indent=2, ensure_ascii=False) + "\n"
    write_private(Path(path).resolve(), content.encode())


def load_zoho_config(path: str | os.PathLike[str], **settings: Any) -> ZohoConfig:
    """Read what connects an organisation from a file that only you can read.

    Args:
        path: a file of `save_zoho_config`, or one written by hand: a JSON
            object of the settings of `ZohoConfig` that are texts.
        settings: settings beside those, or instead of them.

    Raises:
        ConfigError: there is no such file, others can read it, it is damaged,
            or a setting is missing or wrong.
        AuthtokenRetiredError: it holds an ``authtoken``.
    """
    try:
        content, _ = read_private(Path(path), ConfigError)
    except FileNotFoundError as error:
        raise ConfigError(f"there is no file {path}; {_CONNECT}") from error
    return ZohoConfig(**{**_settings(content, path), **settings})


def _settings(content: bytes, path: str | os.PathLike[str]) -> dict[str, Any]:
    try:
        found = cast("object", json.loads(content))
    except (ValueError, RecursionError):
        # The error of the JSON reader would show what stands in the file.
        found = None
    if not isinstance(found, dict):
        raise ConfigError(f"{path} is damaged or holds no account of Zoho; {_CONNECT}")
    settings = cast("dict[str, Any]", found)
    if not settings.keys() <= {*_KEPT, "authtoken"}:
        raise ConfigError(f"{path} may hold {', '.join(_KEPT)}, and nothing else")
    if not all(isinstance(value, str) for value in settings.values()):
        raise ConfigError(f"{path} may hold texts and nothing else")
    return settings
