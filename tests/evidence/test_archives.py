"""Archives within archives: every byte found again, every bomb and escape refused."""

import bz2
import gzip
import hashlib
import io
import lzma
import random
import struct
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from evidence_piles import mail, mbox, read_all, read_bytes, tar, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lymer.evidence import Limits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAILS = [mail(number, body=b"line %d\n" % number * 40) for number in range(6)]
COMPRESS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}


@pytest.mark.parametrize("kind", COMPRESS)
def test_a_compressed_mbox(tmp_path: Path, kind: str) -> None:
    data = mbox(MAILS)
    packed = COMPRESS[kind](data)
    reading = read_bytes(tmp_path, packed, f"pile.mbox.{kind}")
    assert reading.bytes_of == MAILS
    reading.check_origins()
    (outer,) = reading.of_kind(kind)
    (inner,) = reading.of_kind("mbox")
    assert inner["parent_id"] == outer["evidence_id"]
    assert inner["uri"] == f"{tmp_path}/pile.mbox.{kind}!pile.mbox"
    assert inner["sha256"] == hashlib.sha256(data).hexdigest()
    assert outer["sha256"] == hashlib.sha256(packed).hexdigest()
    assert (outer["message_count"], inner["message_count"]) == (0, 6)
    assert not reading.defects()
    assert reading.read_bytes == len(packed)


@pytest.mark.parametrize("kind", COMPRESS)
def test_joined_streams_are_one(tmp_path: Path, kind: str) -> None:
    data = mbox(MAILS)
    packed = COMPRESS[kind](data[:777]) + COMPRESS[kind](data[777:])
    assert read_bytes(tmp_path, packed).bytes_of == MAILS
    reading = read_bytes(tmp_path, packed + b"\0" * 1024)
    assert reading.bytes_of == MAILS
    assert not reading.defects()
    reading = read_bytes(tmp_path, packed + b"this is no stream of any kind at all")
    assert reading.bytes_of == MAILS
    assert reading.defects() == {"pile": ["trailing_garbage"]} or kind == "zst"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_a_tar_of_a_maildir(tmp_path: Path, form: int, mode: str) -> None:
    long_name = "deep/" * 18 + "n" * 90 + ".eml"
    files = {"Maildir/cur/1.host:2,S": MAILS[0], "Maildir/new/2": MAILS[1], long_name: MAILS[2]}
    reading = read_bytes(tmp_path, tar(files, mode, form), "maildir.tar")
    assert reading.bytes_of == MAILS[:3]
    assert not reading.defects()
    names = {row["uri"].rpartition("!")[2] for row in reading.of_kind("eml")}
    assert names == set(files)
    reading.check_origins()


def test_a_name_beyond_ascii_and_beyond_utf8(tmp_path: Path) -> None:
    data = tar({"Zoë/日.eml": MAILS[0], "x\udcff.eml": MAILS[1]})
    reading = read_bytes(tmp_path, data)
    names = [row["uri"].rpartition("!")[2] for row in reading.of_kind("eml")]
    assert names[0] == "Zoë/日.eml"
    assert names[1].startswith("x")
    assert names[1].isprintable()
    reading.check_origins()


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_zip(tmp_path: Path, method: int) -> None:
    reading = read_bytes(tmp_path, zipped({"a/b.mbox": mbox(MAILS)}, method))
    if method == zipfile.ZIP_LZMA:
        assert reading.defects() == {"b.mbox": ["unsupported_compression"]}
        return
    assert reading.bytes_of == MAILS
    assert not reading.defects()
    reading.check_origins()


def test_nesting_to_the_limit(tmp_path: Path) -> None:
    data = mbox(MAILS[:2])
    for level in range(5):
        data = [gzip.compress, lambda d: tar({"x": d}), lambda d: zipped({"y.zip": d})][level % 3](
            data
        )
    reading = read_bytes(tmp_path, data)
    assert reading.bytes_of == MAILS[:2]
    reading.check_origins()
    reading = read_bytes(tmp_path, gzip.compress(data))
    assert reading.raw == []
    assert [row["defects"] for row in reading.evidence.values() if row["defects"]] == [["too_deep"]]


