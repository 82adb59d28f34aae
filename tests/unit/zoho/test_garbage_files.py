"""Files of garbage end in typed errors, in little time and memory."""

from __future__ import annotations

import contextlib
import io
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._job_results import problems_of, results_in
from crmbridge.zoho._rows import records_in
from crmbridge.zoho.bulk_jobs import ArchiveBounds
from tests.unit.zoho.zips import expected, zipped

BOUNDS = ArchiveBounds(unpacked_bytes=1024 * 1024, row_characters=64 * 1024)
LEADS = (
    "id,Last_Name,Email_Opt_Out,Owner,Age\n"
    '7,"Nowak, ""A""\n2",true,11,3\n'
    "8,Żółć,false,,\n"
).encode()
FILES = [
    zipped(LEADS).getvalue(),
    zipped(LEADS, compress_type=zipfile.ZIP_STORED).getvalue(),
    zipped(LEADS * 200).getvalue(),
]

SIGNS = [b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"\xff" * 4]

fuzzed = settings(max_examples=400, deadline=timedelta(seconds=2))


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Give a ZIP with some bytes changed, left out, put in, or said twice."""
    data = bytearray(draw(st.sampled_from(FILES)))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data)))
        end = place + draw(st.integers(0, 12))
        piece = draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from(
                    [b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"\xff" * 4]
                ),
                st.just(bytes(data[place:end]) * 2),
            )
        )
        data[place:end] = piece
    return bytes(data)


def _read(data: bytes) -> int:
    """Give how many characters came out of a file."""
    try:
        records = records_in(io.BytesIO(data), expected(), BOUNDS)
        return sum(len(str(record.fields)) for record in records)
    except MalformedReplyError:
        return 0


@fuzzed
@given(broken())
@example(b"")
@example(b"PK\x05\x06" + bytes(18))
def test_a_broken_zip_gives_records_or_a_typed_error(data: bytes) -> None:
    assert _read(data) <= 64 * 1024


@fuzzed
@given(st.binary(max_size=2000))
def test_any_bytes_give_records_or_a_typed_error(data: bytes) -> None:
    _read(data)


@fuzzed
@given(
    st.one_of(
        st.binary(max_size=500),
        st.text('id,"\r\n\x00Age7x', max_size=200).map(str.encode),
    )
)
@example(b'id,Age\n7,"1\n')
@example(b"\xef\xbb\xbfid\n7\n")
@example(b"id,Age\r7,1\r\r8,2")
def test_any_csv_gives_records_or_a_typed_error(content: bytes) -> None:
    _read(zipped(content).getvalue())


@fuzzed
@given(st.text('ADDSKIP,"\n:-x', max_size=200))
def test_any_results_give_results_or_a_typed_error(content: str) -> None:
    file = zipped(f"Last_Name,STATUS,RECORD_ID,ERRORS\n{content}")

    with contextlib.suppress(MalformedReplyError):
        list(results_in(file, BOUNDS, "bulk write 1 result"))


@fuzzed
@given(st.text())
def test_any_errors_of_a_record_are_read(text: str) -> None:
    for problem in problems_of(text):
        assert len(problem.code) <= 100


@pytest.mark.parametrize("name", ["sizes", "members"])
def test_forged_sizes_take_no_memory(name: str) -> None:
    # Each place of the two size fields and of the list of contents, set to the most.
    data = bytearray(FILES[2])
    places = [data.index(b"PK\x01\x02") + at for at in (20, 24, 28, 30, 32, 42)]
    if name == "members":
        places = [data.index(b"PK\x05\x06") + at for at in (8, 10, 12, 16, 20)]
    tracemalloc.start()

    for place in places:
        forged = bytearray(data)
        forged[place : place + 4] = b"\xff\xff\xff\x7f"
        _read(bytes(forged))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024
