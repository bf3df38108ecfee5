"""The whole path of a message, over anything at all: no exception, no lost row, valid tables."""

import random
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from message_piles import raw_batch

from lymer.features import FINGERPRINTS, SELECTORS, Tokens, describe
from lymer.messages import ATTACHMENTS, HOPS, LINKS, MESSAGES, Reading, Trust, read_batch, tabulate
from lymer.tables import Table

TABLES: tuple[Table, ...] = (MESSAGES, HOPS, LINKS, ATTACHMENTS, FINGERPRINTS, SELECTORS)
TRUST = Trust.given(["192.0.2.0/24", "relay.example.org"])

PLAIN = (
    b"Return-Path: <gwen@example.net>\nReceived: from a.example.org (a.example.org [192.0.2.9])\n"
    b"\tby mx.example.org with ESMTP id 1; Mon, 15 Oct 2007 08:30:00 +0200\n"
    b"Received: from pc ([198.51.100.7]) by a.example.org; 15 Oct 2007 06:29:00 -0000\n"
    b'From: "Gwen" <gwen@example.net>\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\n'
    b"Message-ID: <000a01c80ef5$7e2b1c00$50010bcb@office>\nDate: Mon, 15 Oct 2007 06:29:00 +0000\n"
    b"\nCall 555 010 0199 about http://gnomes.example/?id=7 or write to ivo@example.com today\n"
)
HTML = (
    b"From: x@example.net\nContent-Type: multipart/alternative;\n boundary=edge\n\n--edge\n\na\n"
    b"--edge\nContent-Type: text/html; charset=utf-7\nContent-Transfer-Encoding: "
    b'quoted-printable\n\n<p style=3D"display:none">a</p><a href=3Dhttp://3325256753/>b</a>\n'
    b"--edge\nContent-Type: image/gif; name*0*=utf-8''%61; name*1=b\nContent-Transfer-Encoding: "
    b"base64\n\nR0lGODdhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=\n--edge--\n"
)
SEEDS = (PLAIN, HTML)


def run(raws: list[bytes]) -> dict[str, pa.RecordBatch]:
    """Rooms 2 and 3 over `raws`, with what must hold for any message."""
    readings = read_batch(raw_batch(raws, "From x@example.org Mon Oct 15 08:30:00 2007"), TRUST)
    assert len(readings) == len(raws)
    for reading in readings:
        assert not [defect for defect in reading.defects if defect.startswith("reader_failed")]
        assert 0 <= reading.first_sender_header <= len(reading.headers)
    found = tabulate(readings) | describe(readings, Tokens())
    assert found.keys() == {table.name for table in TABLES}
    for table in TABLES:
        batch = found[table.name]
        assert batch.schema.equals(table.schema)
        batch.validate(full=True)
        keys = list(zip(*(batch.column(name).to_pylist() for name in table.key), strict=True))
        if len({hash(raw) for raw in raws}) == len(raws):
            assert len(set(keys)) == len(keys), table.name
    assert found["messages"].num_rows == found["fingerprints"].num_rows == len(raws)
    return found


def damage(draw: random.Random, raw: bytes) -> bytes:
    """Cut, double, splice, overwrite: one of what wires and gateways do to mail."""
    at, to = sorted(draw.randrange(len(raw) + 1) for _ in range(2))
    noise = draw.randbytes(draw.randrange(1, 40))
    return draw.choice(
        [
            raw[:at],
            raw[at:],
            raw[:to] + raw[at:],
            raw[:at] + raw[to:],
            raw[:at] + noise + raw[at:],
            raw[:at] + b"\0" * (to - at) + raw[to:],
            raw[:at] + raw[at:to].replace(b"\n", b"\r\n") + raw[to:],
            raw[:at] + raw[at:to][::-1] + raw[to:],
            raw[:at] + HTML[draw.randrange(len(HTML)) :] + raw[at:],
        ]
    )


@given(st.randoms(use_true_random=False), st.integers(1, 6))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_damaged_mail(draw: random.Random, times: int) -> None:
    raws = []
    for raw in SEEDS:
        for _ in range(times):
            raw = damage(draw, raw)
        raws.append(raw)
    run(raws)


@given(st.lists(st.binary(max_size=400), min_size=1, max_size=5, unique=True))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_random_bytes(raws: list[bytes]) -> None:
    run(raws)


NAMES = ["Received", "From", "Date", "Subject", "Message-ID", "Content-Type", "Return-Path",
         "Reply-To", "List-Id", "DKIM-Signature", "Content-Transfer-Encoding"]  # fmt: skip
WORDS = ["from", "by", "with", "for", "id", "(", ")", "[", "]", "<", ">", "@", ";", ",", '"', "\\",
         "=?", "?=", "?q?", "?b?", "utf-8", "utf-7", "198.51.100.7", "IPv6:", "::1", "2007", "Oct",
         "08:30", "+0200", "multipart/mixed", "boundary=", "charset=", "a.example", "=", "%", "\t",
         "d=", "\udc80", "\xe9", "Ω", "\x85", "ab" * 300, "1" * 400]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(WORDS), max_size=12)),
                max_size=8), st.sampled_from(["", " "]))  # fmt: skip
