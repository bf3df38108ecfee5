"""Every mbox variant, cut to the byte."""

import hashlib
import io
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from evidence_piles import ENVELOPE, mail, mbox, read_all, read_bytes
from hypothesis import given
from hypothesis import strategies as st

from lymer.evidence import Limits, SeenMessages, read, seal
from lymer.evidence.mbox import Piece, find_envelope, split
from lymer.evidence.streams import MemoryStream


class Trickle:
    """A stream that gives a few bytes at a time, so that every boundary is met."""

    fault = None

    def __init__(self, data: bytes, step: int) -> None:
        self._file = io.BytesIO(data)
        self._step = step

    def read(self, size: int) -> bytes:
        return self._file.read(min(size, self._step))


def pieces(data: bytes, keep: int = 1 << 20, step: int | None = None) -> list[Piece]:
    return list(split(Trickle(data, step) if step else MemoryStream(data), keep))


def whole(data: bytes, piece: Piece) -> bytes:
    return data[piece.offset_bytes : piece.offset_bytes + piece.length_bytes]


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_splits_at_envelope_lines_after_a_blank_line(eol: bytes) -> None:
    messages = [
        mail(1, eol=eol),
        mail(2, body=b"From here on it is text\n\nFrom there too, on Monday\n", eol=eol),
        mail(3, body=b">From quoted\n>>From quoted twice\n", eol=eol),
        mail(4, body=b"ends with blank lines\n\n\n", eol=eol),
        mail(5, body=b"no blank before\nFrom a@b.example Mon Jan  1 10:00:00 2007\n", eol=eol),
    ]
    data = mbox(messages, eol)
    found = pieces(data)
    assert [piece.data for piece in found] == messages
    assert [whole(data, piece) for piece in found] == messages
    assert {piece.envelope for piece in found} == {ENVELOPE.decode().strip()}


@pytest.mark.parametrize(
    "line",
    [
        b"From ann@example.org Mon Jan  1 10:00:00 2007",
        b"From ann@example.org  Thu Aug 22 12:46:39 2002",
        b"From - Mon Jan 01 10:00:00 2007",
        b"From ???@??? Mon Jan 01 10:00:00 2007",
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
        b"From  Fri Jul  8 12:08:34 2011",
        b'From "ann b"@example.org Fri Jul  8 12:08:34 2011',
        b"From ann at example.org  Fri Jul  8 12:08:34 2011",
        b"From ann@example.org Fri Jul  8 12:08:34 MET DST 2011",
        b"From ann@example.org Fri Jul  8 12:08 2011 +0200",
        b"From ann Fri, 8 Jul 2011 12:08:34 +0200 (CEST)",
        b"From ann 2011-07-08T12:08:34Z",
        b"From ann!bob Fri Jul  8 12:08:34 2011 remote from host",
        b"From \xe4\xff@example.org Fri Jul  8 12:08:34 2011",
    ],
)
def test_knows_envelope_lines(line: bytes) -> None:
    assert find_envelope(line + b"\nSubject: x\n\n") == 0
    data = line + b"\n" + mail(1) + b"\n" + line + b"\r\n" + mail(2)
    assert [piece.data for piece in pieces(data)] == [mail(1), mail(2)]


@pytest.mark.parametrize(
    "line",
    [
        b"From here on",
        b"From ann on Mon Jan  1 10:00:00 2007 we heard that",
        b"From Mon to Fri",
        b"From the desk of Ann, 10:00:00",
        b"From: ann@example.org",
        b"From ann@example.org",
        b"From x Mon Jan  1 10:00:00 2007 " + b"aaaaa" * 300,
    ],
)
def test_body_text_is_no_envelope_line(line: bytes) -> None:
    message = mail(1, body=b"text\n\n" + line + b"\nmore\n")
    assert [piece.data for piece in pieces(mbox([message]))] == [message]


def test_content_length_protects_unquoted_lines() -> None:
    body = b"text\n\n" + ENVELOPE + b"Subject: inner\n\ninner\n"
    inner = b"Content-Length: %d\n" % len(body)
    message = b"Subject: outer\n" + inner + b"\n" + body
    after = mail(2)
    assert [p.data for p in pieces(mbox([message, after]))] == [message, after]
    # The last one, too.
    assert [p.data for p in pieces(mbox([after, message]))] == [after, message]


@pytest.mark.parametrize("shift", [-7, 5, 100, 10**9, 10**11])
def test_wrong_content_length_swallows_nothing(shift: int) -> None:
    body = b"a text of some length\n"
    message = b"Subject: x\ncontent-length: %d\n\n" % max(len(body) + shift, 0) + body
    messages = [message, mail(2), mail(3)]
    assert [p.data for p in pieces(mbox(messages))] == messages


def test_empty_messages_are_messages() -> None:
    data = ENVELOPE + b"\n" + ENVELOPE + b"\n" + ENVELOPE
    assert [(p.length_bytes, p.offset_bytes) for p in pieces(data)] == [
        (0, len(ENVELOPE)),
        (0, 2 * len(ENVELOPE) + 1),
        (0, 3 * len(ENVELOPE) + 2),
    ]


