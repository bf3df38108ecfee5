"""Every mail of a real corpus: all accounted for, and nothing invented."""

from collections import Counter
from ipaddress import ip_address

import pyarrow.compute as pc
import pytest
from message_piles import ReadCorpus

from lymer.messages import tabulate
from lymer.messages.trust import is_public

pytestmark = pytest.mark.corpus


def test_every_mail_is_one_row(read_corpus: ReadCorpus) -> None:
    by_folder = Counter(path.partition("/")[0] for path in read_corpus.readings)
    assert by_folder == {
        "easy-ham-1": 2500,
        "easy-ham-2": 1400,
        "hard-ham-1": 250,
        "spam-1": 500,
        "spam-2": 1396,
    }
    readings = list(read_corpus.readings.values())
    assert len(readings) == 6046
    messages = tabulate(readings)["messages"]
    assert messages.num_rows == 6046
    carriage = Counter(messages.column("carriage").to_pylist())
    assert sum(carriage.values()) == 6046
    assert carriage.keys() <= {"direct", "list", "bounce", "report", "forward"}
    assert carriage["list"] > 2000


def test_the_reader_never_fails(read_corpus: ReadCorpus) -> None:
    failed = [
        (path, reading.defects)
        for path, reading in read_corpus.readings.items()
        if any(defect.startswith("reader_") for defect in reading.defects)
    ]
    assert failed == []


def test_dates_are_of_the_age_of_mail_or_null(read_corpus: ReadCorpus) -> None:
    messages = tabulate(list(read_corpus.readings.values()))["messages"]
    # Only a mail without any Received header (135 of the ham) has no time of receipt.
    for reading in read_corpus.readings.values():
        assert (reading.received_at is None) == ("no_received" in reading.defects)
    assert messages.column("received_at").null_count == 135
    assert messages.column("date_at").null_count < 0.02 * 6046
    # What receivers stamped is right; what senders claim may be anything.
    years = pc.value_counts(pc.year(messages.column("received_at"))).to_pylist()
    assert {y["values"] for y in years} <= {None, *range(2000, 2005)}
    claimed = pc.year(messages.column("date_at")).to_pylist()
    assert all(year is None or 1970 <= year < 2200 for year in claimed)
    odd = [year for year in claimed if year is not None and not 1990 <= year <= 2030]
    assert len(odd) < 10, odd


def test_clients_are_addresses(read_corpus: ReadCorpus) -> None:
    missing: Counter[str] = Counter()
    for path, reading in read_corpus.readings.items():
        client = reading.client_ip
        if client is None:
            missing[path.partition("/")[0]] += 1
            assert {"no_client", "no_received"} & set(reading.defects), path
        else:
            assert str(ip_address(client)) == client
            assert is_public(client)
    # One collector's news feeds (631) were made into mails on his own machine.
    assert missing["easy-ham-1"] + missing["easy-ham-2"] > 631
    assert missing.total() < 900
    assert missing["spam-1"] + missing["spam-2"] < 0.02 * 1896


def test_every_client_and_hop_address_stands_in_its_header(read_corpus: ReadCorpus) -> None:
    for path, reading in read_corpus.readings.items():
        received = [h.value for h in reading.headers if h.name.lower() == "received"]
        for hop, value in zip(reading.hops, received, strict=False):
            if hop.from_ip is not None and ":" not in hop.from_ip:
                assert hop.from_ip in value, path
            if hop.by_host is not None:
                assert hop.by_host in value.lower(), path


def test_domains_are_domains(read_corpus: ReadCorpus) -> None:
    count = 0
    for path, reading in read_corpus.readings.items():
        for link in reading.content.links:
            count += 1
            if link.domain is None:
                continue
            assert "." in link.domain, path
            assert link.host == link.domain or link.host.endswith("." + link.domain), path
    assert count > 20_000


def test_texts_hold_no_nul_and_are_utf8(read_corpus: ReadCorpus) -> None:
    for table in tabulate(list(read_corpus.readings.values())).values():
        table.validate(full=True)
    for reading in read_corpus.readings.values():
        for text in (reading.subject, reading.from_name, reading.content.text):
            assert "\0" not in (text or "")
