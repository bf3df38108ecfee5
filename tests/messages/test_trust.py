"""The walk to the injecting client, and what it learns of the trap's own relays."""

from datetime import UTC, datetime, timedelta

import pytest

from lymer.errors import UsageError
from lymer.messages import Relay, RelayRule, Sighting, Trust, learn, sight
from lymer.messages.hops import read_hop
from lymer.messages.reading import Hop
from lymer.messages.trust import family_of, site_of, walk

DAY = datetime(2007, 10, 15, tzinfo=UTC)


def hops(*values: str) -> list[Hop]:
    return [read_hop(f"{value}; Mon, 15 Oct 2007 08:30:00 +0000") for value in values]


def depth(trust: Trust, *values: str) -> int:
    return walk(hops(*values), trust)


RELAY = Trust().with_relays([Relay("192.0.2.9", "relay.example.org", 1, "test")])
TOP = "from relay.example.org (relay.example.org [192.0.2.9]) by mx.example.org with ESMTP"
BOT = "from pc (dsl.example.net [198.51.100.7]) by relay.example.org with SMTP"


class TestWalk:
    def test_nothing(self) -> None:
        assert walk([], Trust()) == -1

    def test_direct(self) -> None:
        assert depth(Trust(), "from pc (x [198.51.100.7]) by mx.example.org with SMTP") == 0

    def test_known_relay(self) -> None:
        assert depth(RELAY, TOP, BOT) == 1

    def test_unknown_relay_is_the_client(self) -> None:
        top = "from relay.isp.example (relay.isp.example [203.0.113.5]) by mx.example.org with SMTP"
        below = "from pc ([198.51.100.7]) by relay.isp.example with SMTP"
        assert depth(Trust(), top, below) == 0

    def test_forged_in_ones_own_name(self) -> None:
        """By the HELO name, the name forged below, and even the relay's name."""
        for name in ("mx.example.org", "relay.example.org", "example.org"):
            bot = f"from {name} (dsl.isp.example [198.51.100.7]) by mx.example.org with SMTP"
            forged = f"from victim ([203.0.113.1]) by {name} with ESMTP"
            assert depth(RELAY, bot, forged) == 0, name

    def test_forged_below_a_known_relay(self) -> None:
        forged = "from victim ([203.0.113.1]) by relay.example.org with ESMTP"
        assert depth(RELAY, TOP, BOT, forged) == 1

    def test_a_reverse_name_of_ones_own_site(self) -> None:
        top = "from out (out.example.org [203.0.113.5]) by mx.example.org with ESMTP"
        assert depth(Trust(), top, "from pc ([198.51.100.7]) by out.example.org with SMTP") == 1

    def test_a_doubted_reverse_name_proves_nothing(self) -> None:
        top = "from a (out.example.org [203.0.113.5] (may be forged)) by mx.example.org with ESMTP"
        assert depth(Trust(), top, "from pc ([198.51.100.7]) by out.example.org with SMTP") == 0

    def test_a_helo_name_proves_nothing(self) -> None:
        top = "from out.example.org ([203.0.113.5]) by mx.example.org with ESMTP"
        assert depth(Trust(), top, "from pc ([198.51.100.7]) by out.example.org with SMTP") == 0

    @pytest.mark.parametrize("ip", ["10.0.0.5", "192.168.3.4", "172.20.1.1", "fd00::5"])
    def test_private_addresses_are_ones_own_machines(self, ip: str) -> None:
        top = f"from inner (inner.local [{ip}]) by mx.example.org with ESMTP"
        assert depth(Trust(), top, "from pc ([198.51.100.7]) by gate.example.org with SMTP") == 1
        assert depth(Trust(), top, "from pc ([198.51.100.7]) by inner.local with SMTP") == 1
        assert depth(Trust(), top, "from pc ([198.51.100.7]) by other.example.net with SMTP") == 0

    def test_a_private_address_may_be_the_name(self) -> None:
        top = "from 10.222.141.15 by store.mail.example with HTTPS"
        bot = "from 198.51.100.7 (EHLO pc) by 10.222.141.15 with SMTPs"
        assert depth(Trust(), top, bot) == 1
        public = "from 203.0.113.5 by store.mail.example with HTTPS"
        assert depth(Trust(), public, "from 198.51.100.7 (EHLO pc) by 203.0.113.5 with SMTP") == 0

    def test_machines_with_inner_names_are_learned_together(self) -> None:
        """As at a provider of many machines, none of which is seen often."""
        sightings = [
            Sighting(
                hops(
                    f"from node{k}.internal (node{k}.ams.internal [10.2.2.{k}]) by st9 with LMTP",
                    f"from pc{k} (pc{k}.example [198.51.100.{k}]) by node{k}.internal with SMTP",
                ),
                f"s{k}.example",
            )
            for k in range(1, 9)
        ]
        trust = Trust().with_relays(learn(sightings, Trust(), RelayRule()))
        assert walk(sightings[0].hops, trust) == 1
        # A stranger whose reverse name is such a one is a stranger still.
        stranger = "from node1.internal (node1.internal [203.0.113.5]) by mx.example with SMTP"
        assert depth(trust, stranger, "from x ([192.0.2.1]) by node2.internal with SMTP") == 0

    def test_the_only_way_to_a_receiver_is_a_relay(self) -> None:
        """Whoever is forged as sender; where others reach the receiver, it may be a provider's."""

        def through(k: int) -> Sighting:
            sender = "fwd.example" if k % 3 else f"s{k}.example"
            return Sighting(
                [
                    read_hop(f"{value}; Mon, {1 + k % 20} Oct 2007 08:30:00 +0000")
                    for value in (
                        "from fwd.example (fwd.example [203.0.113.9]) by mx.example.org with ESMTP",
                        f"from pc{k} ([198.51.100.{k}]) by fwd.example with SMTP",
                    )
                ],
                sender,
            )

        def straight(k: int) -> Sighting:
            return Sighting(
                hops(f"from pc ([192.0.2.{k}]) by mx.example.org with SMTP"), "x.example"
            )

        all_through = [through(k) for k in range(1, 91)]
        assert [relay.ip for relay in learn(all_through, Trust(), RelayRule())] == ["203.0.113.9"]
        others = all_through + [straight(k) for k in range(1, 11)]
        assert learn(others, Trust(), RelayRule()) == []

    def test_content_filter(self) -> None:
        filtered = "from localhost (localhost [127.0.0.1]) by relay.example.org (amavisd) with LMTP"
        assert depth(RELAY, TOP, filtered, BOT) == 2
        nameless = "from localhost (localhost [127.0.0.1]) by localhost (Postfix) with ESMTP"
        assert depth(RELAY, TOP, nameless, BOT) == 2

    def test_a_nameless_hand_over_alone_is_not_believed(self) -> None:
        top = "from pc (dsl.example.net [198.51.100.7]) by mx.example.org with SMTP"
        nameless = "from localhost (localhost [127.0.0.1]) by localhost (Postfix) with ESMTP"
        assert depth(Trust(), top, nameless) == 0
        assert depth(Trust(), top, nameless, "from x ([203.0.113.1]) by a.example with SMTP") == 0

    def test_qmail(self) -> None:
        queue = "(qmail 4711 invoked by uid 500)"
        network = "(qmail 4710 invoked from network)"
        bot = "from unknown (HELO pc) (198.51.100.7) by mx.example.org with SMTP"
        assert depth(Trust(), queue, network, bot) == 2
        assert depth(Trust(), queue, network, bot, queue, network) == 2
        relayed = "from relay.example.org (192.0.2.9) by mx.example.org with SMTP"
        assert depth(RELAY, network, relayed, queue, network, BOT) == 4

    def test_qmail_queue_alone(self) -> None:
        assert depth(Trust(), "(qmail 1 invoked by alias)", "(qmail 2 invoked by uid 9)") == 0

    def test_made_on_a_trusted_machine(self) -> None:
        """Nobody handed it in: the last hop is the one that says so."""
        assert depth(RELAY, TOP, "by relay.example.org (Postfix, from userid 500)") == 1

    def test_requeued_on_a_trusted_machine(self) -> None:
        assert depth(RELAY, TOP, "by relay.example.org (Postfix)", BOT) == 2
        scanner = "from bob@example.net by relay by uid 7 with qmail-scanner-1.10"
        assert depth(RELAY, TOP, scanner, BOT) == 2

    def test_fetched_from_ones_own_mailbox(self) -> None:
        fetched = "from pop.example.net [203.0.113.9] by localhost with POP3 (fetchmail)"
        below = "from pc ([198.51.100.7]) by mx4.example.net with SMTP"
        assert depth(Trust(), fetched, below) == 1
        delivered = "from localhost (localhost [127.0.0.1]) by desk.example.org with ESMTP"
        assert depth(Trust(), delivered, fetched, below) == 2

    def test_a_claim_of_fetching_is_not_believed_below(self) -> None:
        bot = "from pc (dsl.example.net [198.51.100.7]) by mx.example.org with SMTP"
        forged = "from pop.example.org [203.0.113.9] by localhost with POP3 (fetchmail)"
        assert depth(Trust(), bot, forged, "from a ([203.0.113.1]) by b.example with SMTP") == 0