@given(
    st.lists(st.integers(0, 3), max_size=6),
    st.integers(1, 400),
    st.integers(0, 2**32),
    st.booleans(),
)
def test_chunks_and_limits_change_nothing(
    shapes: list[int], step: int, seed: int, crlf: bool
) -> None:
    rng = random.Random(seed)
    eol = b"\r\n" if crlf else b"\n"
    bodies = [b"", b"short\n", b"x" * rng.randrange(9000) + b"\n", b"line\n\n" * rng.randrange(900)]
    messages = [mail(n, body=bodies[shape], eol=eol) for n, shape in enumerate(shapes)]
    data = mbox(messages, eol)
    keep = rng.randrange(1, 6000)
    found = pieces(data, keep=keep, step=step)
    assert [whole(data, piece) for piece in found] == messages
    for piece, message in zip(found, messages, strict=True):
        assert piece.data == message[:keep]
        assert ("message_cut" in piece.defects) == (len(message) > keep)
        if piece.digest:
            assert piece.digest == hashlib.sha256(message).hexdigest()
        else:
            assert len(message) <= keep


@given(st.binary(max_size=3000), st.integers(1, 5000))
def test_any_bytes_are_split_without_loss_of_order(noise: bytes, step: int) -> None:
    data = mbox([mail(1)]) + noise + b"\n\n" + mbox([mail(2)])
    found = pieces(data, keep=500, step=step)
    places = [(piece.offset_bytes, piece.length_bytes) for piece in found]
    assert found[0].offset_bytes == len(ENVELOPE)
    assert whole(data, found[-1]) == mail(2)
    ends = [0] + [offset + length for offset, length in places]
    assert all(offset >= end for (offset, _), end in zip(places, ends, strict=False))


def test_an_mbox_that_begins_in_the_middle(tmp_path: Path) -> None:
    data = b"the end of some message\n\n" + mbox([mail(1), mail(2)])
    reading = read_bytes(tmp_path, data)
    assert reading.bytes_of == [b"the end of some message\n", mail(1), mail(2)]
    assert [row["defects"] for row in reading.raw] == [["no_envelope_line"], [], []]
    reading.check_origins()


@pytest.mark.parametrize("prefix", [b"", b"\n\n", b"\xef\xbb\xbf", b"\r\n"])
def test_blanks_before_the_first_envelope_line(tmp_path: Path, prefix: bytes) -> None:
    reading = read_bytes(tmp_path, prefix + mbox([mail(1), mail(2)]))
    assert reading.bytes_of == [mail(1), mail(2)]
    reading.check_origins()


def test_a_message_over_the_limit_is_hashed_whole(tmp_path: Path) -> None:
    big = mail(1, body=b"0123456789abcde\n" * 400_000)
    messages = [mail(0), big, mail(2)]
    reading = read_bytes(tmp_path, mbox(messages), limits=Limits(message_bytes=1 << 20))
    assert [row["message_id"] for row in reading.raw] == [
        hashlib.sha256(message).hexdigest() for message in messages
    ]
    assert reading.raw[1]["raw"] == big[: 1 << 20]
    assert reading.raw[1]["length_bytes"] == len(big)
    assert reading.raw[1]["defects"] == ["message_cut"]
    reading.check_origins()


def test_a_long_quiet_line_costs_linear_time(tmp_path: Path) -> None:
    # Lines that nearly are envelope lines, and one that never ends.
    nearly = b"\n\nFrom " + b"a at " * 190 + b"Mon Jan"
    data = mbox([mail(1, body=nearly * 2000 + b"\n"), mail(2, body=b"From " * 1_000_000 + b"\n")])
    started = time.monotonic()
    assert len(read_bytes(tmp_path, data).raw) == 2
    assert time.monotonic() - started < 5


_PEAK = """
import resource, sys
from pathlib import Path
from lymer.evidence import SeenMessages, read, seal
count = sum(lot.raw.num_rows for lot in read(seal([Path(sys.argv[1])]), SeenMessages()))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_stays_flat(tmp_path: Path) -> None:
    rng = random.Random(1)
    filler = [rng.randbytes(3000).hex().encode() for _ in range(50)]

    def peak_kilobytes(count: int) -> int:
        path = tmp_path / f"{count}.mbox"
        with path.open("wb") as out:
            for number in range(count):
                body = filler[number % 50] + b"\n" + filler[number * 7 % 43][:2000] + b"\n"
                out.write(mbox([mail(number, body=body)]))
        # A process of its own, since the peak of this one may come from another test.
        command = [sys.executable, "-c", _PEAK, str(path)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        read_count, peak = done.stdout.split()
        assert int(read_count) == count
        return int(peak)

    few, many = peak_kilobytes(12_000), peak_kilobytes(37_000)
    assert (tmp_path / "37000.mbox").stat().st_size > 290_000_000
    assert many - few < 50_000


def test_a_lot_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "pile"
    path.write_bytes(mbox([mail(n) for n in range(9000)]))
    sizes = [lot.raw.num_rows for lot in read(seal([path]), SeenMessages())]
    assert sizes == [4096, 4096, 808]
    path.write_bytes(mbox([mail(n, body=b"x" * (9 << 20) + b"\n") for n in range(8)]))
    lots = list(read(seal([path]), SeenMessages()))
    assert [lot.raw.num_rows for lot in lots] == [3, 3, 2]


def test_the_same_bytes_twice_are_one_message_with_two_origins(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_bytes(mbox([mail(1), mail(2), mail(1)]))
    (tmp_path / "b.eml").write_bytes(mail(2))
    reading = read_all(tmp_path)
    assert reading.bytes_of == [mail(1), mail(2)]
    assert len(reading.origins) == 4
    reading.check_origins()
