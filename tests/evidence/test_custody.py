"""The custody chain: any later change shows."""

import sqlite3

import pytest

from lymer.evidence import add_custody, check_custody


@pytest.fixture
def chain() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for number in range(6):
        add_custody(connection, "sealed", f"e{number}", {"sha256": "ab" * 32, "n": number})
    return connection


def test_a_whole_chain(chain: sqlite3.Connection) -> None:
    assert check_custody(chain) is None
    assert check_custody(sqlite3.connect(":memory:")) is None


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE custody SET detail = '{}' WHERE seq = 3", 3),
        ("UPDATE custody SET subject = 'other' WHERE seq = 1", 1),
        ("UPDATE custody SET at = '2000-01-01' WHERE seq = 6", 6),
        ("UPDATE custody SET action = 'noted' WHERE seq = 5", 5),
        ("UPDATE custody SET hash = previous_hash WHERE seq = 2", 2),
        ("DELETE FROM custody WHERE seq = 4", 4),
        ("DELETE FROM custody WHERE seq = 1", 1),
        ("UPDATE custody SET seq = 60 WHERE seq = 6", 6),
        (
            "INSERT INTO custody SELECT 7, at, action, subject, detail, hash, hash FROM custody"
            " WHERE seq = 6",
            7,
        ),
    ],
)
def test_a_change_shows(chain: sqlite3.Connection, change: str, broken: int) -> None:
    chain.execute(change)
    assert check_custody(chain) == broken


def test_it_belongs_to_the_callers_transaction(chain: sqlite3.Connection) -> None:
    chain.execute("BEGIN")
    add_custody(chain, "sealed", "late", {})
    chain.execute("ROLLBACK")
    assert chain.execute("SELECT count(*) FROM custody").fetchone() == (6,)
    add_custody(chain, "sealed", "later", {"name": "Zoë"})
    assert check_custody(chain) is None