class TestGiven:
    def test_network(self) -> None:
        top = "from a ([203.0.113.5]) by mx.example.org with ESMTP"
        below = "from pc ([198.51.100.7]) by any.example.net with SMTP"
        assert depth(Trust.given(["203.0.113.0/24"]), top, below) == 1
        assert depth(Trust.given(["203.0.113.5"]), top, below) == 1
        assert depth(Trust.given(["203.0.113.6"]), top, below) == 0

    def test_ipv6_network(self) -> None:
        top = "from a ([IPv6:2001:db8:1::5]) by mx.example.org with ESMTP"
        below = "from pc ([198.51.100.7]) by any.example.net with SMTP"
        assert depth(Trust.given(["2001:db8:1::/48"]), top, below) == 1

    def test_host(self) -> None:
        top = "from a (relay.example.net [203.0.113.5]) by mx.example.org with ESMTP"
        below = "from pc ([198.51.100.7]) by relay.example.net with SMTP"
        assert depth(Trust.given(["Relay.Example.NET."]), top, below) == 1
        assert depth(Trust(), top, below) == 0

    @pytest.mark.parametrize("word", ["", " ", "192.0.2.0/99", "two words"])
    def test_what_is_neither(self, word: str) -> None:
        with pytest.raises(UsageError, match=r"--trust.*192\.0\.2\.0/24"):
            Trust.given([word])


