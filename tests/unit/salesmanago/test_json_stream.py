"""JSON off a file: whole or broken, in little memory, with typed errors only."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmbridge.errors import MalformedReplyError
from crmbridge.salesmanago._exported import contacts_in, data_in
from crmbridge.salesmanago._json_stream import JsonStream
from crmbridge.salesmanago.export_jobs import ExportBounds, ExportPart

WHAT = "job 7"
MEGABYTE = 1024 * 1024
BOUNDS = ExportBounds(element_characters=10_000)
SECRET = "kowalska"

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def _stream(text: str | bytes, bound: int = 10_000) -> JsonStream:
    body = text if isinstance(text, bytes) else text.encode()
    return JsonStream(io.BytesIO(body), bound, WHAT)


def _elements(text: str | bytes, bound: int = 10_000) -> list[Any]:
    stream = _stream(text, bound)
    found = list(stream.elements())
    stream.end()
    return found


def _problem(text: str | bytes, bound: int = 10_000) -> str:
    with pytest.raises(MalformedReplyError) as caught:
        _elements(text, bound)
    assert caught.value.__cause__ is None  # it would hold what was read
    return str(caught.value).removeprefix(f"{WHAT}: the file cannot be read: ")


@given(values=st.lists(JSON), indent=st.sampled_from([None, 0, 3]))
def test_an_array_is_read_as_it_was_written(
    values: list[Any], indent: int | None
) -> None:
    assert _elements(json.dumps(values, indent=indent), 100_000) == values


@given(values=st.dictionaries(st.text(), JSON))
def test_an_object_is_read_as_it_was_written(values: dict[str, Any]) -> None:
    stream = _stream(json.dumps(values), 100_000)

    assert {name: stream.value() for name in stream.names()} == values
    stream.end()


@pytest.mark.parametrize("size", [65_530, 65_534, 65_535, 65_536, 65_537, 200_000])
def test_values_across_the_edges_of_what_is_read_are_whole(size: int) -> None:
    values = ["x" * size, 12345678, {"ż": "ś" * 40_000}, 1.5, True]
    text = json.dumps(values, ensure_ascii=False)

    assert _elements(text, 300_000) == values


@pytest.mark.parametrize("shift", range(12))
def test_a_number_at_an_edge_is_not_cut(shift: int) -> None:
    space = " " * (65_536 - 8 + shift)

    assert _elements(f"[{space}1234567, -12.5e3]") == [1234567, -12500.0]


def test_a_mark_of_the_byte_order_is_stepped_over() -> None:
    assert _elements(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it ends too early"),
        ("[", "it ends too early, or is no JSON"),
        ("[1", "it ends too early"),
        ("[1,", "it ends too early, or is no JSON"),
        ("[1 2]", "it is no JSON"),
        ("[,1]", "it ends too early, or is no JSON"),
        ("<html>", "it is no JSON"),
        ("[1] 2", "something follows behind its end"),
        ("[NaN]", "it ends too early, or is no JSON"),
        ("[-Infinity]", "it ends too early, or is no JSON"),
        ('["\n"]', "it ends too early, or is no JSON"),
        (b'["\xff"]', "it is not in UTF-8"),
        (b'["\xc5', "it is not in UTF-8"),
        (f"[{'1' * 9000}]", "it ends too early, or is no JSON"),
    ],
)
def test_what_is_no_json_is_told(text: str | bytes, problem: str) -> None:
    assert _problem(text) == problem


def test_what_is_nested_too_deeply_is_told() -> None:
    assert _problem("[" + "[" * 200_000, MEGABYTE) == "it is nested too deeply"


@pytest.mark.parametrize("size", [99, 100_000, 10 * MEGABYTE])
def test_a_value_above_the_bound_is_refused(size: int) -> None:
    problem = _problem(f'["{"x" * size}"]', 100)

    assert "longer than ExportBounds.element_characters (100)" in problem


def test_a_value_above_the_bound_is_not_read_to_its_end() -> None:
    file = io.BytesIO(b'["' + b"x" * 10 * MEGABYTE)

    with pytest.raises(MalformedReplyError):
        list(JsonStream(file, 100, WHAT).elements())

    assert file.tell() < MEGABYTE


def test_a_value_at_the_bound_is_read() -> None:
    assert _elements(f'["{"x" * 98}"]', 100) == ["x" * 98]


def test_an_error_shows_nothing_of_the_file() -> None:
    assert SECRET not in _problem(f'["{SECRET}", {SECRET}]')


def test_a_long_array_takes_little_memory() -> None:
    row = json.dumps({"id": "x" * 36, "name": "y" * 100}) + ","
    file = io.BytesIO(f'{{"contacts": [{row * 100_000}{{"id": "1"}}]}}'.encode())

    tracemalloc.start()
    count = sum(len(part) for part in contacts_in(file, ExportBounds(), WHAT))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 100_001
    assert peak < 2 * MEGABYTE


def test_spaces_without_end_take_little_memory() -> None:
    file = io.BytesIO(b" " * 20 * MEGABYTE)

    tracemalloc.start()
    with pytest.raises(MalformedReplyError):
        list(contacts_in(file, BOUNDS, WHAT))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < MEGABYTE


def test_a_foreign_array_of_any_length_is_stepped_over() -> None:
    text = f'{{"other": [{"1," * 200_000}1], "contacts": [{{"id": "7"}}]}}'

    parts = list(contacts_in(io.BytesIO(text.encode()), BOUNDS, WHAT))

    assert [contact.id for part in parts for contact in part] == ["7"]


def test_large_contacts_come_in_small_parts() -> None:
    large = json.dumps([{str(n): {"notes": ["x" * 100_000]}} for n in range(6)])
    small = json.dumps([{str(n): {}} for n in range(1200)])

    sizes = [
        [len(part) for part in data_in(io.BytesIO(text.encode()), ExportBounds(), WHAT)]
        for text in (large, small)
    ]

    assert sizes == [[3, 3], [500, 500, 200]]


# --- anything at all ---

PAGE = json.dumps(
    {
        "success": True,
        "contacts": [
            {"id": "0b7c", "email": "a@example.com", "exists": True, "name": SECRET},
            {"id": None, "email": "b@example.com", "phone": None, "more": [1, {}]},
        ],
        "total": 2,
    }
).encode()
DATA = json.dumps(
    [
        {
            "0b7c": {
                "contactData": {"email": "a@example.com", "name": SECRET},
                "tagData": [{"tagName": "VIP", "createdOn": 1}],
                "contactPropertiesData": [{"name": "size", "value": "L"}],
                "consentsData": [{"consentName": "news", "consentAccept": True}],
                "dictionaryPropertiesData": [{"name": "n", "type": "NUMBER"}],
                "notesData": None,
            }
        },
        {"1c8d": None},
    ]
).encode()


def _read(body: bytes, bounds: ExportBounds = BOUNDS) -> None:
    """Read a file in both ways, all of it; let only errors of ours out quietly."""
    for read in (contacts_in, data_in):
        try:
            for part in read(io.BytesIO(body), bounds, WHAT):
                for entry in part:
                    _look(entry)
        except MalformedReplyError as error:
            assert SECRET not in str(error)  # noqa: PT017 - most files are broken


def _look(entry: Any) -> None:
    names = ("contact", "tags", "properties", "dictionary_properties", "consents")
    for name in (*names, "extra"):
        try:
            getattr(entry, name, None)
        except MalformedReplyError:
            continue
    for kind in ExportPart if hasattr(entry, "rows") else ():
        try:
            entry.rows(kind)
        except MalformedReplyError:
            continue


@given(body=st.binary(max_size=2000))
def test_any_bytes_are_read_or_told(body: bytes) -> None:
    _read(body)


@given(value=JSON)
def test_any_json_is_read_or_told(value: Any) -> None:
    _read(json.dumps(value).encode())


@settings(max_examples=300)
@given(data=st.data(), whole=st.sampled_from([PAGE, DATA]))
def test_a_file_with_broken_bytes_is_read_or_told(
    data: st.DataObject, whole: bytes
) -> None:
    body = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body)))
        length = data.draw(st.integers(0, 20))
        body[place : place + length] = data.draw(st.binary(max_size=20))

    _read(bytes(body))


@given(whole=st.sampled_from([PAGE, DATA]), at=st.integers(0, 600))
def test_a_file_that_ends_early_is_told(whole: bytes, at: int) -> None:
    read = contacts_in if whole is PAGE else data_in
    cut = whole[: min(at, len(whole) - 1)]

    with pytest.raises(MalformedReplyError):
        list(read(io.BytesIO(cut), BOUNDS, WHAT))


@settings(max_examples=300)
@given(data=st.data())
def test_a_file_of_another_structure_is_read_or_told(data: st.DataObject) -> None:
    content = json.loads(data.draw(st.sampled_from([PAGE, DATA])))
    for _ in range(data.draw(st.integers(1, 3))):
        content = _changed(data, content)

    _read(json.dumps(content).encode())


def _changed(data: st.DataObject, value: Any) -> Any:
    """Replace a value somewhere in a structure by any other."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: _changed(data, value[key])}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(value) - 1))
        return [*value[:place], _changed(data, value[place]), *value[place + 1 :]]
    return data.draw(JSON)
