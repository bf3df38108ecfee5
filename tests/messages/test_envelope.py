"""Who sent it to whom by the envelope, and how it came."""

import pytest
from message_piles import read_one

STAMP = "Mon, 15 Oct 2007 08:30:00 +0000"
TOP = f"Received: from pc ([198.51.100.7]) by mx.example.org with SMTP; {STAMP}\n"


@pytest.mark.parametrize(
    ("header", "envelope", "sender"),
    [
        ("Return-Path: <Gwen@Example.net>\n", None, "gwen@example.net"),
        ("Return-Path: gwen@example.net\n", None, "gwen@example.net"),
        ("Return-Path: <>\n", None, ""),
        ("Return-Path: nonsense\n", None, None),
        ("", "From ivo@example.net Mon Oct 15 08:30:00 2007", "ivo@example.net"),
        ("", "From MAILER-DAEMON Mon Oct 15 08:30:00 2007", None),
        ("", None, None),
        ("Return-Path: <a@b.example>\n", "From c@d.example Mon Oct 15 08:30:00 2007",
         "a@b.example"),
    ],
)  # fmt: skip
def test_sender(header: str, envelope: str | None, sender: str | None) -> None:
    assert read_one(header + TOP + "\nbody", envelope=envelope).mail_from == sender


@pytest.mark.parametrize("word", ["envelope-from", "envelope-sender"])
def test_sender_in_the_receivers_own_line(word: str) -> None:
    line = TOP.replace(" with SMTP", f" with SMTP ({word} <Gwen@example.net>)")
    assert read_one(line + "\nbody").mail_from == "gwen@example.net"


def test_sender_in_a_claimed_line_is_not_taken() -> None:
    claim = (
        "Received: from a ([203.0.113.1]) by b.example with SMTP (envelope-from <x@y.example>); "
        f"{STAMP}\n"
    )
    assert read_one(TOP + claim + "\nbody").mail_from is None


def test_the_from_line_dates_what_no_receiver_did() -> None:
    reading = read_one("Subject: a\n\nb", envelope="From a@b.example Mon Oct 15 08:30:00 2007")
    assert reading.received_at is not None
    assert reading.received_at.isoformat() == "2007-10-15T08:30:00+00:00"


def test_recipients_are_those_of_trusted_lines_only() -> None:
    claim = f"Received: from a ([203.0.113.1]) by b.example for <victim@b.example>; {STAMP}\n"
    reading = read_one(
        "Delivered-To: hound@example.org\nX-Original-To: Hound@example.org\n"
        + TOP.replace(" with", " for <trap@example.org> with")
        + claim
        + "To: someone@else.example\n\nbody"
    )
    assert reading.recipients == ["trap@example.org", "hound@example.org"]


@pytest.mark.parametrize(
    ("headers", "carriage"),
    [
        ("", "direct"),
        ("List-Id: <a.example>\n", "list"),
        ("Precedence: list\n", "list"),
        ("Precedence: bulk\n", "direct"),
        ("Resent-From: a@b.example\n", "forward"),
        ("Return-Path: <>\nFrom: Mailer-Daemon@b.example\n", "bounce"),
        ("Return-Path: <>\nFrom: ann@b.example\n", "direct"),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=a\n", "bounce"),
        ("Content-Type: multipart/report; report-type=feedback-report; boundary=a\n", "report"),
    ],
)
def test_carriage(headers: str, carriage: str) -> None:
    assert read_one(TOP + headers + "\nbody").carriage == carriage


@pytest.mark.parametrize(
    ("headers", "sender", "carriage"),
    [
        ("From: MAILER-DAEMON@b.example\n", "MAILER-DAEMON", "bounce"),
        ("From: ann@b.example\n", "MAILER-DAEMON", "direct"),
        ("From: MAILER-DAEMON@b.example\n", "gwen@example.net", "direct"),
        (
            "Return-Path: <gwen@b.example>\nFrom: MAILER-DAEMON@b.example\n",
            "MAILER-DAEMON",
            "direct",
        ),
    ],
)
def test_a_bounce_of_which_the_mbox_alone_kept_the_null_sender(
    headers: str, sender: str, carriage: str
) -> None:
    envelope = f"From {sender} Mon Oct 15 08:30:00 2007"
    assert read_one(TOP + headers + "\nbody", envelope=envelope).carriage == carriage


def test_headers_of_the_receivers_are_not_the_senders() -> None:
    reading = read_one("X-Trap: 1\n" + TOP + "X-Mailer: 2\nSubject: 3\n\nbody")
    own = reading.headers[reading.first_sender_header :]
    assert [header.name for header in own] == ["X-Mailer", "Subject"]


def test_signing_domains() -> None:
    reading = read_one(
        "DKIM-Signature: v=1; a=rsa-sha256; d=News.example.com; s=a; bh=d=no.example\n"
        "DKIM-Signature: d = gnomes.example;\nDKIM-Signature: nothing\n\nbody"
    )
    assert reading.dkim_domains == ["news.example.com", "gnomes.example"]
