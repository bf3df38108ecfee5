"""Received headers in the forms of many servers, and in forms that clients abuse."""

from datetime import UTC, datetime

import pytest
from message_piles import read_one

from lymer.messages.hops import HOP_COUNT, grammar_of, read_hop
from lymer.messages.reading import Hop

STAMP = "Mon, 15 Oct 2007 08:30:00 +0200"
AT = datetime(2007, 10, 15, 6, 30, tzinfo=UTC)


def hop(**values: object) -> Hop:
    return Hop(stamped_at=AT, **values)  # type: ignore[arg-type]


FORMS = {
    "sendmail": (
        f"from pc (dsl7.isp.example [198.51.100.7]) by mx.example.org (8.13.1/8.13.1) with ESMTP "
        f"id l9F6U0; {STAMP}",
        hop(from_helo="pc", from_name="dsl7.isp.example", from_ip="198.51.100.7",
            by_host="mx.example.org", with_protocol="ESMTP"),
    ),
    "sendmail, ident and doubt": (
        f"from pc (IDENT:bob@dsl7.isp.example [198.51.100.7] (may be forged)) by mx.example.org "
        f"(8.13.1/8.13.1) with SMTP id l9F6U0 for <ann@example.org>; {STAMP}",
        hop(from_helo="pc", from_name="dsl7.isp.example", is_name_doubted=True,
            from_ip="198.51.100.7", by_host="mx.example.org", with_protocol="SMTP",
            for_address="ann@example.org"),
    ),
    "sendmail without reverse name": (
        f"from pc ([198.51.100.7]) by mx.example.org with SMTP; {STAMP}",
        hop(from_helo="pc", from_ip="198.51.100.7", by_host="mx.example.org",
            with_protocol="SMTP"),
    ),
    "sendmail, local": (
        f"(from bob@localhost) by mx.example.org (8.13.1/8.13.1/Submit) id l9F6U0; {STAMP}",
        hop(by_host="mx.example.org"),
    ),
    "postfix": (
        f"from pc (unknown [198.51.100.7]) by mx.example.org (Postfix) with ESMTP id 5F2A for "
        f"<Ann@Example.org>; {STAMP} (CEST)",
        hop(from_helo="pc", from_ip="198.51.100.7", by_host="mx.example.org",
            with_protocol="ESMTP", for_address="ann@example.org"),
    ),
    "postfix, TLS": (
        f"from pc.example (pc.example [198.51.100.7]) (using TLSv1 with cipher RC4-MD5 (128/128 "
        f"bits)) (No client certificate requested) by mx.example.org (Postfix) with ESMTPS id 5F; "
        f"{STAMP}",
        hop(from_helo="pc.example", from_name="pc.example", from_ip="198.51.100.7",
            by_host="mx.example.org", with_protocol="ESMTPS"),
    ),
    "postfix, local": (
        f"by mx.example.org (Postfix, from userid 500) id 5F2A; {STAMP}",
        hop(by_host="mx.example.org"),
    ),
    "exim": (
        f"from dsl7.isp.example ([198.51.100.7]:4711 helo=pc) by mx.example.org with smtp (Exim "
        f"4.60) (envelope-from <bob@example.net>) id 1IhJ for ann@example.org; {STAMP}",
        hop(from_helo="pc", from_name="dsl7.isp.example", from_ip="198.51.100.7", from_port=4711,
            by_host="mx.example.org", with_protocol="SMTP", for_address="ann@example.org"),
    ),
    "exim, bare address, address in HELO": (
        f"from [198.51.100.7] (port=4711 helo=[10.0.0.5]) by mx.example.org with smtp (Exim 4.60) "
        f"id 1IhJ; {STAMP}",
        hop(from_helo="[10.0.0.5]", from_ip="198.51.100.7", from_port=4711,
            by_host="mx.example.org", with_protocol="SMTP"),
    ),
    "exim, HELO is the reverse name": (
        f"from dsl7.isp.example ([198.51.100.7]) by mx.example.org with esmtp (Exim 4.60) id 1; "
        f"{STAMP}",
        hop(from_helo="dsl7.isp.example", from_name="dsl7.isp.example", from_ip="198.51.100.7",
            by_host="mx.example.org", with_protocol="ESMTP"),
    ),
    "qmail": (
        "from unknown (HELO pc) (198.51.100.7) by mx.example.org with SMTP; "
        "15 Oct 2007 06:30:00 -0000",
        hop(from_helo="pc", from_ip="198.51.100.7", by_host="mx.example.org",
            with_protocol="SMTP"),
    ),
    "qmail, address in HELO": (
        "from dsl7.isp.example (HELO ?10.0.0.5?) (bob@198.51.100.7) by mx.example.org with SMTP; "
        "15 Oct 2007 06:30:00 -0000",
        hop(from_helo="?10.0.0.5?", from_name="dsl7.isp.example", from_ip="198.51.100.7",
            by_host="mx.example.org", with_protocol="SMTP"),
    ),
    "qmail, HELO is the reverse name": (
        "from dsl7.isp.example (198.51.100.7) by mx.example.org with SMTP; "
        "15 Oct 2007 06:30:00 -0000",
        hop(from_helo="dsl7.isp.example", from_name="dsl7.isp.example", from_ip="198.51.100.7",
            by_host="mx.example.org", with_protocol="SMTP"),
    ),
    "qmail queue": ("(qmail 4711 invoked by uid 500); 15 Oct 2007 06:30:00 -0000", hop()),
    "qmail from network": ("(qmail 4711 invoked from network); 15 Oct 2007 06:30:00 -0000", hop()),
    "qmail-scanner": (
        "from bob@example.net by mx by uid 1005 with qmail-scanner-1.10 (clear:0.); "
        "15 Oct 2007 06:30:00 -0000",
        hop(by_host="mx", with_protocol="QMAIL-SCANNER-1"),
    ),
    "exchange": (
        f"from PC.example.net (198.51.100.7) by MX.example.org (192.0.2.2) with Microsoft SMTP "
        f"Server (TLS) id 8.1.240.5; {STAMP}",
        hop(from_helo="PC.example.net", from_ip="198.51.100.7", by_host="mx.example.org",
            by_ip="192.0.2.2", with_protocol="SMTP"),
    ),
    "exchange, IPv6": (
        f"from A.example (2001:db8:5:1::23) by B.example (2001:db8:300::5) with Microsoft SMTP "
        f"Server id 15.20.1; {STAMP}",
        hop(from_helo="A.example", from_ip="2001:db8:5:1::23", by_host="b.example",
            by_ip="2001:db8:300::5", with_protocol="SMTP"),
    ),
    "SMTPSVC": (
        f"from pc ([198.51.100.7] RDNS failed) by mx.example.org with Microsoft "
        f"SMTPSVC(6.0.3790.1830); {STAMP}",
        hop(from_helo="pc", from_ip="198.51.100.7", by_host="mx.example.org",
            with_protocol="SMTPSVC"),
    ),
    "SMTPSVC, own folder": (
        f"from mail pickup service by mx.example.org with Microsoft SMTPSVC; {STAMP}",
        hop(by_host="mx.example.org", with_protocol="SMTPSVC"),
    ),
    "gmail": (
        f"from pc.example (pc.example. [198.51.100.7]) by mx.mail.example with ESMTPS id "
        f"a1si2.2007.10.15 for <ann@example.org> (version=TLSv1/SSLv3); {STAMP}",
        hop(from_helo="pc.example", from_name="pc.example", from_ip="198.51.100.7",
            by_host="mx.mail.example", with_protocol="ESMTPS", for_address="ann@example.org"),
    ),
    "gmail, inner": (
        f"by 10.35.1.2 with SMTP id a1mr2; {STAMP}", hop(by_host="10.35.1.2", with_protocol="SMTP"),
    ),
    "amavis": (
        f"from mx.example.org ([127.0.0.1]) by localhost (mx.example.org [127.0.0.1]) "
        f"(amavisd-new, port 10024) with LMTP id 12-3; {STAMP}",
        hop(from_helo="mx.example.org", from_ip="127.0.0.1", by_host="localhost",
            with_protocol="LMTP"),
    ),
    "fetchmail": (
        f"from mail.example.org [192.0.2.9] by localhost with POP3 (fetchmail-6.2.5) for "
        f"ann@localhost (single-drop); {STAMP}",
        hop(from_helo="mail.example.org", from_ip="192.0.2.9", by_host="localhost",
            with_protocol="POP3", for_address="ann@localhost"),
    ),
    "cyrus": (
        f"from mx.example.org ([unix socket]) by store.example.org (Cyrus v2.2.12) with LMTPA; "
        f"{STAMP}",
        hop(from_helo="mx.example.org", by_host="store.example.org", with_protocol="LMTPA"),
    ),
    "courier": (
        f"from pc (dsl7.isp.example [::ffff:198.51.100.7]) (AUTH: LOGIN bob) by mx.example.org "
        f"with esmtp; {STAMP} id 0001F",
        hop(from_helo="pc", from_name="dsl7.isp.example", from_ip="198.51.100.7",
            by_host="mx.example.org", with_protocol="ESMTP"),
    ),
    "communigate": (
        f"from [198.51.100.7] (account bob@example.net HELO pc.example.net) by mx.example.org "
        f"(CommuniGate Pro SMTP 4.1) with ESMTP id 4711; {STAMP}",
        hop(from_helo="pc.example.net", from_ip="198.51.100.7", by_host="mx.example.org",
            with_protocol="ESMTP"),
    ),
    "smap": (
        f"from dsl7.isp.example(198.51.100.7) by gw.example.org via smap (V2.0) id xma1; {STAMP}",
        hop(from_helo="dsl7.isp.example", from_ip="198.51.100.7", by_host="gw.example.org",
            with_protocol="SMAP"),
    ),
    "web mail": (
        f"from 198.51.100.7 (proxying for 10.0.0.5) (SquirrelMail authenticated user bob) by "
        f"web.example.net with HTTP; {STAMP}",
        hop(from_helo="198.51.100.7", from_ip="198.51.100.7", by_host="web.example.net",
            with_protocol="HTTP"),
    ),
    "IPv6": (
        f"from pc (pc.example [IPv6:2001:DB8::7]) by mx.example.org (Postfix) with ESMTP id 1; "
        f"{STAMP}",
        hop(from_helo="pc", from_name="pc.example", from_ip="2001:db8::7",
            by_host="mx.example.org", with_protocol="ESMTP"),
    ),
    "IPv6, link-local with its zone": (
        f"from pc (pc.example [fe80::1%eth0]) by mx.example.org with ESMTP; {STAMP}",
        hop(from_helo="pc", from_name="pc.example", from_ip="fe80::1", by_host="mx.example.org",
            with_protocol="ESMTP"),
    ),
    "empty HELO": (
        f"from  (dsl7.isp.example [198.51.100.7]) by mx.example.org with ESMTP; {STAMP}",
        hop(from_name="dsl7.isp.example", from_ip="198.51.100.7", by_host="mx.example.org",
            with_protocol="ESMTP"),
    ),
    "unknown": (
        f"from pc [198.51.100.7] by mx.example.org with Carrier-Pigeon/3 ; {STAMP}",
        hop(from_helo="pc", from_ip="198.51.100.7", by_host="mx.example.org",
            with_protocol="CARRIER-PIGEON"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_form(form: str) -> None:
    value, expected = FORMS[form]
    assert read_hop(value) == expected


REAL = "(dsl7.isp.example [198.51.100.7]) by mx.example.org (Postfix) with SMTP id 1; " + STAMP


@pytest.mark.parametrize(
    "helo",
    [
        "a by b.example.org",
        "a ([192.0.2.99]) by b.example.org",
        "a (own.example.org [192.0.2.99])",
        "own.example.org (HELO x",
        "own.example.org (HELO x) ([192.0.2.99])",
        "a(",
        "a((((",
        "[192.0.2.99]",
        "[IPv6:2001:db8::99]",
        "192.0.2.99",
        "a with LMTP",
        "a port=25",
        "helo=b",
    ],
)
def test_what_a_client_puts_into_helo_changes_neither_peer_nor_author(helo: str) -> None:
    found = read_hop(f"from {helo} {REAL}")
    assert found.from_ip == "198.51.100.7"
    assert found.from_name == "dsl7.isp.example"
    assert found.by_host == "mx.example.org"
    assert found.stamped_at == AT


@pytest.mark.parametrize(
    "peer",
    [
        "pc (unknown [999.0.2.1])",
        "pc (Foo::Bar 1)",
        "pc (version 2.9.5.1.7)",
        "192.0.2.1.dsl.example",
        "pc (192.0.2.1.dsl.example)",
        "pc",
        "pc ([1.2.3])",
        "pc ([:::])",
    ],
)
def test_no_address_is_invented(peer: str) -> None:
    assert read_hop(f"from {peer} by mx.example.org; {STAMP}").from_ip is None


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_no_port_is_invented(port: str) -> None:
    found = read_hop(f"from x ([198.51.100.7]:{port} helo=y) by mx.example.org; {STAMP}")
    assert (found.from_ip, found.from_port) == ("198.51.100.7", None)


@pytest.mark.parametrize("date", ["", "; ", "; soon", "; Mon, 99 Oct 2007 08:30:00 +0200"])
def test_unreadable_stamp_is_null(date: str) -> None:
    found = read_hop(f"from pc ([198.51.100.7]) by mx.example.org{date}")
    assert found.stamped_at is None
    assert found.from_ip == "198.51.100.7"


def test_a_stamp_after_a_date_of_another_kind() -> None:
    value = f"from pc ([198.51.100.7]) by mx.example.org (build; 1 Jan 2001); {STAMP}"
    assert read_hop(value).stamped_at == AT


class TestGrammar:
    def test_changed_values_do_not_change_it(self) -> None:
        one = grammar_of(
            f"from pc (dsl7.isp.example [198.51.100.7]) by a.example with SMTP id Q1; {STAMP}"
        )
        other = grammar_of(
            "from pc (x.other.example [203.0.113.9]) by bb.cc.example with SMTP id Zz99; "
            "Tue, 16 Oct 2007 01:02:03 -0700"
        )
        assert one == other

    def test_another_form_does(self) -> None:
        assert grammar_of(f"from a.example by b.example with SMTP; {STAMP}") != grammar_of(
            f"from a.example by b.example (8.12.1) with ESMTP; {STAMP}"
        )

    @pytest.mark.parametrize("address", ["192.0.2.1", "[192.0.2.1]", "[2001:db8::1]"])
    def test_addresses_are_masked(self, address: str) -> None:
        assert grammar_of(f"from {address} by a.example; {STAMP}") == "from I by h"


class TestInTheReading:
    def test_a_hundred_hops_are_read(self) -> None:
        reading = read_one(f"Received: from a ([192.0.2.1]) by b; {STAMP}\n" * 10_000 + "\nbody")
        assert len(reading.hops) == HOP_COUNT
        assert "hops_cut" in reading.defects

    def test_the_edge_gives_the_row_its_values(self) -> None:
        reading = read_one(
            "Received: from pc (dsl7.isp.example [198.51.100.7]) by MX.example.org (8.13/8.13) "
            f"with SMTP id 1 for <Ann@example.org>;\n\t{STAMP}\nFrom: bob@example.net\n\nbody"
        )
        assert reading.client_ip == "198.51.100.7"
        assert reading.helo == "pc"
        assert reading.reverse_name == "dsl7.isp.example"
        assert reading.receiver == "mx.example.org"
        assert reading.received_at == AT
        assert reading.recipients == ["ann@example.org"]

    @pytest.mark.parametrize("ip", ["127.0.0.1", "::1", "0.0.0.0", "10.1.2.3", "192.168.0.9",
                                    "fe80::1", "fd00::1", "224.0.0.1"])  # fmt: skip
    def test_nobody_from_outside_connected(self, ip: str) -> None:
        reading = read_one(f"Received: from pc (pc.local [{ip}]) by mx.example.org; {STAMP}\n\nb")
        assert reading.client_ip is None
        assert reading.helo is None
        assert "no_client" in reading.defects
        assert reading.hops[0].from_ip == ip

    def test_ipv6_client(self) -> None:
        reading = read_one(
            f"Received: from pc (unknown [IPv6:2001:db8::0007]) by mx.example.org; {STAMP}\n\nb"
        )
        assert reading.client_ip == "2001:db8::7"
