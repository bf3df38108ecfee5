"""Damaged and hostile bodies: nothing raises, nothing hangs, nothing is lost in silence."""

import base64
import hashlib
import quopri
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lymer.messages.attachments import PICTURE_BYTES
from lymer.messages.content import PART_COUNT, TEXT_BYTES, open_content
from lymer.messages.links import LINK_COUNT, URL_CHARACTERS
from lymer.messages.reading import Content, Header


def split(raw: bytes) -> tuple[list[Header], int]:
    """Headers as plainly as can be, so that only the body is tested."""
    block, blank, _ = raw.partition(b"\n\n")
    headers: list[Header] = []
    for line in block.decode("latin-1").split("\n"):
        if line[:1] in (" ", "\t") and headers:
            headers[-1] = Header(headers[-1].name, f"{headers[-1].written} {line.strip()}")
        else:
            name, _, value = line.partition(":")
            headers.append(Header(name, value.strip()))
    return headers, len(block) + len(blank)


def read(raw: bytes) -> Content:
    content = open_content(raw, *split(raw))
    check(content)
    return content


def check(content: Content) -> None:
    """What must hold for any message at all."""
    for text in (content.text, content.hidden_text, content.mime_tree, content.layout):
        text.encode("utf-8")
        assert "\0" not in text
        assert len(text) <= TEXT_BYTES
    assert len(content.links) <= LINK_COUNT
    assert len({link.url for link in content.links}) == len(content.links)
    for link in content.links:
        link.url.encode("utf-8")
        assert len(link.url) <= URL_CHARACTERS
        assert link.host == link.host.lower()
        assert link.host
        assert not set(link.host) & set(" <>\"'\n\t/\\@%")
        assert link.where_found in {"text", "href", "src", "form", "style", "hidden"}
    assert len(content.attachments) <= PART_COUNT + 1
    for part in content.attachments:
        (part.name or "").encode("utf-8")
        assert len(part.sha256) == 64
    assert len(set(content.defects)) == len(content.defects)


WELL_FORMED = b"""Content-Type: multipart/mixed; boundary="out"

notice
--out
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

The k=C3=B6nig keeps hounds: http://one.example/a?b=3D1
--in
Content-Type: text/html; charset=iso-8859-1

<html><head><title>t</title><style>p {color: white}</style></head><body bgcolor=white>
<p style="display:none">chaff</p><font color="#ffffff">more</font>
<a href="http://two.example/">two</a><img src="cid:x"><table><tr><td>cell</table></body></html>
--in--
--out
Content-Type: image/gif; name*=utf-8''h%C3%BCnd.gif
Content-Transfer-Encoding: base64

R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7
--out
Content-Type: message/rfc822

Subject: inner

words
--out--
"""

SPICE = st.sampled_from(
    [b"\0", b"\xff\xfe", b"--out", b"--in--", b"\r", b"\n\n", b"<!--", b"-->", b"<", b">", b'"',
     b"</html>", b"<style>", b"<table>", b"<plaintext>", b"&#x110000;", b"&#xd800;", b"http://",
     b"=?utf-7?Q?+2AA-?=", b"=\n", b"====", b"www.", b"://", b"%00", b"\f", b"\x1b$B", b"<svg>",
     b"<select>", b"<template>", b"<body text=white>", b"<base href='//['>", b"url(", b"[::"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_damage_never_raises(data: st.DataObject) -> None:
    raw = bytearray(WELL_FORMED)
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(raw)))
        match data.draw(st.integers(0, 4)):
            case 0:
                raw[at:at] = data.draw(SPICE)
            case 1:
                raw[at:at] = data.draw(st.binary(max_size=20))
            case 2:
                del raw[at : at + data.draw(st.integers(1, 200))]
            case 3:
                raw[at:at] = raw[at : at + data.draw(st.integers(1, 300))]
            case _:
                raw[at : at + 8] = data.draw(st.binary(min_size=8, max_size=8))
    read(bytes(raw))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(SPICE, st.binary(max_size=30)), max_size=60))
