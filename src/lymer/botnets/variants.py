"""Dialects that differ in nothing the software does, collapsed: what families are made of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
from scipy.sparse import csr_array

from lymer.botnets.mixing import Mixing, gather_mixing
from lymer.botnets.traits import Traits, read_traits
from lymer.engine import answer

# Names alone: the version is the persona's.
_PROGRAM = re.compile(r"[^\d/(\[,]*")
_PROGRAM_CHARACTERS = 32

_DIALECTS = """
SELECT dialect_id, min(traits) AS traits, CAST(count(*) AS BIGINT) AS message_count
FROM fingerprints GROUP BY dialect_id ORDER BY dialect_id
"""

_MAILERS = """
SELECT f.dialect_id, coalesce(m.mailer, '') AS mailer, CAST(count(*) AS BIGINT) AS message_count
FROM fingerprints f JOIN messages m ON m.message_id = f.message_id
GROUP BY f.dialect_id, coalesce(m.mailer, '') ORDER BY f.dialect_id, mailer
"""

# Lawful senders write each with their own software, and may share a campaign by chance.
_COMPANY = """
SELECT DISTINCT f.dialect_id, c.campaign_id
FROM fingerprints f
JOIN campaign_messages c ON c.message_id = f.message_id
JOIN campaigns k ON k.campaign_id = c.campaign_id
WHERE k.kind NOT IN ('bulk', 'snowshoe')
ORDER BY f.dialect_id, c.campaign_id
"""


@dataclass(frozen=True)
class Variants:
    """n ways to write a mail, commonest first."""

    traits: list[Traits]
    message_count: np.ndarray[tuple[int], np.dtype[np.int64]]
    of_dialect: dict[str, int]
    """By the dialect_id of fingerprints, the variant."""
    programs: list[str]
    """Mailers that are claimed, without their versions; empty for none."""
    poses: csr_array
    """(n, programs): messages of a variant that claim to be written by a program."""
    company: csr_array
    """(n, campaigns): ones where a variant occurs in a campaign."""
    mixing: Mixing


def gather_variants(connection: duckdb.DuckDBPyConnection) -> Variants:
    """The variants of all messages that `connection` shows."""
    rows = answer(connection, _DIALECTS).to_pylist()
    read = {row["dialect_id"]: read_traits(row["traits"] or "") for row in rows}
    sizes: dict[Traits, int] = {}
    for row in rows:
        traits = read[row["dialect_id"]]
        sizes[traits] = sizes.get(traits, 0) + row["message_count"]
    order = sorted(sizes, key=lambda traits: (-sizes[traits], repr(traits)))
    place = {traits: number for number, traits in enumerate(order)}
    of_dialect = {dialect: place[traits] for dialect, traits in read.items()}

    mailers = answer(connection, _MAILERS).to_pydict()
    claimed = [program_of(mailer) for mailer in mailers["mailer"]]
    programs = sorted(set(claimed))
    company = answer(connection, _COMPANY).to_pydict()
    campaigns = sorted(set(company["campaign_id"]))
    met = _counts(
        [of_dialect[dialect] for dialect in company["dialect_id"]],
        _places(campaigns, company["campaign_id"]),
        [1] * len(company["dialect_id"]),
        (len(order), len(campaigns)),
    )
    met.data[:] = 1
    return Variants(
        traits=order,
        message_count=np.array([sizes[traits] for traits in order], dtype=np.int64),
        of_dialect=of_dialect,
        programs=programs,
        poses=_counts(
            [of_dialect[dialect] for dialect in mailers["dialect_id"]],
            _places(programs, claimed),
            mailers["message_count"],
            (len(order), len(programs)),
        ),
        company=met,
        mixing=gather_mixing(connection, of_dialect),
    )


def program_of(mailer: str) -> str:
    """The program that a mailer header claims, without its version."""
    found = _PROGRAM.match(mailer)
    return found.group(0)[:_PROGRAM_CHARACTERS].strip() if found else ""


def _places(names: Sequence[str], values: Sequence[str]) -> list[int]:
    place = {name: number for number, name in enumerate(names)}
    return [place[value] for value in values]


def _counts(
    rows: Sequence[int], columns: Sequence[int], values: Sequence[int], shape: tuple[int, int]
) -> csr_array:
    return csr_array(
        (np.array(values, dtype=np.float64), (rows, columns)),
        shape=(shape[0], max(1, shape[1])),
    )
