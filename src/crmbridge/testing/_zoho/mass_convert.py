"""The conversion of leads by fifty in the fake Zoho, as jobs over its time.

Floor 9.
A job tells numbers only: neither which leads failed nor what became of the others.

Source: Zoho CRM API v6 and v8, "Mass Convert Lead", "Mass Convert Lead Status",
and Zoho's own samples of their errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, cast

from attrs import define, field

from crmbridge.testing._zoho.answers import Json, Refused, object_of
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.conversion_checks import TARGETS
from crmbridge.testing._zoho.convert import Conversions
from crmbridge.testing._zoho.metadata import module_id
from crmbridge.testing._zoho.params import invalid_param
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route

__all__ = ["MassConversions"]

_PATH: Final = f"{API}/Leads/actions/mass_convert"
_MAX: Final = 50
_STARTS_AFTER: Final = timedelta(seconds=10)
_EACH: Final = timedelta(seconds=1)
_RELATED: Final = ("Tasks", "Events", "Calls")


@define
class _Job:
    """Leads that are converted one after the other.

    Attributes:
        waiting: those whose turn has not come.
        element: what each of them shall become.
        tag_modules: the modules whose new records get all tags.
        starts_at: when the first one is converted.
        total: how many there were.
        converted: how many are contacts now.
    """

    waiting: list[Record]
    element: Json
    tag_modules: tuple[str, ...]
    starts_at: datetime
    total: int = field(init=False)
    converted: int = 0

    def __attrs_post_init__(self) -> None:
        """Count the leads."""
        self.total = len(self.waiting)

    def turns(self, now: datetime) -> int:
        """Tell how many leads should have had their turn."""
        return max(0, (now - self.starts_at) // _EACH + 1)

    def shown(self, now: datetime) -> Json:
        """Tell how far it is."""
        failed = self.total - self.converted - len(self.waiting)
        if now < self.starts_at:
            status = "scheduled"
        elif self.waiting:
            status = "in progress"
        else:
            status = "completed" if self.converted else "failed"
        return {
            "Status": status,
            "Total_Count": self.total,
            "Converted_Count": self.converted,
            "Not_Converted_Count": len(self.waiting),
            "Failed_Count": failed,
        }


class MassConversions:
    """Takes jobs, does them as time goes by, and tells how far they are."""

    def __init__(self, book: Book, conversions: Conversions) -> None:
        self._book = book
        self._conversions = conversions
        self._jobs: dict[str, _Job] = {}

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        yield Route(
            "POST",
            _PATH,
            "mass convert",
            self._taken,
            module="Leads",
            scope="mass_convert",
            is_write=True,
            is_complex=True,
        )
        yield Route(
            "GET",
            _PATH,
            "mass conversion",
            self._told,
            module="Leads",
            scope="mass_convert",
        )

    def settle(self) -> None:
        """Give all leads their turn that should have had it."""
        now = self._book.now()
        for job in self._jobs.values():
            had = job.total - len(job.waiting)
            for _ in range(min(job.turns(now) - had, len(job.waiting))):
                self._convert(job, job.waiting.pop(0))

    def _convert(self, job: _Job, lead: Record) -> None:
        names = [tag["name"] for tag in lead.values.get("Tag", [])]
        tags = dict.fromkeys(job.tag_modules, names)
        element = {**job.element, "carry_over_tags": tags}
        job.converted += self._conversions.try_to_convert(lead, element)

    def _told(self, asked: Asked) -> Answer:
        job_id = asked.query.get("job_id")
        if not job_id:
            raise Refused(
                400,
                "REQUIRED_PARAM_MISSING",
                "job_id is required.",
                {"param": "job_id", "json_path": "$.job_id"},
            )
        if job_id not in self._jobs:
            raise invalid_param("job_id")
        return 200, {"data": [self._jobs[job_id].shown(self._book.now())]}

    # --- taking a job ---

    def _taken(self, asked: Asked) -> Answer:
        body = object_of(cast("object", asked.body))
        leads = self._leads(body.get("ids"))
        element: Json = {}
        if "Deals" in body:
            element["Deals"] = _deal(body["Deals"])
        user_id = self._assignee(body)
        if user_id is not None:
            element["assign_to"] = {"id": user_id}
        for place, module in enumerate(body.get("related_modules", [])):
            _module(module, f"related_modules[{place}]", _RELATED)
        if "move_attachments_to" in body:
            _module(body["move_attachments_to"], "move_attachments_to", TARGETS)
        tags = [
            _module(module, f"carry_over_tags[{place}]", TARGETS)
            for place, module in enumerate(body.get("carry_over_tags", []))
        ]
        job_id = self._book.new_id()
        starts_at = self._book.now() + _STARTS_AFTER
        self._jobs[job_id] = _Job(leads, element, tuple(tags), starts_at)
        return 202, {
            "code": "SCHEDULED",
            "message": "Mass Convert scheduled successfully",
            "status": "success",
            "details": {"job_id": job_id},
        }

    def _leads(self, ids: object) -> list[Record]:
        if not isinstance(ids, list) or not ids:
            raise _refused("MANDATORY_NOT_FOUND", "ids", "required field not found")
        wanted = cast("list[object]", ids)
        if len(wanted) > _MAX:
            due_to = [{"api_name": "ids", "json_path": "$.ids"}]
            raise Refused(
                400,
                "LIMIT_EXCEEDED",
                "Limit exceeded for mass convert",
                {"limit": _MAX, "limit_due_to": due_to},
            )
        found = [self._book.modules["Leads"].get(str(one)) for one in wanted]
        if None in found:
            place = found.index(None)
            raise _refused("INVALID_DATA", "ids", path=f"ids[{place}]")
        return [lead for lead in found if lead is not None]

    def _assignee(self, body: Json) -> str | None:
        if "assign_to" not in body:
            if self._book.switches.mass_conversion_needs_user:
                raise _refused(
                    "MANDATORY_NOT_FOUND", "assign_to", "required field not found"
                )
            return None
        user_id = _id_in(body["assign_to"])
        user = self._book.users.get(user_id)
        if user is None or not user.can_own:
            raise _refused(
                "INVALID_DATA",
                "assign_to",
                "Non Subordinate User Found",
                path="assign_to.id",
            )
        return user_id


def _deal(deal: object) -> Json:
    values = object_of(deal)
    if not values.get("Deal_Name"):
        raise _refused(
            "MANDATORY_NOT_FOUND",
            "Deal_Name",
            "required field missing",
            path="Deals.Deal_Name",
        )
    return values


def _module(reference: object, path: str, allowed: tuple[str, ...]) -> str:
    """Read a module that is named by API name and id."""
    named = object_of(reference)
    name: Any = named.get("api_name")
    if name not in allowed:
        raise _refused("INVALID_DATA", "api_name", path=f"{path}.api_name")
    is_known = name in TARGETS
    if is_known and named.get("id") != module_id(name):
        due_to = [
            {"api_name": key, "json_path": f"$.{path}.{key}"}
            for key in ("id", "api_name")
        ]
        raise Refused(
            400,
            "AMBIGUITY_DURING_PROCESSING",
            "two modules are different",
            {"ambiguity_due_to": due_to},
        )
    return str(name)


def _id_in(value: object) -> str:
    return str(object_of(value).get("id", ""))


def _refused(
    code: str, name: str, message: str = "invalid data", *, path: str | None = None
) -> Refused:
    return Refused(
        400, code, message, {"api_name": name, "json_path": f"$.{path or name}"}
    )
