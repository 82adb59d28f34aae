"""The jobs of the fake SALESmanago: what it does later, and the files it makes.

Floor 9.
A job is asked for by its number.
Its file lies at a link that needs no credentials and ends after some uses or
some time.
"""

from __future__ import annotations

import random
from typing import Any, Final

from attrs import define

from crmbridge._steps import Reply, Request
from crmbridge.testing._clock import ServiceClock
from crmbridge.testing._salesmanago.switches import SalesmanagoSwitches

__all__ = ["FILES", "Jobs"]

FILES: Final = "/files/export/"
"""Below this path lie the files."""

_SEED: Final = 20211006
_FIRST_ID: Final = 4001
_KEPT: Final = 100
_SORRY: Final = b"<html><body>This link is no longer valid</body></html>"
_HTML: Final = {"content-type": "text/html"}


@define
class _Job:
    """One job.

    Attributes:
        started_at: when it was started, on the clock that never jumps.
        token: what the link ends with.
        file: what it makes; ``None`` where it makes no file.
        looks: how often it was asked for.
        uses: how often the file was fetched.
        told_at: when the link was first told.
    """

    started_at: float
    token: str
    file: bytes | None
    looks: int = 0
    uses: int = 0
    told_at: float | None = None


class Jobs:
    """All jobs; the oldest of very many are forgotten.

    Args:
        clock: the service's clock.
    """

    def __init__(self, clock: ServiceClock) -> None:
        self._clock = clock
        self._random = random.Random(_SEED)
        self._next_id = _FIRST_ID
        self._jobs: dict[int, _Job] = {}

    def start(self, file: bytes | None = None) -> int:
        """Start a job that makes a file, or none, and give its number."""
        job_id = self._next_id
        self._next_id += 1
        token = f"{self._random.getrandbits(128):032x}"
        self._jobs[job_id] = _Job(self._now(), token, file)
        if len(self._jobs) > _KEPT:
            del self._jobs[next(iter(self._jobs))]
        return job_id

    def status(
        self, job_id: object, switches: SalesmanagoSwitches, base_url: str
    ) -> dict[str, Any]:
        """Give what ``job/status`` answers, ``success`` and ``message`` included."""
        job = self._jobs.get(job_id) if isinstance(job_id, int) else None
        if job is None:
            return _no_file(switches.unknown_job, "Job does not exist")
        job.looks += 1
        if self._is_running(job, switches):
            return {
                "success": switches.is_running_job_success,
                "message": list(switches.job_messages),
                **_NO_LINK[switches.unfinished_link],
            }
        if switches.failed_jobs != "never":
            return _no_file(switches.failed_jobs, "Job failed")
        if job.file is None:
            return {}
        if job.told_at is None:
            job.told_at = self._now()
        return {"fileUrl": f"{base_url}{FILES}{job.token}"}

    def file(self, request: Request, path: str, switches: SalesmanagoSwitches) -> Reply:
        """Answer who fetches a file."""
        if request.method != "GET":
            return Reply(405, {**_HTML, "allow": "GET"})
        if request.json is not None or "authorization" in request.headers:
            return Reply(400, _HTML, b"<html>No credentials here, please</html>")
        token = path.removeprefix(FILES)
        job = next((job for job in self._jobs.values() if job.token == token), None)
        if job is None or job.file is None or job.told_at is None:
            return Reply(404, _HTML, _SORRY)
        job.uses += 1
        uses, seconds = switches.link_uses, switches.link_seconds
        is_worn = uses is not None and job.uses > uses
        is_old = seconds is not None and self._now() - job.told_at >= seconds
        if is_worn or is_old:
            return Reply(switches.ended_link_status, _HTML, _SORRY)
        return Reply(200, {"content-type": "application/json"}, job.file)

    def _is_running(self, job: _Job, switches: SalesmanagoSwitches) -> bool:
        age = self._now() - job.started_at
        return job.looks <= switches.job_looks or age < switches.job_seconds

    def _now(self) -> float:
        return self._clock().ticks_seconds


_NO_LINK: Final[dict[str, dict[str, Any]]] = {
    "missing": {},
    "null": {"fileUrl": None},
    "empty": {"fileUrl": ""},
}


def _no_file(how: str, text: str) -> dict[str, Any]:
    """Give the answer for a job that has no file and never will."""
    if how == "silent":
        return {"fileUrl": None}
    return {"success": how != "refused", "message": [text], "fileUrl": None}
