"""Stretching keeps what a mail is and changes its bytes."""

import re
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from lab_worlds import split

from lymer.errors import UsageError
from lymer.lab.stretch import stretch

MAIL = b"""\
Received: from hub.example.net (hub.example.net [192.0.2.7])
\tby store.example.net (Postfix) with ESMTP id 4F2A91B3C
\tfor <anna.kern@example.net>; Mon, 30 Sep 2002 23:59:58 +0200 (CEST)
Received: from pool-9.example.org (unknown [198.51.100.23])
\tby hub.example.net (8.12.6/8.12.6) with SMTP id g8TLxw12
\tfor <anna.kern@example.net>; Mon, 30 Sep 2002 21:59:50 +0000
Received: from [198.51.100.23] by mail.example.com; Tue,  1 Oct 2002 00:01:02 -0400
Message-ID: <20020930215950.A1B2C3@pool-9.example.org>
Date: Mon, 30 Sep 2002 16:59:49 -0500
From: Bob <bob@example.org>
To: anna.kern@example.net
Subject: Save 70% today anna.kern@example.net
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_b0undAry77aa19"

--=_b0undAry77aa19
Content-Type: text/html; charset=us-ascii
Content-Transfer-Encoding: quoted-printable

<html><table width=3D600><font color=3D"#ff0099">
Dear friend, only 49 pills left! xkqzwvb
<a href=3D"http://shop.example.com/deals/a7b8c9.html">buy</a> &#8217;
</font></table></html>
From now on we ship daily.
--=_b0undAry77aa19
Content-Type: image/gif; name="p.gif"
Content-Transfer-Encoding: base64

R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=
--=_b0undAry77aa19--
"""


def copies(tmp_path: Path, mail: bytes, times: int = 40, seed: int = 1) -> list[bytes]:
    (tmp_path / "one.eml").write_bytes(mail)
    out = tmp_path / f"out-{seed}-{times}.mbox"
    assert stretch([tmp_path / "one.eml"], out, times=times, seed=seed) == times
    return split(out.read_bytes())


def test_copies_differ_in_bytes_and_agree_in_structure(tmp_path: Path) -> None:
    made = copies(tmp_path, MAIL)
    assert len(set(made)) == 40
    assert MAIL not in made
    original = message_from_bytes(MAIL)
    for mail in made:
        parsed = message_from_bytes(mail)
        assert parsed.keys() == original.keys()
        assert [p.get_content_type() for p in parsed.walk()] == [
            p.get_content_type() for p in original.walk()
        ]
        assert parsed["From"] == original["From"]
        assert b'width=3D600><font color=3D"#ff0099">' in mail
        assert b"&#8217;" in mail
        assert b"Dear friend, only " in mail
        assert b" pills left! " in mail
        assert re.search(rb'href=3D"http://shop\.example\.com/\w+/\w+\.html"', mail)
        # The picture stays; what would look like a separator of the mbox is quoted.
        assert parsed.get_payload()[1].get_payload(decode=True) == (
            original.get_payload()[1].get_payload(decode=True)
        )
        assert b"\n>From now on we ship daily.\n" in mail


def test_every_slot_changes_somewhere(tmp_path: Path) -> None:
    made = copies(tmp_path, MAIL)
    for pattern in (
        rb"Message-ID: <(\S+)@", rb"id (\S+)\n\tfor", rb"\[(\d+\.\S+)\]\)\n\tby hub",
        rb"only (\d+)", rb"left! (\w+)", rb"com/(\w+)/", rb"com/\w+/(\w+)\.", rb"Date: (.*)",
        rb"for <(\S+)@example.net>", rb"To: (\S+)@", rb'boundary="(\S+)"', rb"Save (\d+)%",
    ):  # fmt: skip
        values = {m[1] for mail in made if (m := re.search(pattern, mail)) is not None}
        assert len(values) > 5, pattern


