"""Storages of a bridge's state: in memory, in a SQLite file, over another one.

Floor 7: here files are read and written.
Each one implements `crmbridge.reconcile.ports.Store`, and the conformance
suite of `crmbridge.testing` runs against each; run it against your own, too.
"""

from crmbridge.stores._memory import MemoryStore
from crmbridge.stores._overlay import OverlayStore
from crmbridge.stores._rows import final_changes, table_of
from crmbridge.stores._sqlite import SqliteStore

__all__ = ["MemoryStore", "OverlayStore", "SqliteStore", "final_changes", "table_of"]
