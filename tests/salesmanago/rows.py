"""The rows that tests of the fake SALESmanago and of its client have to cover.

A test says which row it proves: ``@pytest.mark.salesmanago_row(...)`` for what a
faithful fake must do, ``@pytest.mark.question(...)`` for what nobody outside of
SALESmanago knows; such a test runs under each position of the switch.
`test_rows` fails for a row without a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FAKE_ROWS: Final[Mapping[int, str]] = {
    1: "only POST with JSON below /api/",
    2: "sha is checked",
    3: "inactive account",
    4: "requestTime: required, integer, not checked strictly",
    5: "every answer has success and message",
    6: "broken answers",
    7: "owner must be a known user",
    8: "one card per e-mail, found by e-mail and id",
    9: "upsert: omitted fields stay; null and empty texts",
    10: "upsert answers contactId and externalId; async",
    11: "defaults of a new contact",
    12: "flags of permission and double opt-in",
    13: "optedOut is no input",
    14: "birthday in and out",
    15: "province at the top level",
    16: "address: null, or an object with nulls",
    17: "tags: normal form, score",
    18: "properties: object in, array out",
    19: "dictionary details",
    20: "consents",
    21: "newEmail renames",
    22: "insert of an existing contact",
    23: "update of a missing contact",
    24: "batchupsert: id map",
    25: "batchupsertv2: request id, later",
    26: "sizes of batches and lists",
    27: "hasContact of a missing contact",
    28: "keys and order of basic and list",
    29: "owner-bound reads",
    30: "createdContacts and modifiedContacts",
    31: "paginatedModifiedContacts",
    32: "what moves modifiedOn",
    33: "export: job, link, file",
    34: "delete: soft, permanent, restored, purged",
    35: "hasContact after a permanent delete",
    36: "opt-in and opt-out calls",
    37: "setMainOwner",
    38: "listByClient without owner",
    39: "hooks",
    40: "requests are counted and recorded, secrets masked",
}
QUESTIONS: Final[Mapping[int, str]] = {
    1: "do empty texts and null clear a field",
    2: "permission of a new contact when flags are omitted",
    3: "both flags true",
    4: "does an unchanged upsert alter permission or start automations",
    5: "upsert under another owner",
    6: "newEmail collision; case of e-mails",
    7: "batch maximum; partial failures",
    8: "result of batchupsertv2",
    9: "job/status texts, failure, life of the link",
    10: "bounds and stability of windows",
    11: "what moves modifiedOn",
    12: "deletions",
    13: "resurrection by a late upsert",
    14: "rate limit",
    15: "retry of writes after a time-out",
    16: "is requestTime checked",
    17: "message texts",
    18: "update of an unknown contact; insert of an existing one",
    19: "are dictionary details in list",
    20: "do API changes fire hooks",
    21: "country format, phone normalisation",
    22: "paginatedListById",
    23: "length limits of names and values",
    24: "basic maximum",
    25: "lang codes",
    26: "CLIENT or CUSTOMER",
    27: "wrong host",
    28: "soft-deleted and opted-out contacts in feeds and exports",
}
