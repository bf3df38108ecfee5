"""Dialects: what the mailing software betrays, whoever it poses as."""

from collections.abc import Callable

import pytest
from mails_described import STAMP, fingerprint

from lymer.features import steady_traits

MAIL = (
    "Received: from pc (dsl.isp.example [198.51.100.7]) by mx.example.org with SMTP id 1;\n"
    f"\t{STAMP}\n"
    "Received: from office ([203.0.113.8]) by relay.gnomes.example with ESMTP id 77AB;\n"
    "\tMon, 15 Oct 2007 02:29:58 -0400\n"
    "Message-ID: <000a01c80ef4$ce89b700$50010bcb@office>\n"
    'From: "Gwen Marsh" <gwen@gnomes.example>\n'
    "To: hound@example.org\n"
    "Subject: cheap gnomes today\n"
    "Date: Mon, 15 Oct 2007 02:29:58 -0400\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/alternative;\n"
    '\tboundary="----=_NextPart_000_0007_01C80EF4.CE89B700"\n'
    "X-Mailer: Microsoft Outlook Express 6.00.2900.2180\n"
    "X-MimeOLE: Produced By Microsoft MimeOLE V6.00.2900.2180\n\n"
    "------=_NextPart_000_0007_01C80EF4.CE89B700\nContent-Type: text/plain\n\n"
    "One two three four five six seven\n"
    "------=_NextPart_000_0007_01C80EF4.CE89B700\nContent-Type: text/html\n\n"
    "<p>One two three four five six seven</p>\n"
    "------=_NextPart_000_0007_01C80EF4.CE89B700--\n"
)
BOUNDARY = "----=_NextPart_000_0007_01C80EF4.CE89B700"


def dialect(mail: str) -> str:
    return str(fingerprint(mail)["dialect_id"])


def traits(mail: str) -> str:
    return str(fingerprint(mail)["traits"])


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(mail: str) -> str:
        assert old in mail
        return mail.replace(old, new)

    return change


@pytest.mark.parametrize(
    "change",
    [
        swap("hound@example.org", "trap77@mail.example.com"),
        swap("cheap gnomes today", "Re: your order"),
        swap("One two three four five six seven", "Something else altogether for you"),
        swap("Gwen Marsh", "Ivo Finch"),
        swap("gwen@gnomes.example", "ivo@other.example"),
        swap("[198.51.100.7]", "[198.51.100.250]"),
        swap("from pc (dsl.isp.example", "from box9 (cable.other.example"),
        swap("15 Oct 2007 02:29:58 -0400\nMIME", "15 Oct 2007 15:29:59 +0900\nMIME"),
        swap("Mon, 15 Oct 2007 02:29:58 -0400", "Tue, 16 Oct 2007 11:01:07 +0900"),
        # A day of one digit is the same layout.
        lambda mail: mail.replace("15 Oct 2007 02:29:58", "5 Oct 2007 23:59:00").replace(
            "01c80ef4$ce89b700", "01c807c7$aac63c00"
        ),
        swap("000a01c80ef4$ce89b700$50010bcb@office", "001b01c80ef5$7e2b1c00$6401a8c0@host"),
        # Hexadecimal digits that happen to have no letters, or to have some.
        swap("0007_01C80EF4.CE89B700", "00AB_01234567.89012345"),
        swap("$50010bcb@", "$50010001@"),
        swap("0007_01C80EF4.CE89B700", "0099_01C80EF5.7E2B1C00"),
        swap("6.00.2900.2180", "6.00.2800.1106"),
        swap("with ESMTP id 77AB", "with ESMTP id 3F9C00"),
        # What receivers and their filters put on top is not the engine's.
        lambda mail: "X-Spam-Score: 7.1\nDelivered-To: hound@example.org\n" + mail,
    ],
)
def test_one_engine(change: Callable[[str], str]) -> None:
    assert dialect(change(MAIL)) == dialect(MAIL), traits(change(MAIL))


@pytest.mark.parametrize(
    "change",
    [
        swap('"Gwen Marsh" <', "Gwen Marsh <"),
        swap('"Gwen Marsh" <gwen@gnomes.example>', "gwen@gnomes.example"),
        swap("<000a01c80ef4$ce89b700$50010bcb@office>", "<4711.QX92@gnomes.example>"),
        swap("Message-ID: <000a01c80ef4$ce89b700$50010bcb@office>\n", ""),
        swap("Mon, 15 Oct 2007 02:29:58 -0400\nMIME", "15 Oct 07 02:29 EDT\nMIME"),
        swap(";\n\tboundary", "; boundary"),
        swap(";\n\tboundary", ";\n boundary"),
        swap(BOUNDARY, "=====4711abc==="),
        swap("multipart/alternative", "multipart/mixed"),
        swap("with ESMTP id 77AB", "(8.12.1/8.12.1) with SMTP id 77AB"),
        swap("X-MimeOLE: Produced By Microsoft MimeOLE V6.00.2900.2180\n", ""),
    ],
)
def test_another_engine(change: Callable[[str], str]) -> None:
    assert dialect(change(MAIL)) != dialect(MAIL)


class TestContradictions:
    def test_none(self) -> None:
        for word in ("another time", "without", "hex", "macro"):
            assert word not in traits(MAIL)

    def test_message_id_of_another_time(self) -> None:
        mail = swap("01c80ef4$", "01c70ef4$")(MAIL)
        assert "Outlook Message-ID holds another time than Date" in traits(mail)

    def test_clients_address_in_hex(self) -> None:
        mail = swap("$50010bcb@office", "$c6336407@office")(MAIL)
        assert "client address in hex in Message-ID" in traits(mail)

    @pytest.mark.parametrize("macro", ["%FIRST_NAME%", "{SUBJ}", "${name}", "<%RND_WORD"])
    def test_macro(self, macro: str) -> None:
        assert "unexpanded macro" in traits(swap("cheap gnomes", macro)(MAIL))

    @pytest.mark.parametrize("text", ["100% off", "save 50% now 20%", "{ }", "a < b % c"])
    def test_no_macro(self, text: str) -> None:
        assert "macro" not in traits(swap("cheap gnomes", text)(MAIL))


def test_a_mail_without_anything_has_a_dialect() -> None:
    row = fingerprint("\n\n")
    assert len(row["dialect_id"]) == 32
    assert row["traits"].startswith("From missing; Message-ID missing")


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("Date 9 Aa 9999 99:99:99 A", "Date 99 Aa 9999 99:99:99 A", True),
        ("Date Aa,  9 Aa 9999", "Date Aa, 99 Aa 9999", True),
        ("Date 9 Aa 9999", "Date Aa 9 Aa 9999", False),
        ("forged Received from kreir (c) by h", "forged Received from wolf (c) by h", True),
        ("forged Received from localhost (c) by h", "forged Received from wolf (c) by h", False),
        ("Message-ID from kreir", "Message-ID from wolf", False),
    ],
)
def test_steady_traits_are_those_that_no_day_and_no_name_changes(
    one: str, other: str, *, are_same: bool
) -> None:
    both = [steady_traits(f"From bare name; {trait}; MIME none") for trait in (one, other)]
    assert (both[0] == both[1]) == are_same