def test_html_of_anything_never_raises(pieces: list[bytes]) -> None:
    read(b"Content-Type: text/html\n\n" + b"".join(pieces))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"base64", b"quoted-printable", b"x-uuencode", b"", b"8bit", b"odd"]),
    st.sampled_from([b"utf-8", b"utf-7", b"utf-16", b"hz", b"gb2312", b"x", b"cp1252", b"idna"]),
    st.binary(max_size=400),
)
def test_any_encoding_of_anything_never_raises(
    encoding: bytes, charset: bytes, body: bytes
) -> None:
    read(
        b"Content-Type: text/plain; charset=%b\nContent-Transfer-Encoding: %b\n\n%b"
        % (charset, encoding, body)
    )


WORDS = st.text(
    st.characters(codec="utf-8", categories=["L", "Nd"], max_codepoint=0xFFFF), min_size=1
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["text", "html", "file"]),
            st.sampled_from(["base64", "quoted-printable", "8bit"]),
            st.lists(WORDS, min_size=1, max_size=12).map(" ".join),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([b"\n", b"\r\n"]),
    st.binary(min_size=1, max_size=300),
)
def test_what_is_put_in_comes_out(
    parts: list[tuple[str, str, str]], line_end: bytes, blob: bytes
) -> None:
    """Text of a well-formed part is in the text, and every file has the hash of its bytes."""
    raw = [b"Content-Type: multipart/mixed; boundary=e_d.g?e", b""]
    texts, hashes = [], []
    for kind, encoding, words in parts:
        media_type = {"text": "text/plain", "html": "text/html", "file": "application/x-y"}[kind]
        data = words.encode()
        if kind == "file":
            data, encoding = blob + data, "base64"
            hashes.append(hashlib.sha256(data).hexdigest())
        else:
            texts.append(words)
        if encoding == "base64":
            body = base64.encodebytes(data).rstrip(b"\n").replace(b"\n", line_end)
        elif encoding == "quoted-printable":
            body = quopri.encodestring(data).replace(b"\n", line_end)
        else:
            body = data
        raw += [
            b"--e_d.g?e",
            f"Content-Type: {media_type}; charset=utf-8".encode(),
            f"Content-Transfer-Encoding: {encoding}".encode(),
            b"",
            body,
        ]
    raw += [b"--e_d.g?e--", b""]
    message = line_end.join(raw)
    headers = [Header("Content-Type", "multipart/mixed; boundary=e_d.g?e")]
    content = open_content(message, headers, len(raw[0]) + 2 * len(line_end))
    check(content)
    assert content.text == "\n".join(texts)
    assert [part.sha256 for part in content.attachments] == hashes
    assert content.defects == []


def test_cut_anywhere_keeps_what_came_before() -> None:
    """A message cut behind its plain part still has that part's text."""
    marker = WELL_FORMED.index(b"--in\nContent-Type: text/html")
    for end in range(marker, len(WELL_FORMED)):
        content = read(WELL_FORMED[:end])
        assert "hounds" in content.text or "two" in content.text
        assert "one.example" in {link.host for link in content.links}


