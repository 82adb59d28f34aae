"""The SQL of a bridge's tables, made once from their description.

Floor 7, though pure: texts only.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final

from crmbridge.reconcile.ports import TABLES, Row, Table

__all__ = ["SCHEMA", "SCHEMA_VERSION", "SQL", "TableSql"]

SCHEMA_VERSION: Final = 1


class TableSql:
    """The statements of one table, each built once.

    Names come from `TABLES` alone, never from a caller, so they may stand in
    the text; values are always parameters.
    """

    def __init__(self, name: str, table: Table) -> None:
        self.name = name
        self.indexes = table.indexes
        self.unique = table.unique
        columns = ("bridge", "key", "data", *map(_column, table.indexes))
        self._select = (
            f"SELECT {', '.join(columns[1:])} FROM rows_{name} "  # noqa: S608 - names of TABLES
            "WHERE bridge = (SELECT id FROM bridge WHERE name = ?)"
        )
        self.delete = f"DELETE FROM rows_{name} WHERE bridge = ? AND key = ?"  # noqa: S608 - as above
        self.insert = (
            f"INSERT INTO rows_{name} ({', '.join(columns)}) "  # noqa: S608 - as above
            f"VALUES ({', '.join('?' * len(columns))})"
        )

    def create(self) -> list[str]:
        """Give the statements that make the table and its indexes.

        Each index but the unique ones ends in the key, so that a scan needs
        no sorting.
        """
        columns = "".join(f", {_column(index)} TEXT" for index in self.indexes)
        statements = [
            (
                f"CREATE TABLE rows_{self.name} (bridge INTEGER NOT NULL, "
                f"key TEXT NOT NULL, data BLOB NOT NULL{columns}, UNIQUE (bridge, key))"
            )
        ]
        for index in self.indexes:
            column = _column(index)
            is_unique = index in self.unique
            statements.append(
                f"CREATE {'UNIQUE ' if is_unique else ''}INDEX {self.name}_by_{index} "
                f"ON rows_{self.name} (bridge, {column}{'' if is_unique else ', key'}) "
                f"WHERE {column} IS NOT NULL"
            )
        return statements

    def fetch(self, index: str | None, count: int) -> str:
        """Give the query for so many keys or values of an index."""
        column = "key" if index is None else _column(index)
        return f"{self._select} AND {column} IN ({', '.join('?' * count)})"

    def scan(self, index: str | None, *, is_first: bool) -> str:
        """Give the query for the rows after a place, in order."""
        if index is None:
            where, order = ("" if is_first else " AND key > ?"), "key"
        else:
            column = _column(index)
            order = f"{column}, key"
            where = f" AND {column} IS NOT NULL"
            if not is_first:
                where += f" AND ({order}) > (?, ?)"
        return f"{self._select}{where} ORDER BY {order} LIMIT ?"

    def values(self, bridge_id: int, row: Row) -> tuple[Any, ...]:
        """Give the parameters of `insert`."""
        return (bridge_id, row.key, row.data, *map(row.indexes.get, self.indexes))

    def row(self, values: Sequence[Any]) -> Row:
        """Make a row of one line of an answer."""
        key, data, *found = values
        indexes = {
            index: value
            for index, value in zip(self.indexes, found, strict=True)
            if value is not None
        }
        return Row(self.name, key, data, indexes)

    def index_in(self, message: str) -> str:
        """Name the index that SQLite complains about; the key if none."""
        for index in self.indexes:
            if _column(index) in message:
                return index
        return "key"


def _column(index: str) -> str:
    return f"by_{index}"


SQL: Final = MappingProxyType(
    {name: TableSql(name, table) for name, table in TABLES.items()}
)

SCHEMA: Final = (
    "CREATE TABLE crmbridge_schema (version INTEGER NOT NULL)",
    f"INSERT INTO crmbridge_schema VALUES ({SCHEMA_VERSION})",  # noqa: S608 - a number of ours
    (
        "CREATE TABLE bridge (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
        "holder TEXT, fence INTEGER NOT NULL, expires_at TEXT)"
    ),
    *(statement for sql in SQL.values() for statement in sql.create()),
)
