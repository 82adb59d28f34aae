"""The writing endpoints of the fake Zoho: insert, update, upsert, delete.

Floor 9.
What is taken of a record stands in ``checks``, which one an upsert means in
``upserts``, who holds one back in ``holds``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, cast

from attrs import frozen

from crmbridge.testing._zoho.answers import (
    MAX_RECORDS,
    Json,
    Refused,
    failure,
    records_of,
    success,
)
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.checks import Checks, as_one, missing, no_such_id
from crmbridge.testing._zoho.forms import in_form
from crmbridge.testing._zoho.params import missing_param, since_of
from crmbridge.testing._zoho.routes import (
    API,
    Answer,
    Asked,
    Route,
    per_ten_records,
    takes_many_records,
)
from crmbridge.testing._zoho.upserts import Match, Matching

__all__ = ["Writes"]

_TRIGGERS: Final = ("workflow", "approval", "blueprint", "pathfinder", "orchestration")
_PERSONS: Final = ("Leads", "Contacts")
_One: TypeAlias = Callable[[Json, int], Json]


class Writes:
    """Writes records, and says by position what became of each.

    Attributes:
        fired: how often Zoho did what besides, such as ``"workflow"``.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._checks = Checks(book)
        self._matching = Matching(book)
        self.fired: Counter[str] = Counter()

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        many = f"{API}/{{module}}"
        one = f"{API}/{{module}}/{{id}}"
        for method, path, verb, do in (
            ("POST", f"{many}/upsert", "upsert", self._upsert_asked),
            ("PUT", one, "update", self._update_asked),
            ("PUT", many, "update", self._update_asked),
            ("POST", many, "insert", self._insert_asked),
        ):
            yield Route(
                method,
                path,
                verb,
                do,
                credits=per_ten_records,
                is_write=True,
                is_complex=takes_many_records,
            )
        for path in (one, many):
            yield Route("DELETE", path, "delete", self._delete_asked, is_write=True)

    # --- requests ---

    def _insert_asked(self, asked: Asked) -> Answer:
        records = records_of(asked.body)
        fires = _triggers(cast("Json", asked.body))
        results = self._each(
            records, lambda raw, place: self._insert(asked.module, raw, place)
        )
        return self._answer(results, 201, fires)

    def _update_asked(self, asked: Asked) -> Answer:
        records = records_of(asked.body)
        fires = _triggers(cast("Json", asked.body))
        if asked.id is not None:
            records = [{**cast("Json", records[0]), "id": asked.id}]
        meant = _Meant(
            lambda raw, place: self._by_id(asked.module, raw, place), _since(asked)
        )
        return self._guarded(asked, records, meant, fires)

    def _upsert_asked(self, asked: Asked) -> Answer:
        records = records_of(asked.body)
        body = cast("Json", asked.body)
        names = self._matching.fields(asked.module, body)
        meant = _Meant(
            lambda raw, place: self._matching.match(asked.module, raw, place, names),
            _since(asked),
        )
        return self._guarded(asked, records, meant, _triggers(body))

    def _delete_asked(self, asked: Asked) -> Answer:
        ids = asked.query.get("ids", asked.id)
        if not ids:
            raise missing_param("ids")
        listed = ids.split(",")
        if len(listed) > MAX_RECORDS:
            raise Refused(
                400, "LIMIT_EXCEEDED", "more ids than allowed", {"limit": MAX_RECORDS}
            )
        runs = asked.query.get("wf_trigger", "true") == "true"
        results = [self._delete(asked.module, record_id) for record_id in listed]
        return self._answer(results, 200, ("workflow",) if runs else ())

    # --- batches ---

    def _each(self, records: Sequence[object], one: _One) -> list[Json]:
        return [
            one(cast("Json", raw), place)
            if isinstance(raw, dict)
            else failure(
                "INVALID_DATA", "invalid data", {"expected_data_type": "jsonobject"}
            )
            for place, raw in enumerate(records)
        ]

    def _guarded(
        self,
        asked: Asked,
        records: Sequence[object],
        meant: _Meant,
        fires: Sequence[str],
    ) -> Answer:
        """Write records that are there, or not, as ``If-Unmodified-Since`` has it."""
        if self._book.switches.guards_batches == "whole":
            for raw, place in _objects(records):
                found = meant.find(raw, place).record
                stale = None if found is None else self._stale(found, meant.since)
                if stale is not None:
                    return 412, {"data": [in_form(stale, self._book.switches)]}
        is_upsert = asked.route.verb == "upsert"
        results = self._each(
            records,
            lambda raw, place: (
                self._write(asked.module, raw, place, meant)
                if is_upsert
                else self._update(raw, place, meant)
            ),
        )
        return self._answer(results, 200, fires)

    def _answer(
        self, results: Sequence[Json], status: int, fires: Sequence[str]
    ) -> Answer:
        switches = self._book.switches
        good = sum(result["status"] == "success" for result in results)
        self._book.written += good
        self.fired.update({name: good for name in fires if good})
        if 0 < good < len(results):
            status = 207
        elif not good:
            is_stale = results[0]["code"] == "ALREADY_MODIFIED"
            status = 412 if is_stale else switches.refused_status
        return status, {"data": [in_form(result, switches) for result in results]}

    # --- one record ---

    def write(self, module: str, raw: Json, found: Record | None) -> Json:
        """Change a record, or make a new one, and say what became of it."""
        result = (
            self._insert(module, raw, 0)
            if found is None
            else self._change(found, raw, 0, None)
        )
        self._book.written += result["status"] == "success"
        return result

    def _insert(self, module: str, raw: Json, place: int) -> Json:
        values, problems = self._checks.checked(module, raw, place, None)
        if problems:
            return as_one(problems)
        owner_id = values.pop("Owner", None)
        record = self._book.add(module, values, owner_id)
        self._propagate(record, values)
        return success("record added", self._details(record))

    def _by_id(self, module: str, raw: Json, place: int) -> Match:
        if raw.get("id") is None:
            return Match(refusal=missing("id", place))
        record = self._book.modules[module].get(str(raw["id"]))
        if record is None or record.is_hidden:
            return Match(refusal=no_such_id("id", place))
        return Match(record)

    def _update(self, raw: Json, place: int, meant: _Meant) -> Json:
        match = meant.find(raw, place)
        if match.record is None:
            return match.refusal or missing("id", place)
        return self._change(match.record, raw, place, meant.since)

    def _write(self, module: str, raw: Json, place: int, meant: _Meant) -> Json:
        match = meant.find(raw, place)
        if match.refusal is not None:
            return match.refusal
        if match.record is None:
            result = self._insert(module, raw, place)
            more: Json = {"action": "insert", "duplicate_field": None}
        else:
            result = self._change(match.record, raw, place, meant.since)
            more = {"action": "update", "duplicate_field": match.field}
        return {**result, **more} if result["status"] == "success" else result

    def _change(
        self, record: Record, raw: Json, place: int, since: datetime | None
    ) -> Json:
        refusal = self._refusal(record) or self._stale(record, since)
        if refusal is not None:
            return refusal
        values, problems = self._checks.checked(record.module, raw, place, record)
        if problems:
            return as_one(problems)
        owner_id = values.pop("Owner", None)
        self._book.change(record, values, owner_id)
        self._propagate(record, values)
        return success("record updated", self._details(record))

    def _delete(self, module: str, record_id: str) -> Json:
        record = self._book.modules[module].get(record_id)
        if record is None or record.is_hidden:
            return failure("INVALID_DATA", "record not deleted", {"id": record_id})
        refusal = self._book.holds.refusal(record)
        if refusal is not None:
            return refusal
        self._book.remove(record)
        return success("record deleted", {"id": record_id})

    def _refusal(self, record: Record) -> Json | None:
        if record.converted is not None:
            return failure(
                "ID_ALREADY_CONVERTED", "the lead is converted", {"id": record.id}
            )
        return self._book.holds.refusal(record)

    def _stale(self, record: Record, since: datetime | None) -> Json | None:
        if since is None or record.modified <= since:
            return None
        return failure(
            "ALREADY_MODIFIED",
            "record updated time has already passed if-unmodified-since time",
            self._details(record),
        )

    def _propagate(self, record: Record, values: Mapping[str, Any]) -> None:
        """Let an opt-out follow to the records with the same address."""
        if not self._book.switches.propagates_opt_out or "Email_Opt_Out" not in values:
            return
        for module in _PERSONS:
            for other in self._book.matches(
                module, "Email", record.values.get("Email")
            ):
                if other is not record:
                    change = {"Email_Opt_Out": values["Email_Opt_Out"]}
                    self._book.change(other, change)

    def _details(self, record: Record) -> Json:
        names = ("Modified_Time", "Modified_By", "Created_Time", "Created_By")
        return {**self._book.show(record, names), "$approval_state": "approved"}


@frozen
class _Meant:
    """Which record each element means, and when it may have changed last."""

    find: Callable[[Json, int], Match]
    since: datetime | None


def _objects(records: Sequence[object]) -> Iterator[tuple[Json, int]]:
    for place, raw in enumerate(records):
        if isinstance(raw, dict):
            yield cast("Json", raw), place


def _since(asked: Asked) -> datetime | None:
    text = asked.headers.get("if-unmodified-since")
    return None if text is None else since_of(text, "If-Unmodified-Since")


def _triggers(body: Json) -> tuple[str, ...]:
    """Give what Zoho does besides: without a word, everything.

    Raises:
        Refused: there is no such thing.
    """
    named = body.get("trigger", _TRIGGERS)
    if not isinstance(named, (list, tuple)) or not {*named} <= {*_TRIGGERS}:
        raise Refused(400, "INVALID_DATA", "invalid data", {"api_name": "trigger"})
    skipped = cast("list[Json]", body.get("skip_feature_execution", []))
    runs_cadences = {"name": "cadences"} not in skipped
    fires = tuple(cast("Sequence[str]", named))
    return (*fires, "cadences") if runs_cadences else fires