def test_what_follows_a_bad_member_is_read(tmp_path: Path) -> None:
    bad = bytearray(gzip.compress(mbox(MAILS)))
    bad[len(bad) // 2] ^= 0xFF
    reading = read_bytes(
        tmp_path, tar({"bad.gz": bytes(bad), "no.txt": b"words", "good.eml": mail(99)})
    )
    assert reading.bytes_of[-1] == mail(99)
    assert "damaged" in reading.defects()["bad.gz"]
    assert reading.defects()["no.txt"] == ["not_mail"]


def test_a_gzip_with_a_wrong_checksum_keeps_its_mail(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(mbox(MAILS)))
    packed[-6] ^= 1
    reading = read_bytes(tmp_path, bytes(packed), "x.gz")
    assert reading.bytes_of == MAILS
    assert reading.defects()["x.gz"] == ["damaged"]


def test_a_zip_member_with_a_wrong_checksum(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.eml": MAILS[0]}, zipfile.ZIP_STORED))
    at = data.find(b"number 0")
    data[at] ^= 1
    reading = read_bytes(tmp_path, bytes(data))
    assert len(reading.raw) == 1
    assert reading.defects() == {"a.eml": ["bad_checksum"]}


def test_a_gzip_bomb(tmp_path: Path) -> None:
    limits = Limits(free_expansion_bytes=1 << 20)
    bomb = gzip.compress(mbox([mail(1)]) + b"\0" * 40_000_000)
    reading = read_bytes(
        tmp_path, tar({"a.eml": mail(0), "bomb.gz": bomb, "z.eml": mail(2)}), limits=limits
    )
    assert reading.bytes_of[0] == mail(0)
    assert reading.bytes_of[-1] == mail(2)
    assert reading.defects()["bomb.gz"] == ["bomb_refused"]
    assert reading.defects()["bomb"] == ["bomb_refused"]
    # The part read so far is kept.
    assert reading.bytes_of[1].startswith(mail(1))
    assert "truncated" in reading.raw[1]["defects"]
    assert len(reading.bytes_of[1]) < 300 * len(bomb)


def test_text_mail_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    data = mbox([mail(number, body=b"the same words\n" * 400) for number in range(2000)])
    reading = read_bytes(
        tmp_path, lzma.compress(data), limits=Limits(free_expansion_bytes=16 << 20)
    )
    assert len(reading.raw) == 2000
    assert not reading.defects()


def test_overlapping_zip_members(tmp_path: Path) -> None:
    """Many names for one piece of data: the table of contents of a small file promises much."""
    kernel = zipped({"a": b"\0" * 2_000_000})
    at = kernel.index(b"PK\x01\x02")
    local, rest = kernel[:at], kernel[at:]
    end = rest.index(b"PK\x05\x06")
    entry = rest[:end]
    count = 300
    directory = entry * count
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(local), 0)
    reading = read_bytes(
        tmp_path, local + directory + tail, limits=Limits(free_expansion_bytes=1 << 20)
    )
    (row,) = reading.of_kind("zip")
    assert row["defects"] == ["bomb_refused"]
    total = sum(row["size_bytes"] or 0 for row in reading.of_kind("other"))
    assert total < 20_000_000


def test_a_tree_of_bombs_is_refused_as_a_whole(tmp_path: Path) -> None:
    limits = Limits(free_expansion_bytes=1 << 20, nested_expansion_bytes=8 << 20, depth=6)
    data = b"\0" * 30_000_000
    for _ in range(4):
        data = zipped({f"{n}.zip": data for n in range(8)})
    started = time.monotonic()
    reading = read_bytes(tmp_path, data, limits=limits)
    assert time.monotonic() - started < 20
    root = [row for row in reading.of_kind("zip") if row["parent_id"] is None]
    assert root[0]["defects"] == ["bomb_refused"]


def test_a_gzip_of_itself_ends_at_the_depth_limit(tmp_path: Path) -> None:
    data = b"x"
    for _ in range(400):
        data = gzip.compress(data)
    reading = read_bytes(tmp_path, data)
    assert len(reading.evidence) == 6
    assert any(row["defects"] == ["too_deep"] for row in reading.evidence.values())


def test_too_many_members(tmp_path: Path) -> None:
    data = tar({f"{n}.eml": mail(n) for n in range(10)})
    reading = read_bytes(tmp_path, data, "x.tar", limits=Limits(members=4))
    assert reading.bytes_of == [mail(n) for n in range(4)]
    assert reading.defects() == {"x.tar": ["too_many_members"]}


def test_a_nested_zip_beyond_the_spool(tmp_path: Path) -> None:
    data = tar({"in.zip": zipped({"a.eml": mail(1, body=random.Random(1).randbytes(9000))})})
    reading = read_bytes(tmp_path, data, limits=Limits(spool_bytes=4000))
    assert reading.raw == []
    assert reading.defects() == {"in.zip": ["too_large_to_spool"]}


@pytest.mark.parametrize("name", ["../a.eml", "/etc/a.eml", "x/../../a.eml", "..\\a.eml", "C:\\a"])
def test_a_path_that_escapes(tmp_path: Path, name: str) -> None:
    for data in (tar({name: mail(1), "b.eml": mail(2)}), zipped({name: mail(1), "b.eml": mail(2)})):
        reading = read_bytes(tmp_path, data)
        assert reading.bytes_of == [mail(2)]
        assert [row["defects"] for row in reading.of_kind("other")] == [["path_escape"]]


def test_odd_tar_members(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in [
            ("soft", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("pipe", tarfile.FIFOTYPE),
            ("disk", tarfile.BLKTYPE),
            ("folder", tarfile.DIRTYPE),
        ]:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.linkname = "/etc/passwd"
            archive.addfile(member)
        sparse = tarfile.TarInfo("sparse")
        sparse.type = tarfile.GNUTYPE_SPARSE
        sparse.size = 700
        archive.addfile(sparse, io.BytesIO(b"s" * 700))
        last = tarfile.TarInfo("last.eml")
        last.size = len(mail(1))
        archive.addfile(last, io.BytesIO(mail(1)))
    reading = read_bytes(tmp_path, out.getvalue())
    assert reading.bytes_of == [mail(1)]
    assert reading.defects() == {
        "soft": ["link_refused"],
        "hard": ["link_refused"],
        "pipe": ["not_a_file"],
        "disk": ["not_a_file"],
        "sparse": ["sparse_refused"],
    }


def test_zip_links_and_locked_members(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("locked.eml", mail(1))
        archive.writestr("open.eml", mail(2))
    data = bytearray(out.getvalue())
    # The flag that says "encrypted", in the table of contents.
    entry = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[entry + 8] |= 1
    reading = read_bytes(tmp_path, bytes(data))
    assert reading.bytes_of == [mail(2)]
    assert reading.defects() == {"link": ["link_refused"], "locked.eml": ["encrypted"]}


@pytest.mark.parametrize("kind", [*COMPRESS, "tar", "zip"])
def test_a_cut_archive_keeps_what_it_has(tmp_path: Path, kind: str) -> None:
    rng = random.Random(5)
    messages = [mail(n, body=rng.randbytes(3000).hex().encode() + b"\n") for n in range(40)]
    if kind == "tar":
        data = tar({f"{n}.eml": message for n, message in enumerate(messages)})
    elif kind == "zip":
        data = zipped({f"{n}.eml": message for n, message in enumerate(messages)})
    else:
        data = COMPRESS[kind](mbox(messages))
    reading = read_bytes(tmp_path, data[: len(data) * 2 // 3], "cut")
    intact = [raw for raw in reading.bytes_of if raw in messages]
    # bz2 and xz give back whole blocks only.
    assert intact == messages[: len(intact)]
    assert len(intact) >= (0 if kind in ("bz2", "xz", "zst") else 24)
    assert len(reading.raw) <= len(intact) + 1
    assert "truncated" in reading.defects()["cut"]
    reading.check_origins()


WHOLE = {
    "mbox": mbox(MAILS),
    "eml": MAILS[0],
    "tar": tar({f"{n}.eml": message for n, message in enumerate(MAILS)}),
    "tar.gz": tar({"a.mbox": mbox(MAILS), "b.zip": zipped({"c.eml": mail(7)})}, "w:gz"),
    "zip": zipped({"a.mbox": mbox(MAILS), "b.tar": tar({"c.eml": mail(7)})}),
    "bz2": bz2.compress(mbox(MAILS)),
    "xz": lzma.compress(mbox(MAILS)),
    "zst": zstd.compress(mbox(MAILS)),
}


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(WHOLE)),
    st.sampled_from(["cut", "double", "noise", "flip", "zero"]),
    st.floats(0, 1),
    st.integers(0, 2**32),
)
def test_damage_anywhere_is_no_exception(
    tmp_path: Path, kind: str, damage: str, place: float, seed: int
) -> None:
    data = WHOLE[kind]
    at = int(place * len(data))
    rng = random.Random(seed)
    noise = rng.randbytes(rng.randrange(600))
    damaged = {
        "cut": data[:at],
        "double": data[:at] + data[at // 2 :],
        "noise": data[:at] + noise + data[at + len(noise) :],
        "flip": data[:at] + bytes(255 - byte for byte in data[at : at + 3]) + data[at + 3 :],
        "zero": data[:at] + b"\0" * len(noise) + data[at:],
    }[damage]
    reading = read_bytes(tmp_path, damaged)
    reading.check_origins()
    assert {row["message_id"] for row in reading.raw} == {
        row["message_id"] for row in reading.origins
    }
    counted = sum(row["message_count"] for row in reading.evidence.values())
    assert counted == len(reading.origins)
    root = [row for row in reading.evidence.values() if row["parent_id"] is None]
    assert root[0]["sha256"] == hashlib.sha256(damaged).hexdigest()
    if kind == "tar" and damage == "cut":
        whole = [raw for raw in reading.bytes_of if raw in MAILS]
        assert whole == MAILS[: len(whole)]
        assert len(reading.raw) <= len(whole) + 1


def test_two_members_of_one_name_are_two_pieces_of_evidence(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number in range(2):
            member = tarfile.TarInfo("same.eml")
            member.size = len(mail(number))
            archive.addfile(member, io.BytesIO(mail(number)))
    reading = read_bytes(tmp_path, out.getvalue())
    assert reading.bytes_of == [mail(0), mail(1)]
    reading.check_origins()


def test_the_same_evidence_has_the_same_ids_anywhere(tmp_path: Path) -> None:
    data = tar({"a.mbox": mbox(MAILS), "b.zip": zipped({"c.eml": mail(7)})}, "w")
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pile.tar").write_bytes(data)
    here = read_all(tmp_path / "here" / "pile.tar")
    there = read_all(tmp_path / "there" / "pile.tar")
    assert here.origins == there.origins
    assert list(here.evidence) == list(there.evidence)
