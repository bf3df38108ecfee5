"""Header blocks: order, case, folding and repeats are evidence, and nothing makes it raise."""

import pytest
from message_piles import read_one

from lymer.messages.headers import HEADER_BYTES, HEADER_COUNT, split_headers
from lymer.messages.reading import VALUE_CHARACTERS, Header


def pairs(headers: list[Header]) -> list[tuple[str, str]]:
    return [(header.name, header.value) for header in headers]


class TestWhatIsKept:
    def test_order_case_and_repeats(self) -> None:
        headers, start, defects = split_headers(b"b: 1\nX-A: 2\nB: 3\nx-a: 2\n\nbody")
        assert pairs(headers) == [("b", "1"), ("X-A", "2"), ("B", "3"), ("x-a", "2")]
        assert start == len(b"b: 1\nX-A: 2\nB: 3\nx-a: 2\n\n")
        assert defects == []

    def test_folding_is_undone_and_remembered(self) -> None:
        raw = b"One: a\n\tb\n   c\nTwo: d\n    e\nThree: f\n\n"
        headers, _, _ = split_headers(raw)
        assert pairs(headers) == [("One", "a b c"), ("Two", "d e"), ("Three", "f")]
        assert [header.folding for header in headers] == ["\t", "    ", ""]

    def test_value_may_be_empty_or_start_in_the_next_line(self) -> None:
        headers, _, _ = split_headers(b"Empty:\nLate:\n late\nTight:x\nWide   :  y\n\n")
        assert pairs(headers) == [("Empty", ""), ("Late", " late"), ("Tight", "x"), ("Wide", "y")]

    def test_colons_in_values(self) -> None:
        headers, _, _ = split_headers(b"Subject: re: a: b\n\n")
        assert pairs(headers) == [("Subject", "re: a: b")]


class TestLineEnds:
    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
    def test_each_kind(self, end: bytes) -> None:
        raw = end.join([b"A: 1", b"B: 2", b"\t3", b"", b"body"])
        headers, start, defects = split_headers(raw)
        assert pairs(headers) == [("A", "1"), ("B", "2 3")]
        assert raw[start:] == b"body"
        assert defects == []

    @pytest.mark.parametrize("blank", [b"\n\r\n", b"\r\n\n"])
    def test_mixed(self, blank: bytes) -> None:
        raw = b"A: 1\r\nB: 2\nC: 3" + blank + b"body"
        headers, start, _ = split_headers(raw)
        assert pairs(headers) == [("A", "1"), ("B", "2"), ("C", "3")]
        assert raw[start:] == b"body"


class TestDamage:
    def test_line_that_is_no_field_is_skipped(self) -> None:
        headers, _, defects = split_headers(b"A: 1\nno field here\nB: 2\n\n")
        assert pairs(headers) == [("A", "1"), ("B", "2")]
        assert defects == ["header_damaged"]

    def test_continuation_of_nothing(self) -> None:
        headers, _, defects = split_headers(b" lost\nA: 1\n\n")
        assert pairs(headers) == [("A", "1")]
        assert defects == ["header_damaged"]

    def test_nul(self) -> None:
        headers, _, defects = split_headers(b"Sub\0ject: a\0b\n\nbody")
        assert pairs(headers) == [("Subject", "ab")]
        assert defects == ["headers_nul"]

    @pytest.mark.parametrize(
        ("raw", "value"),
        [
            ("Grüße aus Köln".encode(), "Grüße aus Köln"),
            ("Grüße aus Köln".encode("cp1252"), "Grüße aus Köln"),
            (b"\x81\x8d", "\ufffd\ufffd"),
        ],
    )
    def test_undeclared_8bit(self, raw: bytes, value: str) -> None:
        headers, _, defects = split_headers(b"Subject: " + raw + b"\n\n")
        assert headers[0].value == value
        assert defects == ["headers_8bit"]

    @pytest.mark.parametrize("raw", [b"", b"\n", b"\r\n", b"\nbody", b"\r\nbody"])
    def test_without_headers(self, raw: bytes) -> None:
        headers, start, defects = split_headers(raw)
        assert headers == []
        assert raw[start:] == raw.strip()
        assert "no_headers" in defects

    def test_without_body(self) -> None:
        headers, start, defects = split_headers(b"A: 1\nB: 2")
        assert pairs(headers) == [("A", "1"), ("B", "2")]
        assert start == len(b"A: 1\nB: 2")
        assert defects == ["no_body"]


class TestLimits:
    def test_ten_thousand_headers(self) -> None:
        raw = b"".join(b"X-%d: v\n" % number for number in range(10_000)) + b"\nbody"
        headers, start, defects = split_headers(raw)
        assert len(headers) == HEADER_COUNT
        assert headers[-1].name == f"X-{HEADER_COUNT - 1}"
        assert raw[start:] == b"body"
        assert defects == ["headers_cut"]

    def test_huge_line(self) -> None:
        headers, start, _ = split_headers(b"A: " + b"x" * (HEADER_BYTES // 2) + b"\nB: 2\n\nbody")
        assert len(headers[0].value) == VALUE_CHARACTERS
        assert headers[1].value == "2"
        assert start > HEADER_BYTES // 2

    def test_headers_without_end(self) -> None:
        _, start, defects = split_headers(b"A: 1\n" * HEADER_BYTES)
        assert start == HEADER_BYTES
        assert defects == ["headers_cut"]

    def test_hundred_thousand_folds(self) -> None:
        headers, _, _ = split_headers(b"A: 1\n" + b" x\n" * 100_000 + b"B: 2\n\n")
        assert [header.name for header in headers] == ["A", "B"]
        assert len(headers[0].value) <= VALUE_CHARACTERS


class TestInTheReading:
    def test_repeats_that_matter_are_a_defect(self) -> None:
        reading = read_one("From: a@example.org\nSubject: one\nSubject: two\nDate: x\n\nb")
        assert reading.subject == "one"
        assert "header_repeated" in reading.defects

    def test_what_is_missing_is_a_defect_and_null(self) -> None:
        reading = read_one("X: 1\n\nb")
        assert {"no_received", "no_from", "no_date"} <= set(reading.defects)
        for value in (reading.from_address, reading.date_at, reading.subject, reading.client_ip):
            assert value is None
