"""The writing endpoints of the fake Zoho: insert, update, upsert, delete.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from crmbridge.testing._zoho.answers import (
    MAX_RECORDS,
    Json,
    Refused,
    failure,
    records_of,
    success,
)
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.fields import FieldSpec, problem
from crmbridge.testing._zoho.params import missing_param, since_of
from crmbridge.testing._zoho.routes import (
    API,
    Answer,
    Asked,
    Route,
    per_ten_records,
    takes_many_records,
)

__all__ = ["Writes"]

_NO_SUCH_ID: Final = "the id given seems to be invalid"


class Writes:
    """Writes records, and says by position what became of each."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.locked: set[str] = set()

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

    def _insert_asked(self, asked: Asked) -> Answer:
        return self.insert(asked.module, asked.body)

    def _update_asked(self, asked: Asked) -> Answer:
        body = asked.body
        if asked.id is not None:
            first = records_of(body)[0]
            body = {"data": [{**cast("Json", first), "id": asked.id}]}
        since = asked.headers.get("if-unmodified-since")
        return self.update(asked.module, body, since)

    def _upsert_asked(self, asked: Asked) -> Answer:
        since = asked.headers.get("if-unmodified-since")
        return self.upsert(asked.module, asked.body, since)

    def _delete_asked(self, asked: Asked) -> Answer:
        ids = asked.query.get("ids", asked.id)
        if not ids:
            raise missing_param("ids")
        return self.delete(asked.module, ids.split(","))

    def insert(self, module: str, body: object) -> Answer:
        """Make new records."""
        return self._all(
            records_of(body), 201, lambda raw, place: self._insert(module, raw, place)
        )

    def update(self, module: str, body: object, unmodified_since: str | None) -> Answer:
        """Change records by their ids."""
        return self._all(
            records_of(body),
            200,
            lambda raw, place: self._update(module, raw, place, unmodified_since),
        )

    def upsert(self, module: str, body: object, unmodified_since: str | None) -> Answer:
        """Change the records that are there and make the others."""
        records = records_of(body)
        names = self._check_fields(module, cast("Json", body))

        def one(raw: Json, place: int) -> Json:
            return self._upsert(module, raw, place, names, unmodified_since)

        return self._all(records, 200, one)

    def delete(self, module: str, ids: Sequence[str]) -> Answer:
        """Move records to the recycle bin."""
        if len(ids) > MAX_RECORDS:
            raise Refused(
                400, "LIMIT_EXCEEDED", "more ids than allowed", {"limit": MAX_RECORDS}
            )
        return self._all(
            [{"id": record_id} for record_id in ids],
            200,
            lambda raw, _: self._delete(module, raw["id"]),
        )

    def _all(
        self, records: Sequence[Any], status: int, one: Callable[[Json, int], Json]
    ) -> Answer:
        results = [
            one(cast("Json", raw), place)
            if isinstance(raw, dict)
            else failure(
                "INVALID_DATA", "invalid data", {"expected_data_type": "jsonobject"}
            )
            for place, raw in enumerate(records)
        ]
        good = sum(result["status"] == "success" for result in results)
        self._book.written += good
        if 0 < good < len(results):
            status = 207
        elif not good:
            is_stale = results[0]["code"] == "ALREADY_MODIFIED"
            status = 412 if is_stale else 400
        return status, {"data": results}

    # --- one record ---

    def _insert(self, module: str, raw: Json, place: int) -> Json:
        values, problems = self._checked(module, raw, place)
        table = self._book.tables[module]
        for name in _mandatory(module, table, raw):
            if raw.get(name) in {None, ""} and name not in {*values, *_named(problems)}:
                problems.append(_missing(name, place))
        problems += self._clashes(module, values, place, None)
        if problems:
            return _several(problems)
        owner_id = values.pop("Owner", None)
        record = self._book.add(module, values, owner_id)
        self._propagate(record, values)
        return success("record added", self._details(record))

    def _update(
        self, module: str, raw: Json, place: int, unmodified_since: str | None
    ) -> Json:
        record_id = raw.get("id")
        if record_id is None:
            return _missing("id", place)
        record = self._book.modules[module].get(str(record_id))
        if record is None:
            where = {"api_name": "id", "json_path": f"$.data[{place}].id"}
            return failure("INVALID_DATA", _NO_SUCH_ID, where)
        refusal = self._refusal(record, unmodified_since)
        return refusal or self._change(record, raw, place)

    def _refusal(self, record: Record, unmodified_since: str | None) -> Json | None:
        if record.converted is not None:
            return failure(
                "ID_ALREADY_CONVERTED", "the lead is converted", {"id": record.id}
            )
        if record.id in self.locked:
            return failure("RECORD_LOCKED", "record is locked", {"id": record.id})
        if unmodified_since is not None and record.modified > since_of(
            unmodified_since
        ):
            return failure(
                "ALREADY_MODIFIED",
                "record updated time has already passed if-unmodified-since time",
                self._details(record),
            )
        return None

    def _change(self, record: Record, raw: Json, place: int) -> Json:
        values, problems = self._checked(record.module, raw, place)
        problems += self._clashes(record.module, values, place, record)
        if problems:
            return _several(problems)
        owner_id = values.pop("Owner", None)
        self._book.change(record, values, owner_id)
        self._propagate(record, values)
        return success("record updated", self._details(record))

    def _upsert(
        self,
        module: str,
        raw: Json,
        place: int,
        names: Sequence[str],
        unmodified_since: str | None,
    ) -> Json:
        found, name = self._match(module, raw, names)
        if found is None:
            result = self._insert(module, raw, place)
            more: Json = {"action": "insert", "duplicate_field": None}
        else:
            refusal = self._refusal(found, unmodified_since)
            result = refusal or self._change(found, raw, place)
            more = {"action": "update", "duplicate_field": name}
        return {**result, **more} if result["status"] == "success" else result

    def _match(
        self, module: str, raw: Json, names: Sequence[str]
    ) -> tuple[Record | None, str | None]:
        if "id" in raw:
            return self._book.modules[module].get(str(raw["id"])), None
        for name in names:
            found = self._book.matches(module, name, raw.get(name))
            if found:
                return found[0], name
        return None, None

    def _check_fields(self, module: str, body: Json) -> list[str]:
        """Give the fields by which an upsert looks, in order."""
        table = self._book.tables[module]
        system = "Account_Name" if module == "Accounts" else "Email"
        unique = [spec.name for spec in table.values() if spec.is_unique]
        named = body.get("duplicate_check_fields")
        if not named:
            return list(dict.fromkeys([system, *unique]))
        for name in named:
            if name != system and name not in unique:
                raise Refused(
                    400,
                    "INVALID_DATA",
                    "invalid data",
                    {"api_name": "duplicate_check_fields"},
                )
        return list(dict.fromkeys([*named, *unique]))

    def _delete(self, module: str, record_id: str) -> Json:
        record = self._book.modules[module].get(record_id)
        if record is None:
            return failure("INVALID_DATA", "record not deleted", {"id": record_id})
        self._book.remove(record)
        return success("record deleted", {"id": record_id})

    # --- checks ---

    def _checked(self, module: str, raw: Json, place: int) -> tuple[Json, list[Json]]:
        """Give the values to be stored, and what is wrong with the others."""
        table = self._book.tables[module]
        values: Json = {}
        problems: list[Json] = []
        for name, value in raw.items():
            spec = table.get(name)
            if spec is None:
                problems += self._unknown(name, place)
            elif not spec.is_read_only:
                found = problem(spec, value, place, self._book.switches)
                if found is None:
                    found = self._bad_reference(spec, value, place)
                if found is None:
                    values[name] = self._stored(spec, value)
                else:
                    problems.append(found)
        return values, problems

    def _unknown(self, name: str, place: int) -> list[Json]:
        is_ignored = self._book.switches.unknown_fields == "ignore"
        if is_ignored or name in {"id", "Layout"} or name.startswith("$"):
            return []
        where = {"api_name": name, "json_path": f"$.data[{place}].{name}"}
        return [failure("INVALID_DATA", "invalid data", where)]

    def _bad_reference(self, spec: FieldSpec, value: Any, place: int) -> Json | None:
        if value is None or spec.type not in {"lookup", "ownerlookup"}:
            return None
        target = _target(value)
        if spec.type == "ownerlookup":
            user = self._book.users.get(target)
            is_good = user is not None and user.is_active
        else:
            is_good = target in self._book.modules[spec.lookup or "Accounts"]
        if is_good:
            return None
        where = {"api_name": spec.name, "json_path": f"$.data[{place}].{spec.name}.id"}
        return failure("INVALID_DATA", _NO_SUCH_ID, where)

    def _stored(self, spec: FieldSpec, value: Any) -> Any:
        if value is not None and spec.type in {"lookup", "ownerlookup"}:
            return _target(value)
        if spec.name == "Tag":
            return [
                {"name": tag["name"], "id": self._book.new_id(), "color_code": None}
                for tag in cast("list[Json]", value or [])
            ]
        return False if value is None and spec.type == "boolean" else value

    def _clashes(
        self, module: str, values: Json, place: int, own: Record | None
    ) -> list[Json]:
        table = self._book.tables[module]
        return [
            self._duplicate(name, found, place)
            for name, value in values.items()
            if table[name].is_unique
            for found in self._book.matches(module, name, value)[:2]
            if found is not own
        ][:1]

    def _duplicate(self, name: str, found: Record, place: int) -> Json:
        return failure(
            "DUPLICATE_DATA",
            "duplicate data",
            {
                "api_name": name,
                "json_path": f"$.data[{place}].{name}",
                "id": found.id,
                "duplicate_record": {
                    "id": found.id,
                    "Owner": self._book.users[found.owner_id].reference(),
                    "module": {"api_name": found.module, "id": "487687600000002000"},
                },
                "more_records": False,
            },
        )

    def _propagate(self, record: Record, values: Mapping[str, Any]) -> None:
        """Let an opt-out follow to the records with the same address."""
        if not self._book.switches.propagates_opt_out or "Email_Opt_Out" not in values:
            return
        for module in ("Leads", "Contacts"):
            email = record.values.get("Email")
            for other in self._book.matches(module, "Email", email):
                if other is not record:
                    change = {"Email_Opt_Out": values["Email_Opt_Out"]}
                    self._book.change(other, change)

    def _details(self, record: Record) -> Json:
        shown = self._book.show(
            record, ("Modified_Time", "Modified_By", "Created_Time", "Created_By")
        )
        return {**shown, "$approval_state": "approved"}


def _mandatory(module: str, table: Mapping[str, FieldSpec], raw: Json) -> list[str]:
    """Name the fields that have to be there; the layout's if one is named."""
    names = [spec.name for spec in table.values() if spec.is_mandatory]
    if module == "Leads" and "Layout" in raw and "Company" not in names:
        names.append("Company")
    return names


def _named(problems: Sequence[Json]) -> list[str]:
    return [str(found["details"].get("api_name")) for found in problems]


def _missing(name: str, place: int) -> Json:
    return failure(
        "MANDATORY_NOT_FOUND",
        "required field not found",
        {"api_name": name, "json_path": f"$.data[{place}].{name}"},
    )


def _several(problems: Sequence[Json]) -> Json:
    if len(problems) == 1:
        return problems[0]
    return failure(
        "MULTIPLE_OR_MULTI_ERRORS",
        "multiple or multi-level errors occurred",
        {"errors": list(problems)},
    )


def _target(value: Any) -> str:
    if isinstance(value, dict):
        return str(cast("Json", value).get("id", ""))
    return str(value)