@settings(max_examples=200, deadline=None, derandomize=True)
def test_headers_of_shuffled_grammar(fields: list[tuple[str, list[str]]], glue: str) -> None:
    block = "".join(f"{name}: {glue.join(words)}\n" for name, words in fields)
    run([(block + "\nhttp://a.example/").encode("utf-8", "surrogateescape")])


HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "NULs": lambda: b"\0" * 100_000,
    "ten thousand headers": lambda: b"X-A: b\n" * 10_000 + b"\nbody",
    "ten thousand Received": lambda: b"Received: from a by b; c\n" * 10_000 + b"\nbody",
    "ten thousand parts": lambda: (
        b"Content-Type: multipart/mixed; boundary=e\n\n" + b"--e\n\nx\n" * 10_000
    ),
    "deep MIME": lambda: (
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(500)
        )
    ),
    "huge header": lambda: b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\n\nbody",
    "huge From": lambda: b"From: " + b"a" * 500_000 + b"\n\nbody",
    "huge Received": lambda: b"Received: from " + b"(a [" * 200_000 + b"\n\nbody",
    "huge line": lambda: b"Subject: x\n\n" + b"a" * 2_000_000,
    "huge words": lambda: b"Subject: x\n\n" + b"\n".join([b"a1" * 30_000] * 20),
    "headers only, folded": lambda: b"Subject: x\n" + b" y\n" * 200_000,
    "CR only": lambda: b"Subject: x\r\rbody\r" + b"\r" * 100_000,
    "surrogates": lambda: (
        b"From: =?utf-7?q?+2AA-?= <a@b.example>\nSubject: =?utf-16?b?ANg=?= =?utf-7?q?+2AA-?=\n"
        b'Content-Type: text/plain; charset=utf-7; name="=?utf-7?q?+2AA-?="\n\n+2AA-+3AA-'
    ),
    "raw surrogates": lambda: (
        b"From: \xed\xa0\x80 <\xed\xb0\x80@x.example>\nSubject: \xed\xa0\x80\n\n"
    ),
    "charsets that compute": lambda: (
        b"Subject: =?idna?q?xn--a?= =?punycode?q?a-b?= =?zlib?b?eJw=?= =?rot13?q?a?= "
        b"=?unicode_escape?q?=5Cud800?= =?raw_unicode_escape?q?=5Cud800?=\n\nbody"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile(kind: str) -> None:
    found = run([HOSTILE[kind](), PLAIN])
    # What stands beside it is read as if it were alone.
    alone = run([PLAIN])
    for table in ("messages", "fingerprints"):
        assert found[table].slice(1).to_pylist() == alone[table].to_pylist()


def test_twice_gives_the_same() -> None:
    draw = random.Random(7)
    raws = [damage(draw, draw.choice(SEEDS)) for _ in range(100)]
    one, other = run(raws), run(raws)
    assert all(one[name].equals(other[name]) for name in one)


def test_alone_or_in_company_gives_the_same() -> None:
    """A message's rows do not depend on what was read before it."""
    draw = random.Random(8)
    raws = [damage(draw, draw.choice(SEEDS)) for _ in range(40)]
    together = run(raws)
    for name in ("messages", "fingerprints"):
        alone = [row for raw in raws for row in run([raw])[name].to_pylist()]
        assert alone == together[name].to_pylist()


def reported(ip: str, raw: bytes) -> Reading:
    batch = raw_batch([raw])
    columns = batch.to_pydict() | {"reported_ip": [ip], "defects": [["message_cut"]]}
    (reading,) = read_batch(pa.RecordBatch.from_pydict(columns, schema=batch.schema), TRUST)
    return reading


def test_evidences_own_defects_stand_in_the_row() -> None:
    assert "message_cut" in reported("203.0.113.5", PLAIN).defects


def test_the_reporters_word_stands_above_the_headers() -> None:
    """And no other client's HELO or name stays beside it."""
    (own,) = read_batch(raw_batch([PLAIN]), TRUST)
    assert (own.client_ip, own.helo) == ("198.51.100.7", "pc")
    same = reported("198.51.100.7", PLAIN)
    assert (same.client_ip, same.helo, same.receiver) == ("198.51.100.7", "pc", own.receiver)
    other = reported("192.0.2.9", PLAIN)
    assert (other.client_ip, other.helo, other.receiver) == (
        "192.0.2.9", "a.example.org", "mx.example.org",
    )  # fmt: skip
    unheard_of = reported("203.0.113.5", PLAIN)
    assert unheard_of.client_ip == "203.0.113.5"
    assert (unheard_of.helo, unheard_of.receiver) == (None, None)
    assert "no_client" not in reported("203.0.113.5", b"From: a@b.example\n\nx").defects