def sighting(top: str, below: str, sender: str, day: int, client: str) -> Sighting:
    """A mail that a relay handed on, which a client had handed to it."""
    stamp = (DAY + timedelta(days=day)).strftime("%a, %d %b %Y 08:30:00 +0000")
    return Sighting(
        [
            read_hop(f"{top}; {stamp}"),
            read_hop(f"{below}; {stamp}"),
            read_hop(f"from pc ([192.168.1.2]) by {client}.example with SMTP; {stamp}"),
        ],
        sender,
    )


def relayed(count: int, top: str = TOP, name: str = "relay.example.org") -> list[Sighting]:
    return [
        sighting(
            top,
            f"from c{n} (c{n}.isp{n}.example [198.51.100.{n + 1}]) by {name} with SMTP",
            f"sender{n}.example",
            n,
            f"c{n}.isp{n}",
        )
        for n in range(count)
    ]


OUTSIDE = "from fwd.example.net (fwd.example.net [203.0.113.9]) by mx.example.org with ESMTP"


class TestLearning:
    def test_a_forwarder(self) -> None:
        (relay,) = learn(relayed(6, OUTSIDE, "fwd.example.net"), Trust(), RelayRule())
        assert (relay.ip, relay.name, relay.message_count) == ("203.0.113.9", "fwd.example.net", 6)
        assert "6 surveyed mails" in relay.why
        trust = Trust().with_relays([relay])
        assert depth(trust, OUTSIDE, "from pc ([198.51.100.7]) by fwd.example.net with SMTP") == 1

    def test_too_few(self) -> None:
        assert learn(relayed(3, OUTSIDE, "fwd.example.net"), Trust(), RelayRule()) == []

    def test_one_sender_is_no_relay(self) -> None:
        seen = relayed(40, OUTSIDE, "fwd.example.net")
        for one in seen:
            one.sender_domain = "sender.example"
        assert learn(seen, Trust(), RelayRule()) == []

    def test_a_senders_own_server_is_no_relay(self) -> None:
        seen = relayed(40, OUTSIDE, "fwd.example.net")
        for number, one in enumerate(seen):
            one.sender_domain = f"mail{number}.example.net"
        assert learn(seen, Trust(), RelayRule()) == []

    def test_one_day_is_no_relay(self) -> None:
        seen = relayed(40, OUTSIDE, "fwd.example.net")
        for one in seen:
            for hop in one.hops:
                hop.stamped_at = DAY
        assert learn(seen, Trust(), RelayRule()) == []

    def test_names_forged_by_many_bots(self) -> None:
        """Each line is forged in the trap's own name, each bot says so in HELO too."""
        seen = []
        for number in range(400):
            # Forty networks of ten mails.
            ip = f"100.{number % 40}.7.9"
            top = f"from mx.example.org (d{number}.isp.example [{ip}]) by mx.example.org with SMTP"
            seen += relayed(1, top, "mx.example.org")
            seen[-1].sender_domain = f"sender{number}.example"
            for hop in seen[-1].hops:
                hop.stamped_at = DAY + timedelta(days=number % 30)
        assert learn(seen, Trust(), RelayRule()) == []

    def test_one_bot_that_poses_as_the_trap(self) -> None:
        """Its HELO is the trap's name; only its reverse name tells."""
        top = "from mx.example.org (dsl.isp.example [203.0.113.5]) by mx.example.org with SMTP"
        assert learn(relayed(12, top, "mx.example.org"), Trust(), RelayRule()) == []

    def test_a_relay_behind_a_relay(self) -> None:
        """The inner one is only seen once the outer one is believed."""
        inner = "from in.example.com (in.example.com [203.0.113.77]) by fwd.example.net with ESMTP"
        outer = read_hop(f"{OUTSIDE}; Mon, 15 Oct 2007 08:30:00 +0000")
        behind = [
            Sighting([outer, *one.hops], one.sender_domain)
            for one in relayed(12, inner, "in.example.com")
        ]
        learned = learn(relayed(12, OUTSIDE, "fwd.example.net") + behind, Trust(), RelayRule())
        assert [relay.ip for relay in learned] == ["203.0.113.77", "203.0.113.9"]

    def test_ones_own_site_needs_no_statistics(self) -> None:
        direct = [
            Sighting(hops(f"from pc ([198.51.100.{n}]) by mx.example.org with SMTP"), f"s{n}.test")
            for n in range(100)
        ]
        desk = "from mail (gw.example.org [192.0.2.33]) by desk.example.com with ESMTP"
        once = Sighting(hops(desk, "from pc ([198.51.100.7]) by mail.example.org"), "s.test")
        (relay,) = learn([*direct, once], Trust(), RelayRule())
        assert (relay.ip, relay.name) == ("192.0.2.33", "mail.example.org")
        assert "example.org, which received 100" in relay.why
        for posing in (
            desk.replace("33])", "33] (may be forged))"),
            # Customers of a provider, when the trap is one too.
            desk.replace("gw.", "dsl-2-33."),
            desk.replace("gw.", "gw.customers."),
        ):
            once = Sighting(hops(posing, "from pc ([198.51.100.7]) by mail.example.org"), "s.test")
            assert learn([*direct, once], Trust(), RelayRule()) == [], posing

    def test_order_of_mails_does_not_matter(self) -> None:
        seen = relayed(12, OUTSIDE, "fwd.example.net") + relayed(9)
        assert learn(seen, Trust(), RelayRule()) == learn(seen[::-1], Trust(), RelayRule())

    def test_hostile_headers_teach_nothing_and_do_not_raise(self) -> None:
        raws = [
            b"", b"\0\0", b"Received:\n\n", b"Received: from by by by ;;;\n\n",
            b"Received: from a@b by c\nReceived: (((((\n\n",
            b"From: " + b"a" * 60_000 + b"\nReceived: from " + b"[" * 5000 + b"\n\n",
        ]  # fmt: skip
        assert learn([sight(raw) for raw in raws * 50], Trust(), RelayRule()) == []


class TestNames:
    @pytest.mark.parametrize(
        ("name", "site", "family"),
        [
            ("mx1.lists.example.co.uk", "example.co.uk", "lists.example.co.uk"),
            ("example.org", "example.org", "example.org"),
            ("localhost", None, "localhost"),
            ("192.0.2.1", None, "192.0.2.1"),
            ("2001:db8::1", None, "2001:db8::1"),
            ("co.uk", None, "co.uk"),
        ],
    )
    def test_site_and_family(self, name: str, site: str | None, family: str) -> None:
        assert (site_of(name), family_of(name)) == (site, family)