def test_one_copy_changes_one_thing_alike_everywhere(tmp_path: Path) -> None:
    original = message_from_bytes(MAIL)
    for mail in copies(tmp_path, MAIL):
        parsed = message_from_bytes(mail)
        received = parsed.get_all("Received") or []
        # The receiver's own relay keeps its address; the client's is the same in both lines.
        assert "[192.0.2.7]" in received[0]
        clients = re.findall(r"\[(2[45]\d\.\d+\.\d+\.\d+)\]", "".join(received))
        assert len(clients) == 2
        assert clients[0] == clients[1]
        name = str(parsed["To"]).partition("@")[0]
        assert name != "anna.kern"
        assert len(name) == len("anna.kern")
        assert mail.count(name.encode() + b"@example.net") == 4
        shifts = {
            parsedate_to_datetime(new.rpartition(";")[2].strip())
            - parsedate_to_datetime(old.rpartition(";")[2].strip())
            for old, new in zip(
                [str(original["Date"]), *(original.get_all("Received") or [])],
                [str(parsed["Date"]), *received],
                strict=True,
            )
        }
        assert len(shifts) == 1
        [shift] = shifts
        assert 0 <= shift.days < 28
        assert re.fullmatch(r"[A-Z][a-z]{2},  ?\d\d? [A-Z][a-z]{2} \d{4} .*",
                            received[2].rpartition(";")[2].strip())  # fmt: skip


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = copies(tmp_path, MAIL, 5, 3)
    (tmp_path / "out-3-5.mbox").unlink()
    assert copies(tmp_path, MAIL, 5, 3) == first
    assert not set(copies(tmp_path, MAIL, 5, 4)) & set(first)


@pytest.mark.parametrize(
    "mail",
    [
        b"Subject: hi\n\nhello\n",
        b"Subject: no body",
        b"To: x@example.net\r\nDate: Tue, 1 Oct 2002 00:00:00 +0000\r\n\r\nbody 12\r\n",
        b"Subject: \xff\x00\n\n" + b"\x00" * 50 + b"a1" * 5000 + b"\n",
        b"X: " + b"<a" * 20000 + b"\n\n" + b"http://" * 5000 + b"<style>" * 5000,
    ],
)
def test_any_mail_can_be_stretched(tmp_path: Path, mail: bytes) -> None:
    made = copies(tmp_path, mail, 6)
    assert len(set(made)) == 6


def test_mboxes_and_folders_are_read_and_other_files_passed_over(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    (pile / "deep").mkdir(parents=True)
    (pile / "a.mbox").write_bytes(
        b"From a@example.net Mon Sep 30 00:00:00 2002\nSubject: one\n\n1\n\n"
        b"From b@example.net Mon Sep 30 00:00:00 2002\nSubject: two\n\nnot From here\n\n"
    )
    (pile / "deep" / "c.eml").write_bytes(b"Subject: three\n\n3\n")
    (pile / "notes.json").write_bytes(b'{"id": "x"}')
    (pile / "empty").write_bytes(b"")
    out = tmp_path / "out.mbox"
    seen: list[int] = []
    assert stretch([pile], out, times=3, seed=1, progress=seen.append) == 9
    assert seen[-1] == 9
    subjects = [message_from_bytes(m)["Subject"] for m in split(out.read_bytes())]
    assert sorted(subjects) == ["one"] * 3 + ["three"] * 3 + ["two"] * 3
    # Copies of one mail do not lie next to each other.
    assert subjects[0] != subjects[1]


def test_wrong_use_is_said(tmp_path: Path) -> None:
    (tmp_path / "no").write_bytes(b"{}")
    for paths, times, words in (
        ([tmp_path / "absent"], 2, "does not exist"),
        ([tmp_path / "no"], 0, "1 or more"),
        ([tmp_path / "no"], 2, "no mail"),
    ):
        with pytest.raises(UsageError, match=words):
            stretch(paths, tmp_path / "out", times=times, seed=1)
        assert not (tmp_path / "out").exists()
    (tmp_path / "out").write_bytes(b"mine")
    with pytest.raises(UsageError, match="exists already"):
        stretch([tmp_path / "no"], tmp_path / "out", times=2, seed=1)
    assert (tmp_path / "out").read_bytes() == b"mine"
