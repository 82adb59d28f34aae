"""What a downloaded ZIP may be, and what is refused before it is read."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._archive import sole_csv
from crmbridge.zoho.bulk_jobs import ArchiveBounds
from tests.unit.zoho.zips import zipped

WHAT = "bulk read 1 result"
MEGABYTE = 1024 * 1024


def _content(file: io.BytesIO, bounds: ArchiveBounds | None = None) -> bytes:
    with sole_csv(file, bounds or ArchiveBounds(), WHAT) as content:
        return content.read()


def _problem(file: io.BytesIO, bounds: ArchiveBounds | None = None) -> str:
    with pytest.raises(MalformedReplyError) as caught:
        _content(file, bounds)
    message = str(caught.value)
    assert message.startswith(f"{WHAT}: ")
    return message


def _flagged(file: io.BytesIO, bits: int) -> io.BytesIO:
    """Set bits of the flags in the list of contents."""
    data = bytearray(file.getvalue())
    place = data.index(b"PK\x01\x02") + 8
    (flags,) = struct.unpack_from("<H", data, place)
    struct.pack_into("<H", data, place, flags | bits)
    return io.BytesIO(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_one_plain_file_is_opened(method: int) -> None:
    assert _content(zipped("id\n7\n", compress_type=method)) == b"id\n7\n"


def test_an_empty_file_is_opened() -> None:
    assert _content(zipped("")) == b""


@pytest.mark.parametrize(
    "name",
    [
        "../x.csv",
        "/x.csv",
        "C:\\x.csv",
        "..\\x.csv",
        "folder/x.csv",
        ".csv",
        "x.csv\n",
        "x.zip",
        "x",
        "x.csv:stream",
        "x\u202evsc.csv",
    ],
)
def test_a_name_that_is_not_plain_is_refused(name: str) -> None:
    problem = _problem(zipped("id\n", name))

    assert "is not that of a CSV file" in problem
    assert name not in problem


def test_a_name_behind_a_nul_is_seen() -> None:
    file = zipped("id\n", "a.csv0b.exe")
    forged = io.BytesIO(file.getvalue().replace(b"a.csv0b.exe", b"a.csv\x00b.exe"))

    assert "is not that of a CSV file" in _problem(forged)


def test_several_files_are_refused() -> None:
    file = zipped("id\n")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("2.csv", "id\n")

    assert "holds 2 files instead of one" in _problem(file)


def test_no_file_at_all_is_refused() -> None:
    file = io.BytesIO()
    zipfile.ZipFile(file, "w").close()

    assert "holds 0 files instead of one" in _problem(file)


def test_a_link_is_refused() -> None:
    file = zipped("/etc/passwd", external_attr=0o120777 << 16, create_system=3)

    assert "a folder or a link" in _problem(file)


@pytest.mark.parametrize("bits", [0x1, 0x20, 0x40, 0x2000])
def test_an_encrypted_or_patched_file_is_refused(bits: int) -> None:
    assert "is encrypted" in _problem(_flagged(zipped("id\n"), bits))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_packing_is_refused(method: int) -> None:
    assert "packed in an unusual way" in _problem(zipped("id\n", compress_type=method))


def test_a_bomb_is_refused_by_its_ratio_and_not_unpacked() -> None:
    bomb = zipped(bytes(64 * MEGABYTE))

    tracemalloc.start()
    problem = _problem(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "more than 300 times its size" in problem
    assert peak < MEGABYTE


def test_a_file_above_the_bound_is_refused() -> None:
    problem = _problem(zipped("id\n" * 1000), ArchiveBounds(unpacked_bytes=2999))

    assert "unpacks to 3000 bytes" in problem
    assert "ArchiveBounds.unpacked_bytes (2999)" in problem


def test_a_small_file_may_have_any_ratio() -> None:
    file = zipped(bytes(MEGABYTE))

    assert len(_content(file, ArchiveBounds(ratio=2))) == MEGABYTE


def test_a_file_that_unpacks_to_more_than_it_says_is_refused() -> None:
    # The size in both places says 10 bytes; the packed data hold a megabyte.
    data = zipped(bytes(MEGABYTE)).getvalue()
    forged = data.replace(struct.pack("<L", MEGABYTE), struct.pack("<L", 10))

    assert "damaged (BadZipFile)" in _problem(io.BytesIO(forged))


def test_a_wrong_checksum_is_found_before_anything_is_given() -> None:
    file = zipped("id\n7\n", compress_type=zipfile.ZIP_STORED)
    changed = io.BytesIO(file.getvalue().replace(b"id\n7\n", b"id\n8\n"))

    with pytest.raises(MalformedReplyError), sole_csv(changed, ArchiveBounds(), WHAT):
        pytest.fail("it was opened")


def test_packed_data_that_cannot_be_unpacked_are_found() -> None:
    good = zlib.compress(b"id\n7\n", wbits=-15)
    file = zipped("id\n7\n")
    assert good in file.getvalue()

    broken = file.getvalue().replace(good, b"\xff" * len(good))

    assert "damaged (error)" in _problem(io.BytesIO(broken))


@pytest.mark.parametrize("kept", [0, 1, 10, 30, 50, 80, 100])
def test_a_file_that_was_cut_is_refused(kept: int) -> None:
    whole = zipped("id,Last_Name\n7,Nowak\n").getvalue()
    assert len(whole) > 110

    problem = _problem(io.BytesIO(whole[:kept]))

    assert "no ZIP file, or its end is missing" in problem


def test_html_instead_of_a_zip_is_refused() -> None:
    page = io.BytesIO(b"<html><body>Sorry, Ms. Nowak</body></html>")

    problem = _problem(page)

    assert "no ZIP file" in problem
    assert "Nowak" not in problem


def test_a_list_of_contents_that_would_fill_the_memory_is_not_read() -> None:
    end = zipped("id\n").getvalue()
    place = end.index(b"PK\x05\x06")
    forged = bytearray(end + bytes(1000))
    struct.pack_into("<L", forged, place + 12, 0xFFFFFF)

    assert "list of contents is too long" in _problem(io.BytesIO(bytes(forged[:-1000])))


@pytest.mark.parametrize("comment", [b"", b"x" * 0xFFFF])
def test_a_second_list_of_contents_in_the_64_bit_form_is_seen(comment: bytes) -> None:
    # The 32-bit form says one file; zipfile believes the 64-bit form.
    plain = zipped("id\n").getvalue()[:-2] + struct.pack("<H", len(comment)) + comment
    place = plain.index(b"PK\x05\x06")
    wide = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**7, 10**7, 46 * 10**7, 0
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    forged = plain[:place] + wide + locator + plain[place:]

    assert "holds 10000000 files" in _problem(io.BytesIO(forged))
