"""Outlook's .msg files (MS-OXMSG in MS-CFB), built here from nothing."""

import email
import hashlib
import random
import struct
from email.message import Message
from pathlib import Path

from evidence_piles import read_all, read_bytes, tar

_SECTOR, _MINI = 512, 64
_END, _FREE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
_TEXT, _BINARY, _NUMBER = 0x001F, 0x0102, 0x0003

Tree = dict[str, "bytes | Tree"]


def properties(values: dict[int, str | bytes | int], header: bytes) -> Tree:
    """A storage with these properties: fixed ones in one stream, the others in their own."""
    tree: Tree = {}
    entries = header
    for number, value in values.items():
        if isinstance(value, int):
            entries += struct.pack("<HHIII", _NUMBER, number, 6, value, 0)
            continue
        kind = _TEXT if isinstance(value, str) else _BINARY
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        entries += struct.pack("<HHIII", kind, number, 6, len(data) + 2 * (kind == _TEXT), 0)
        tree[f"__substg1.0_{number:04X}{kind:04X}"] = data
    tree["__properties_version1.0"] = entries
    return tree


def compound(tree: Tree) -> bytes:
    """A compound file of small streams, all of them in the mini stream."""
    entries: list[list[object]] = [["Root Entry", 5, _NONE, _NONE, 0, 0]]
    mini = b""
    chains: list[int] = []

    def add(branch: Tree) -> int:
        nonlocal mini
        first = previous = _NONE
        for name, value in branch.items():
            number = len(entries)
            if isinstance(value, bytes):
                blocks = -(-len(value) // _MINI)
                start = len(chains) if blocks else _END
                chains.extend([len(chains) + 1 + n for n in range(blocks)])
                if blocks:
                    chains[-1] = _END
                mini += value.ljust(blocks * _MINI, b"\0")
                entries.append([name, 2, _NONE, _NONE, start, len(value)])
            else:
                entries.append([name, 1, _NONE, _NONE, 0, 0])
                entries[number][3] = add(value)
            if previous == _NONE:
                first = number
            else:
                entries[previous][2] = number
            previous = number
        return first

    entries[0][3] = add(tree)
    mini_fat = struct.pack(f"<{len(chains)}I", *chains)
    mini_fat += b"\xff" * (-len(mini_fat) % _SECTOR)
    directory_sectors = -(-len(entries) * 128 // _SECTOR)
    mini_sectors = -(-len(mini) // _SECTOR)
    sizes = [1, len(mini_fat) // _SECTOR, directory_sectors, mini_sectors]
    starts = [sum(sizes[:n]) for n in range(4)]
    entries[0][4:] = [starts[3], len(mini)]
    fat = [0xFFFFFFFD]
    for start, size in zip(starts[1:], sizes[1:], strict=True):
        fat += [*range(start + 1, start + size), _END]
    assert len(fat) <= 128
    fat += [_FREE] * (128 - len(fat))
    directory = b""
    for name, kind, right, child, start, size in entries:
        text = str(name).encode("utf-16-le") + b"\0\0"
        directory += text.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIII",
            len(text),
            kind,
            1,
            _NONE,
            right,
            child,
            b"",
            0,
            0,
            0,
            start,
            size,
            0,
        )
    directory = directory.ljust(directory_sectors * _SECTOR, b"\0")
    head = struct.pack(
        "<8s16sHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, starts[2], 0, 4096, starts[1], sizes[1], _END, 0, 0,
    )  # fmt: skip
    head += b"\xff" * (_SECTOR - len(head))
    return (
        head
        + struct.pack("<128I", *fat)
        + mini_fat
        + directory
        + mini.ljust(mini_sectors * _SECTOR, b"\0")
    )


HEADER = (
    "Microsoft Mail Internet Headers Version 2.0\r\n"
    "Received: from bot.example.org ([192.0.2.9]) by mx.example.net; "
    "Mon, 1 Jan 2007 10:00:00 +0000\r\n"
    'From: "Ann" <ann@example.org>\r\n'
    "Subject: original\r\n"
    " and folded\r\n"
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed;\r\n\tboundary="gone"\r\n'
    "Message-ID: <1@example.org>\r\n\r\n"
)


def outlook(header: str = HEADER) -> bytes:
    values: dict[int, str | bytes | int] = {
        0x001A: "IPM.Note",
        0x0037: "original and folded, café",
        0x0C1A: "Ann É",
        0x5D01: "ann@example.org",
        0x1000: "Plain words, café.\r\n",
        0x1013: b"<p>Words in <b>HTML</b></p>",
        0x3FDE: 65001,
    }
    if header:
        values[0x007D] = header
    tree = properties(values, b"\0" * 8 + struct.pack("<4I", 0, 1, 0, 1) + b"\0" * 8)
    attached: dict[int, str | bytes | int] = {
        0x3701: b"\x89PNG picture",
        0x3707: "picture.png",
        0x370E: "image/png",
        0x3705: 1,
    }
    tree["__attach_version1.0_#00000000"] = properties(attached, b"\0" * 8)
    tree["__nameid_version1.0"] = {}
    return compound(tree)


def parts_of(raw: bytes) -> list[Message]:
    return [part for part in email.message_from_bytes(raw).walk() if not part.is_multipart()]


def test_the_view_is_rebuilt_and_the_file_is_the_evidence(tmp_path: Path) -> None:
    data = outlook()
    reading = read_bytes(tmp_path, data, "letter.msg")
    (row,) = reading.raw
    assert row["defects"] == ["rebuilt_from_msg"]
    assert row["message_id"] == hashlib.sha256(data).hexdigest()
    assert (row["offset_bytes"], row["length_bytes"]) == (0, len(data))
    assert len(reading.of_kind("msg")) == 1
    reading.check_origins()
    raw = row["raw"]
    assert raw.startswith(b"Received: from bot.example.org ([192.0.2.9])")
    assert b"Subject: original\n and folded\n" in raw
    assert b"gone" not in raw
    message = email.message_from_bytes(raw)
    assert message["message-id"] == "<1@example.org>"
    plain, html, picture = parts_of(raw)
    assert plain.get_payload(decode=True) == "Plain words, café.\r\n".encode()
    assert html.get_payload(decode=True) == b"<p>Words in <b>HTML</b></p>"
    assert picture.get_payload(decode=True) == b"\x89PNG picture"
    assert (picture.get_content_type(), picture.get_filename()) == ("image/png", "picture.png")


def test_without_a_transport_header_the_properties_speak(tmp_path: Path) -> None:
    (row,) = read_bytes(tmp_path, outlook(header=""), "letter.msg").raw
    message = email.message_from_bytes(row["raw"])
    assert "ann@example.org" in message["from"]
    assert len(parts_of(row["raw"])) == 3


def test_in_an_archive_and_by_content_alone(tmp_path: Path) -> None:
    data = outlook()
    reading = read_bytes(tmp_path, tar({"a/nameless": data, "b.msg": data}, "w:gz"))
    assert len(reading.raw) == 1
    assert len(reading.origins) == 2
    assert {row["kind"] for row in reading.evidence.values()} == {"gz", "tar", "msg"}
    reading.check_origins()


def test_a_damaged_one_still_is_a_row(tmp_path: Path) -> None:
    data = outlook()
    rng = random.Random(3)
    for number in range(60):
        at = rng.randrange(8, len(data))
        noise = rng.randbytes(rng.randrange(1, 400))
        damaged = data[:at] if number % 2 else data[:at] + noise + data[at + len(noise) :]
        (tmp_path / f"{number:02}.msg").write_bytes(damaged)
    reading = read_all(tmp_path)
    assert len(reading.origins) == 60
    words = {tuple(row["defects"]) for row in reading.raw}
    assert ("unreadable_msg",) in words
    reading.check_origins()


def test_garbage_with_the_right_beginning(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\7" * 5000, "x.msg")
    assert [row["defects"] for row in reading.raw] == [["unreadable_msg"]]
    assert reading.bytes_of == [b""]
