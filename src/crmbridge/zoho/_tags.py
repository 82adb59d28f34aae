"""The calls about tags: what there are, and which records have them.

Floor 4.

Source: Zoho CRM API v8, "Get Tags", "Create Tags", "Add Tags", "Remove Tags".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from crmbridge._steps import Call, Request
from crmbridge.config import ZohoConfig
from crmbridge.errors import InvalidInputError
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._batches import Batch, in_batches, unanswered
from crmbridge.zoho._calls import API, cut, module_path
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import listing_of, write_results
from crmbridge.zoho._writes import check_ids
from crmbridge.zoho.credits import CALL, of_tagging
from crmbridge.zoho.metadata import ZohoTag, read_tag
from crmbridge.zoho.results import WriteResult

__all__ = ["add_tags", "create_tags", "remove_tags", "tags"]

_PATH: Final = f"{API}/settings/tags"
_MAX_TAGGED: Final = 500
_MAX_CREATED: Final = 50
_MAX_NAME: Final = 25


def tags(config: ZohoConfig, module: str) -> Call[tuple[ZohoTag, ...]]:
    """Read the tags of a module; see `ZohoClient.tags`."""
    module_path(module)
    name = f"{module} tags"
    query = {"module": module}
    request = Request(ZOHO, "GET", _PATH, name=name, query=query, credits=CALL)
    reply = yield from authorised(request, config, is_repeatable=True)
    return tuple(map(read_tag, listing_of(reply, "tags", name).rows))


def create_tags(
    config: ZohoConfig, module: str, names: Sequence[str]
) -> Call[tuple[WriteResult, ...]]:
    """Make tags that records can have; see `ZohoClient.create_tags`."""
    module_path(module)
    _check(names)
    batches = [
        _batch(
            Request(
                ZOHO,
                "POST",
                _PATH,
                name=f"{module} create tags",
                query={"module": module},
                json={"tags": [{"name": name} for name in part]},
                credits=CALL,
            ),
            len(part),
            key="tags",
        )
        for part in cut(names, _MAX_CREATED)
    ]
    # A name exists once in a module, so making it twice does no harm.
    return (yield from in_batches(config, batches, is_repeatable=True))


def add_tags(
    config: ZohoConfig,
    module: str,
    ids: Sequence[str],
    names: Sequence[str],
    *,
    over_write: bool = False,
) -> Call[tuple[WriteResult, ...]]:
    """Give tags to records; see `ZohoClient.add_tags`."""
    return _tagging(config, module, "add_tags", ids, names, over_write=over_write)


def remove_tags(
    config: ZohoConfig, module: str, ids: Sequence[str], names: Sequence[str]
) -> Call[tuple[WriteResult, ...]]:
    """Take tags away from records; see `ZohoClient.remove_tags`."""
    return _tagging(config, module, "remove_tags", ids, names)


def _tagging(
    config: ZohoConfig,
    module: str,
    action: str,
    ids: Sequence[str],
    names: Sequence[str],
    **choices: bool,
) -> Call[tuple[WriteResult, ...]]:
    check_ids(ids)
    _check(names)
    body = {"tags": [{"name": name} for name in names], **choices}
    batches = [
        _batch(
            Request(
                ZOHO,
                "POST",
                f"{module_path(module)}/actions/{action}",
                name=f"{module} {action.replace('_', ' ')}",
                json={**body, "ids": list(part)},
                credits=of_tagging(len(part)),
            ),
            len(part),
            ids=part,
        )
        for part in cut(ids, _MAX_TAGGED)
    ]
    # Tagging twice is tagging once, and so is taking away.
    return (yield from in_batches(config, batches, is_repeatable=True))


def _batch(
    request: Request,
    size: int,
    *,
    ids: Sequence[str] | None = None,
    key: str = "data",
) -> Batch[WriteResult]:
    return Batch(
        request,
        partial(write_results, count=size, what=request.name, ids=ids, key=key),
        partial(unanswered, size=size),
    )


def _check(names: Sequence[str]) -> None:
    if isinstance(names, str) or not names:
        raise _bad_names("name at least one tag, in a sequence")
    if not all(name.strip() and len(name) <= _MAX_NAME for name in names):
        raise _bad_names(f"the name of a tag has 1 to {_MAX_NAME} characters")


def _bad_names(why: str) -> InvalidInputError:
    return InvalidInputError(why, service=ZOHO, field="names")
