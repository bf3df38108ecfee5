"""The reader against clients that were read and decided by hand (tests/golden/README.md)."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from message_piles import ReadCorpus

from lymer.messages import Relay, Trust
from lymer.messages.trust import walk

GOLDEN = Path(__file__).parents[1] / "golden" / "injecting_clients.csv"

# Three providers of recipients that the corpus shows once each. Their machines name themselves
# in HELO only, and one sighting teaches nothing: an engine that forges lines in the recipient's
# own name looks the same. Here an analyst has to say so, with `--trust`.
SEEN_ONCE = {
    "hard-ham-1/00001.7c7d6921e671bbe18ebb5f893cd9bb35.txt": ("24.0.95.0/24",),
    "hard-ham-1/00185.b30a53aad9d675993a9cec62cf515f2a.txt": ("24.165.200.11",),
    "spam-1/00326.5ec68244bb085cb140deb79563abd7b3.txt": ("209.196.77.0/24", "209.196.123.141"),
}
# Arguable rows where neither answer is ours; the golden note says why each is hard.
NEITHER = {
    "easy-ham-1/00035.9069e05ad40dd0f98cdae72072ee7186.txt",
    "hard-ham-1/00006.3409dec8ca4fcf2d6e0582554473b5c9.txt",
    "spam-1/00327.7f21bc8575786a0e00341a6407b9f286.txt",
}


def rows(certainty: str) -> list[dict[str, str]]:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["certainty"] == certainty]


def client(ip: str) -> str | None:
    return ip or None


@pytest.mark.corpus
class TestGolden:
    def test_the_mails_are_the_ones_that_were_judged(self, read_corpus: ReadCorpus) -> None:
        judged = rows("certain") + rows("arguable")
        assert len(judged) == 210
        for row in judged:
            assert read_corpus.readings[row["corpus_path"]].message_id == row["message_sha256"]

    def test_certain_clients_are_right(self, read_corpus: ReadCorpus) -> None:
        wrong = {
            row["corpus_path"]: (read_corpus.readings[row["corpus_path"]].client_ip, row)
            for row in rows("certain")
            if read_corpus.readings[row["corpus_path"]].client_ip != client(row["client_ip"])
        }
        assert wrong.keys() == SEEN_ONCE.keys(), wrong

    def test_given_trust_mends_what_cannot_be_learned(self, read_corpus: ReadCorpus) -> None:
        certain = {row["corpus_path"]: row for row in rows("certain")}
        for path, given in SEEN_ONCE.items():
            trust = Trust.given(given).with_relays(read_corpus.relays)
            hops = read_corpus.readings[path].hops
            assert hops[walk(hops, trust)].from_ip == certain[path]["client_ip"], path

    def test_the_receiver_is_named_too(self, read_corpus: ReadCorpus) -> None:
        """The address may be right by luck: the hop must be the one that was meant."""
        for row in rows("certain"):
            if not row["client_ip"] or row["corpus_path"] in SEEN_ONCE:
                continue
            reading = read_corpus.readings[row["corpus_path"]]
            boundary = sum(hop.is_trusted for hop in reading.hops) - 1
            assert boundary == int(row["hop_position"]), row
            assert reading.receiver == row["injecting_receiver"].lower(), row

    def test_arguable_clients_are_one_of_the_two(self, read_corpus: ReadCorpus) -> None:
        counts: Counter[str] = Counter()
        neither = set()
        for row in rows("arguable"):
            found = read_corpus.readings[row["corpus_path"]].client_ip
            other = row["alternative_ip"]
            if found == client(row["client_ip"]):
                counts["preferred"] += 1
            elif other and found == (None if other == "(none)" else other):
                counts["alternative"] += 1
            else:
                neither.add(row["corpus_path"])
        assert neither == NEITHER
        assert counts == {"preferred": 10, "alternative": 17}

    def test_senders_own_servers_are_not_learned(self, read_corpus: ReadCorpus) -> None:
        """Seen often and still senders, by hand."""
        learned = {relay.ip for relay in read_corpus.relays}
        for sender in ("65.217.159.66", "64.28.67.73", "193.120.171.3", "206.16.1.160"):
            assert sender not in learned

    def test_recurring_relays_are_learned(self, read_corpus: ReadCorpus) -> None:
        names: dict[str, set[str]] = {}
        for relay in read_corpus.relays:
            assert isinstance(relay, Relay)
            names.setdefault(relay.ip, set()).add(relay.name)
        for ip, name in (
            ("64.161.22.236", "xent.com"),
            ("194.125.145.45", "lugh.tuatha.org"),
            ("193.172.5.4", "egwn.net"),
            ("66.92.53.74", "locust.minder.net"),
            ("205.210.42.30", "smtp.easydns.com"),
            ("12.155.117.29", "mail.python.org"),
        ):
            assert name in names[ip]
