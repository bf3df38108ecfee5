"""Abuse reports (ARF, RFC 5965): the report and the message it carries."""

import hashlib
from base64 import encodebytes
from datetime import UTC, datetime
from pathlib import Path

import pytest
from evidence_piles import mail, mbox, read_bytes

FEEDBACK = b"""Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <ann@example.org>
Source-IP: 192.0.2.7
Arrival-Date: Thu, 8 Mar 2005 14:00:00 -0400

"""


def report(
    inner: bytes,
    *,
    encoding: bytes = b"",
    feedback: bytes = FEEDBACK,
    kind: bytes = b"message/rfc822",
    eol: bytes = b"\n",
) -> bytes:
    """An abuse report as in RFC 5965 appendix B, enclosing `inner` as it is."""
    head = b"""From: <abusedesk@example.com>
Date: Thu, 8 Mar 2005 17:40:36 EDT
Subject: FW: Earn money
To: <abuse@example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
     boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"
Content-Transfer-Encoding: 7bit

This is an email abuse report.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

"""
    middle = b"--part1_13d.2e68ed54_boundary\nContent-Type: " + kind + b"\n"
    if encoding:
        middle += b"Content-Transfer-Encoding: " + encoding + b"\n"
    end = b"\n--part1_13d.2e68ed54_boundary--\n"
    return (head + feedback + middle + b"\n").replace(b"\n", eol) + inner + end.replace(b"\n", eol)


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_a_plain_report(tmp_path: Path, eol: bytes) -> None:
    inner = mail(1, eol=eol)
    outer = report(inner, eol=eol)
    reading = read_bytes(tmp_path, mbox([mail(0, eol=eol), outer, mail(2, eol=eol)], eol))
    assert reading.bytes_of == [mail(0, eol=eol), outer, inner, mail(2, eol=eol)]
    assert [row["reported_ip"] for row in reading.raw] == [None, None, "192.0.2.7", None]
    assert reading.reports == [
        {
            "report_id": hashlib.sha256(outer).hexdigest(),
            "message_id": hashlib.sha256(inner).hexdigest(),
            "feedback_type": "abuse",
            "source_ip": "192.0.2.7",
            "mail_from": "ann@example.org",
            "arrived_at": datetime(2005, 3, 8, 18, 0, tzinfo=UTC),
            "reporter": "SomeGenerator/1.0",
        }
    ]
    # The enclosed message lies within the same evidence, to the byte.
    (row,) = reading.evidence.values()
    assert row["message_count"] == 4
    reading.check_origins()


def test_an_encoded_report_is_evidence_of_its_own(tmp_path: Path) -> None:
    inner = mail(1)
    outer = report(encodebytes(inner), encoding=b"base64")
    reading = read_bytes(tmp_path, mbox([mail(0), outer]))
    assert reading.bytes_of == [mail(0), outer, inner]
    assert reading.raw[2]["reported_ip"] == "192.0.2.7"
    (arf,) = reading.of_kind("arf")
    (box,) = reading.of_kind("mbox")
    assert arf["parent_id"] == box["evidence_id"]
    assert arf["sha256"] == hashlib.sha256(inner).hexdigest()
    assert (arf["message_count"], box["message_count"]) == (1, 2)
    reading.check_origins()


def test_only_the_header_was_enclosed(tmp_path: Path) -> None:
    inner = b"From: ann@example.org\nSubject: only this\n"
    reading = read_bytes(tmp_path, report(inner, kind=b"text/rfc822-headers"), "r.eml")
    assert reading.bytes_of[1] == inner
    reading.check_origins()


@pytest.mark.parametrize(
    ("feedback", "expected"),
    [
        (b"Feedback-Type: FRAUD\nSource-IP: not-an-address\n\n", ("fraud", None, None)),
        (b"Source-IP: [IPv6:2001:db8::1]\n\n", (None, "2001:db8::1", None)),
        (b"Arrival-Date: some day\nFeedback-Type: abuse\n\n", ("abuse", None, None)),
        (b"\xff\xfe\x00\n\n", (None, None, None)),
    ],
)
def test_what_a_report_leaves_unsaid_is_null(
    tmp_path: Path, feedback: bytes, expected: tuple[str | None, ...]
) -> None:
    reading = read_bytes(tmp_path, report(mail(1), feedback=feedback), "r.eml")
    (row,) = reading.reports
    assert (row["feedback_type"], row["source_ip"], row["arrived_at"]) == expected
    assert len(reading.raw) == 2


def test_a_report_without_a_message(tmp_path: Path) -> None:
    outer = report(b"nothing", kind=b"image/png")
    reading = read_bytes(tmp_path, outer, "r.eml")
    assert reading.bytes_of == [outer]
    assert reading.reports[0]["message_id"] is None


def test_a_cut_report_gives_what_it_has(tmp_path: Path) -> None:
    outer = report(mail(1, body=b"line\n" * 50))
    for at in range(200, len(outer), 37):
        reading = read_bytes(tmp_path, outer[:at], "r.eml")
        assert reading.bytes_of[0] == outer[:at]
        reading.check_origins()


def test_other_multiparts_are_left_alone(tmp_path: Path) -> None:
    other = report(mail(1)).replace(b"report-type=feedback-report", b"report-type=delivery-status")
    mention = mail(3, body=b"feedback-report, multipart/report\n")
    reading = read_bytes(tmp_path, mbox([other, mention]))
    assert reading.bytes_of == [other, mention]
    assert reading.reports == []
