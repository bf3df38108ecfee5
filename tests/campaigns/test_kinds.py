"""Kinds: who mails from hosts of his own, who from scattered lines, and when neither is known."""

import random
from collections.abc import Callable

import pytest
from campaign_piles import MakeCase, Piece

_TEXT = "The autumn sale is on, with lamps, chairs and tables for every room.\nhttp://{}/look\n"
Sender = Callable[[random.Random, int], tuple[str, str, str]]


def _bulk(source: random.Random, n: int) -> tuple[str, str, str]:
    return f"192.0.2.{n % 2 + 4}", f"out{n % 2}.shop.example", "news@shop.example"


def _snowshoe(source: random.Random, n: int) -> tuple[str, str, str]:
    return f"192.0.2.{n + 10}", f"mx.offer{n}.example", f"deal{n}@offer{n}.example"


def _botnet(source: random.Random, n: int) -> tuple[str, str, str]:
    address = f"{source.choice((240, 250))}.{n}.{source.randint(0, 255)}.9"
    return address, f"line-{n}.pool.provider.test", f"ann{n}@brand.example"


def _named_after_its_line(source: random.Random, n: int) -> tuple[str, str, str]:
    return f"241.{n}.7.9", f"line-{n}.provider{n}.test", f"ann{n}@line-{n}.provider{n}.test"


def _hacked(source: random.Random, n: int) -> tuple[str, str, str]:
    host = n % 3
    return f"24{host}.8.7.6", f"www.club{host}.example", f"ann{n}@club{host}.example"


def _webmail(source: random.Random, n: int) -> tuple[str, str, str]:
    return f"192.0.2.{n % 2 + 77}", f"web{n % 2}.mailhost.example", f"ann{n}@mailhost.example"


def _signing_snowshoe(source: random.Random, n: int) -> tuple[str, str, str]:
    return f"192.0.2.{n + 10}", "unknown", f"deal{n}@offer{n}.example"


def _signing_relay(source: random.Random, n: int) -> tuple[str, str, str]:
    return f"192.0.2.{n + 10}", "unknown", f"deal{n}@account{n}.relay.example"


def _crowded_botnet(source: random.Random, n: int) -> tuple[str, str, str]:
    return f"240.{n // 2}.7.{n % 2 + 9}", "unknown", f"ann{n}@brand{n}.example"


def _mails(sender: Sender, count: int = 16) -> list[Piece]:
    source = random.Random(1)
    pieces = []
    for n in range(count):
        ip, host, address = sender(source, n)
        # What a client says in HELO is its own word, and must prove nothing.
        helo = address.partition("@")[2]
        signing = sender in (_signing_snowshoe, _signing_relay)
        signature = f"DKIM-Signature: v=1; a=rsa-sha256; d={helo}; s=k; b=x\n" if signing else ""
        pieces.append(("mail", (
            f"Received: from {helo} ({host} [{ip}])\n\tby mx.trap.example (Postfix) with ESMTP id "
            f"{source.getrandbits(32):08X}\n\tfor <trap@trap.example>; Mon, 1 Oct 2007 10:{n:02d}:"
            f"00 +0000\n{signature}From: Some Body <{address}>\nTo: trap@trap.example\n"
            "Subject: Autumn sale\n"
            f"Message-ID: <{source.getrandbits(60):x}@{helo}>\nDate: Mon, 1 Oct 2007 10:{n:02d}:00 "
            f"+0000\n\n{_TEXT.format('sale.test')}"
        ).encode()))  # fmt: skip
    return pieces


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        (_bulk, "bulk"),
        (_snowshoe, "snowshoe"),
        (_signing_snowshoe, "snowshoe"),
        (_signing_relay, "unknown"),
        (_botnet, "botnet"),
        (_named_after_its_line, "botnet"),
        (_hacked, "unknown"),
        (_webmail, "unknown"),
    ],
)
def test_the_kind_follows_from_who_sends(make_case: MakeCase, sender: Sender, kind: str) -> None:
    case, _ = make_case("pile", _mails(sender))
    (campaign,) = case.table("campaigns").to_pylist()
    assert campaign["message_count"] == 16
    assert campaign["kind"] == kind, campaign["why"]
    assert f"16 messages from {campaign['client_count']} clients" in campaign["why"]


def test_many_networks_are_scattered_though_hosts_share_them(make_case: MakeCase) -> None:
    case, _ = make_case("pile", _mails(_crowded_botnet, 44))
    (campaign,) = case.table("campaigns").to_pylist()
    assert campaign["kind"] == "botnet", campaign["why"]
    assert "44 first hand, in 22 networks of 256" in campaign["why"]
