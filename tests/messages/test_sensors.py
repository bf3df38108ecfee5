"""Sensors that write no Received header: whose field names the client, and whose does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lymer.case import create_case, trace
from lymer.engine import LocalEngine
from lymer.messages import SensorRule, learn_sensors, sight
from lymer.messages.reading import Header
from lymer.messages.sensors import noted_peers

CLAIM = (
    "Received: from bank.example (192.0.2.{k}) by pc{k}.example; Mon, 12 Feb 2024 10:00:00 +0000\n"
)
OWN = (
    "From: a{k}@shop.example\nTo: trap@example.org\nSubject: Offer {k}\n"
    "Date: Mon, 12 Feb 2024 10:00:00 +0000\nMessage-ID: <{k}@shop.example>\n"
)
BODY = "\nDear friend {k}, look at http://shop.example/\n"
# What a sender may write.
FORGED = "X-Originating-IP: [192.0.2.{k}]\n"


def appended(k: int) -> str:
    """As Python's aiosmtpd adds it; two of three bots forge no Received header."""
    claim = "" if k % 3 else CLAIM.format(k=k)
    return (
        claim + (OWN + FORGED).format(k=k)
        + f"X-Peer: ('198.51.100.{k}', 31{k:02d})\nX-MailFrom: b{k}@shop.example\n"
        + f"X-RcptTo: trap@example.org\n{BODY}"
    )  # fmt: skip


def prepended(k: int) -> str:
    return f"X-Sensor-Client: [198.51.100.{k}]:31{k:02d}\n" + (CLAIM + OWN + BODY).format(k=k)


@pytest.mark.parametrize("message", [appended, prepended])
def test_the_sensors_word_is_taken(tmp_path: Path, message: Callable[[int], str]) -> None:
    mail = tmp_path / "mail"
    mail.mkdir()
    for k in range(1, 21):
        (mail / f"{k:02d}.eml").write_text(message(k))
    case = create_case(tmp_path / "case")
    with LocalEngine(1) as engine:
        trace(case, [mail], engine=engine)
    rows = case.sql("SELECT subject, client_ip, mail_from, recipients, defects FROM messages")
    assert {row["subject"]: row["client_ip"] for row in rows.to_pylist()} == {
        f"Offer {k}": f"198.51.100.{k}" for k in range(1, 21)
    }
    trusted = case.sql("SELECT count(*) AS n FROM hops WHERE is_trusted").to_pylist()[0]["n"]
    if message is appended:
        assert trusted == 0, "what a bot wrote was believed"
        assert {(r["mail_from"][0], *r["recipients"]) for r in rows.to_pylist()} == {
            ("b", "trap@example.org")
        }


def _learned(messages: list[str]) -> list[str]:
    sightings = [sight(message.encode()) for message in messages]
    found = learn_sensors([(s.noted, bool(s.hops)) for s in sightings], SensorRule())
    return [sensor.name for sensor in found]


def test_what_senders_write_is_not_learned() -> None:
    """One engine's last field, in a pile whose receiver writes Received headers."""
    receiver = CLAIM.replace("bank.example", "pc").replace("pc{k}.example", "mx.example.org")
    assert _learned([(receiver + OWN + FORGED + BODY).format(k=k) for k in range(1, 41)]) == []
    # Not above either: the receiver's header is above it.
    assert _learned([(receiver + FORGED + OWN + BODY).format(k=k) for k in range(1, 41)]) == []


def test_some_mails_field_is_not_the_piles() -> None:
    some = [prepended(k) for k in range(1, 31)]
    others = [(CLAIM + OWN + BODY).format(k=k) for k in range(1, 5)]
    assert _learned(some) == ["x-sensor-client"]
    assert _learned(some + others) == []
    assert _learned(some[:9]) == [], "too few"
    assert _learned([prepended(7)] * 30) == [], "one address"


@pytest.mark.parametrize(
    ("value", "ip"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("[198.51.100.7]", "198.51.100.7"),
        ("('198.51.100.7', 3123)", "198.51.100.7"),
        ("('2001:db8::7', 3123, 0, 0)", "2001:db8::7"),
        ("[IPv6:2001:db8::7]", "2001:db8::7"),
        ("198.51.100.7:3123", "198.51.100.7"),
        ("dsl.example.net[198.51.100.7]", "198.51.100.7"),
        ("dsl.example.net [198.51.100.7]", "198.51.100.7"),
        ("198.51.100.7 (dsl.example.net)", "198.51.100.7"),
        ("10.0.0.7", None),
        ("999.0.0.7", None),
        ("listed: 198.51.100.7 is in a list", None),
        ("198.51.100.7 198.51.100.8", None),
        ("12:30:45", None),
        ("a" * 5000, None),
        ("((((" * 30, None),
    ],
)
def test_values(value: str, ip: str | None) -> None:
    headers = [Header("X-Client", f" {value}"), Header("From", " a@shop.example")]
    assert [noted.ip for noted in noted_peers(headers)] == ([ip] if ip else [])