HOSTILE = {
    "deep_div": (b"text/html", b"<div>", b""),
    "deep_font": (b"text/html", b"<font size=1>", b""),
    "deep_table": (b"text/html", b"<table><tr><td>", b""),
    "unclosed_then_blocks": (b"text/html", b"<b id=%d>", b"<p>"),
    "stray_ends": (b"text/html", b"<x>", b"</y>"),
    "deep_hidden": (b"text/html", b"<font color=white>x", b""),
    "deep_hidden_blocks": (b"text/html", b"<div style=display:none>x", b""),
    "many_attributes": (b"text/html", b"<a %s", b" a%d"),
    "open_comments": (b"text/html", b"<!--", b""),
    "open_angles": (b"text/html", b"<", b""),
    "open_ends": (b"text/html", b"</", b""),
    "entities": (b"text/html", b"&#", b""),
    "styles": (b"text/html", b"<style>.a{", b""),
    "quotes": (b"text/html", b"<a href='", b""),
    "base": (b"text/html", b"<base href=http://a.example/><a href=x%d>", b""),
    "pre": (b"text/html", b"<pre>\n", b""),
    "schemes": (b"text/plain", b"http://", b""),
    "slashes": (b"text/plain", b"://", b""),
    "names": (b"text/plain", b"www.", b""),
    "letters": (b"text/plain", b"h", b""),
    "dots": (b"text/plain", b"www.a.", b""),
    "ats": (b"text/plain", b"http://a@", b""),
    "lines": (b"text/plain", b"\n", b""),
    "returns": (b"text/plain", b"\r", b""),
    "boundaries": (b"multipart/mixed; boundary=b", b"\n--b", b""),
    "near_boundaries": (b"multipart/mixed; boundary=b", b"--b", b""),
    "fields": (b"multipart/mixed; boundary=b\n\n--b", b"\nContent-Type:", b""),
    "folds": (b"multipart/mixed; boundary=b\n\n--b\nContent-Type:", b"\n ", b""),
    "parameters": (b"multipart/mixed; boundary=b\n\n--b\nContent-Type: a/b", b';a="', b""),
    "paddings": (b"text/plain\nContent-Transfer-Encoding: base64", b"QQ==", b""),
    "softs": (b"text/plain\nContent-Transfer-Encoding: quoted-printable", b"=", b""),
    "begins": (b"text/plain\nContent-Transfer-Encoding: x-uuencode", b"begin \n", b""),
}


def hostile(name: str, size: int) -> bytes:
    head, first, second = HOSTILE[name]

    def repeat(piece: bytes, room: int) -> bytes:
        if b"%d" in piece:
            return b"".join(piece % n for n in range(room // (len(piece) + 3)))
        return piece.replace(b"%s", b"") * (room // max(1, len(piece)))

    if name == "many_attributes":
        body = b"<a" + repeat(second, size)
    elif second:
        body = repeat(first, size // 2) + repeat(second, size // 2)
    else:
        body = repeat(first, size)
    return b"Content-Type: " + head + b"\n\n" + body


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_take_straight_time(name: str) -> None:
    """Processor time for four times the bytes: sixteen times if quadratic, allowed is ten.

    Below a floor the clock says nothing; it is far below what a quadratic step takes here.
    """
    script = (
        "import sys, time, resource\n"
        "from lymer.messages.content import open_content\n"
        "from test_content_damage import hostile, split\n"
        "name, size = sys.argv[1], int(sys.argv[2])\n"
        "open_content(*[(r := hostile(name, 200)), *split(r)])\n"
        "raw = hostile(name, size)\n"
        "headers, start = split(raw)\n"
        "begin = time.process_time()\n"
        "open_content(raw, headers, start)\n"
        "print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    seconds = []
    for size in (60_000, 240_000):
        run = subprocess.run(
            [sys.executable, "-c", script, name, str(size)],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        took, kilobytes = run.stdout.split()
        seconds.append(float(took))
        assert int(kilobytes) < 1_000_000
    assert seconds[1] < max(10 * seconds[0], 0.5)


def test_long_texts_are_cut_and_say_so() -> None:
    content = read(b"A: b\n\n" + b"word " * TEXT_BYTES)
    assert content.defects == ["text_cut"]
    assert len(content.text) <= TEXT_BYTES


def test_large_picture_is_hashed_but_not_opened() -> None:
    data = b"\x89PNG" + b"\0" * PICTURE_BYTES
    raw = b"Content-Type: image/png\n\n" + data
    content = read(raw)
    assert content.attachments[0].sha256 == hashlib.sha256(data).hexdigest()
    assert content.attachments[0].defects == ["picture_too_large"]


@pytest.mark.corpus
@pytest.mark.corpus
def test_whole_corpus(corpus: Path) -> None:
    count = with_text = with_link = 0
    for path in sorted(corpus.rglob("*.txt")):
        raw = path.read_bytes()
        if raw.startswith(b"From "):
            raw = raw[raw.find(b"\n") + 1 :]
        content = read(raw)
        count += 1
        with_text += bool(content.text)
        with_link += bool(content.links)
    assert count > 6000
    # Less than one in fifty is a picture or a file and nothing else.
    assert with_text > count * 0.97
    assert with_link > count * 0.5
