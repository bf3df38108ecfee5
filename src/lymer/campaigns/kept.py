"""What the campaigns keep for their mail to pay off, as arrays: the ground for operations.

A campaign's profile holds, for every thing that some of its messages have, the share of those that
do: where its links lead (the registrable domain and every longer ending of the host, so that the
customers of one free host stay apart), boxes, numbers and wallets, pictures and attachments, the
names it says, its sender, list and signature, its vocabulary. (Paths of links were tried: they
are the engine's, not the customer's, and told nothing on the lab's seeds below 100.)
"""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from lymer.engine import answer

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

# Texts of a campaign that are searched for names and words, and characters of each.
_TEXTS = 30
_CHARACTERS = 3000
# A word of fewer members is not what the campaign says, and a name of fewer letters is no name.
_SAID_SHARE = 0.15
_NAME_LETTERS = 5
# Words that are seldom written as a name, in the middle of a sentence, are no names.
_NAMED_SHARE = 0.2
# Of the words of a text, how many are names in most languages (lab: 0.05 to 0.18) and how many
# where nouns are written so (0.25 to 0.45).
_NOUNS_SHARE = 0.2
# A sender who keeps his address uses it for at least this share.
_SENDER_SHARE = 0.2

KINDS = {
    "place": ("domain", "host"),
    "drop": ("mailbox", "phone", "wallet", "ticker"),
    "picture": ("picture", "attachment"),
    "name": ("name",),
    "sender": ("sender", "list", "signature"),
    "word": ("word",),
}
"""What is compared, and the kinds of things that it is made of."""

# Of one-off mail a sample tells which things everybody has. Texts of one skeleton have the same
# words but for what is masked: one of them is read.
_SAMPLES = """
CREATE OR REPLACE TEMP TABLE read_texts AS
SELECT q.campaign_id, m.message_id, q.texts,
       list_filter(list_distinct(regexp_extract_all(
           lower(regexp_replace(
               coalesce(m.subject, '') || ' ' || left(m.text, $characters),
               '\\S*[@/\\\\]\\S*|www\\.\\S+', ' ', 'g')),
           '\\pL+')), lambda x: length(x) BETWEEN 4 AND 30) AS words
FROM (
    SELECT campaign_id, min(message_id) AS message_id, CAST(count(*) AS BIGINT) AS texts
    FROM (
        SELECT c.campaign_id, f.message_id, coalesce(f.skeleton, f.message_id) AS skeleton,
               f.subject_skeleton,
               row_number() OVER (PARTITION BY c.campaign_id ORDER BY f.message_id) AS place
        FROM fingerprints f LEFT JOIN membership c ON c.message_id = f.message_id
        JOIN messages m ON m.message_id = f.message_id
        WHERE c.campaign_id IS NOT NULL OR m.carriage IN ('direct', 'forward')
    )
    WHERE place <= CASE WHEN campaign_id IS NULL THEN 25 * $texts ELSE $texts END
    GROUP BY campaign_id, skeleton, subject_skeleton
) q
JOIN messages m ON m.message_id = q.message_id
"""

_SIZES = """
CREATE OR REPLACE TEMP TABLE campaign_sizes AS
SELECT campaign_id, CAST(count(*) AS BIGINT) AS message_count,
       CAST(row_number() OVER (ORDER BY campaign_id) - 1 AS BIGINT) AS number
FROM membership GROUP BY campaign_id
"""

_HELD = """
CREATE OR REPLACE TEMP TABLE held AS
SELECT s.message_id, s.kind, s.value FROM selectors s
WHERE s.kind IN ('host', 'mailbox', 'phone', 'wallet', 'ticker', 'picture', 'attachment')
UNION ALL
SELECT l.message_id, 'domain', unnest(list_transform(
           range(0, 1 + least(3, len(l.labels))),
           lambda i: array_to_string(list_append(l.labels[len(l.labels) - i + 1:], l.domain), '.')))
FROM (
    SELECT l.message_id, l.domain,
           list_filter(string_split(left(regexp_replace(l.host, '^www[0-9]*\\.', ''),
               greatest(0, length(regexp_replace(l.host, '^www[0-9]*\\.', ''))
                   - length(l.domain) - 1)), '.'), lambda x: x <> '') AS labels
    FROM links l
    JOIN selectors s
        ON s.message_id = l.message_id AND s.kind = 'domain' AND s.value = l.domain
    WHERE l.where_found <> 'hidden'
) l
UNION ALL
SELECT message_id, 'sender', from_address FROM messages WHERE from_address LIKE '%@%'
UNION ALL
SELECT message_id, 'list', list_id FROM messages WHERE list_id IS NOT NULL
UNION ALL
SELECT message_id, 'signature', unnest(dkim_domains) FROM messages
"""

_KEPT = """
CREATE OR REPLACE TEMP TABLE kept AS
SELECT z.number AS campaign, h.kind, h.value,
       count(DISTINCT h.message_id) / any_value(z.message_count) AS share
FROM held h
JOIN membership c ON c.message_id = h.message_id
JOIN campaign_sizes z ON z.campaign_id = c.campaign_id
GROUP BY z.number, h.kind, h.value
HAVING h.kind NOT IN ('sender', 'list') OR share >= $sender_share
UNION ALL
SELECT z.number, 'word', r.word, sum(r.texts) / any_value(t.texts) AS share
FROM (SELECT campaign_id, texts, unnest(words) AS word FROM read_texts) r
JOIN (SELECT campaign_id, sum(texts) AS texts FROM read_texts GROUP BY campaign_id) t
    ON t.campaign_id = r.campaign_id
JOIN campaign_sizes z ON z.campaign_id = r.campaign_id
GROUP BY z.number, r.word HAVING share >= $said_share
"""

# A word that stands somewhere as a name is one wherever it stands.
_NAMES = """
INSERT INTO kept
SELECT k.campaign, 'name', k.value, k.share
FROM kept k
JOIN (
    SELECT word, sum(texts) AS texts
    FROM (SELECT texts, unnest(words) AS word FROM read_texts) GROUP BY word
) w ON w.word = k.value
JOIN (
    SELECT s.value, sum(r.texts) AS texts
    FROM selectors s JOIN read_texts r ON r.message_id = s.message_id
    WHERE s.kind = 'name' GROUP BY s.value
) n ON n.value = k.value
WHERE k.kind = 'word' AND length(k.value) >= $letters AND n.texts >= $named_share * w.texts
"""

_OUTSIDERS = """
SELECT kind, value, CAST(sum(messages) AS BIGINT) AS messages
FROM (
    SELECT h.kind, h.value, count(DISTINCT h.message_id) AS messages
    FROM held h ANTI JOIN membership c ON c.message_id = h.message_id
    SEMI JOIN (SELECT message_id FROM messages WHERE carriage IN ('direct', 'forward')) d
        ON d.message_id = h.message_id
    GROUP BY h.kind, h.value
    UNION ALL
    SELECT 'word', unnest(words), texts FROM read_texts WHERE campaign_id IS NULL
    UNION ALL
    SELECT 'name', value, texts FROM (
        SELECT texts, unnest(words) AS value FROM read_texts WHERE campaign_id IS NULL)
)
GROUP BY kind, value
"""


@dataclass(frozen=True)
class Things:
    """Things of one of `KINDS`, (t,), and who has them."""

    kinds: list[str]
    values: list[str]
    outsiders: Reals
    """One-off messages that have each: what strangers have is nobody's own."""
    shares: csr_array
    """(campaigns, t): the share of a campaign's messages that have a thing."""


@dataclass(frozen=True)
class Kept:
    """The profiles of n campaigns."""

    campaigns: list[str]
    sizes: Numbers
    things: dict[str, Things]

    @property
    def count(self) -> int:
        return len(self.campaigns)


def gather_kept(connection: duckdb.DuckDBPyConnection) -> Kept:
    """The profiles of all campaigns in `membership` (campaign_id, message_id)."""
    connection.execute(_SIZES)
    connection.execute(_SAMPLES, {"characters": _CHARACTERS, "texts": _TEXTS})
    connection.execute(_HELD)
    connection.execute(_KEPT, {"sender_share": _SENDER_SHARE, "said_share": _SAID_SHARE})
    connection.execute(_NAMES, {"letters": _NAME_LETTERS, "named_share": _NAMED_SHARE})
    sizes = answer(
        connection, "SELECT campaign_id, message_count FROM campaign_sizes ORDER BY number"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE outsiders AS {_OUTSIDERS}")
    rows = answer(
        connection,
        """
        SELECT k.campaign, k.kind, k.value, k.share, coalesce(o.messages, 0) AS outsiders
        FROM kept k LEFT JOIN outsiders o ON o.kind = k.kind AND o.value = k.value
        ORDER BY k.kind, k.value, k.campaign
        """,
    )
    for table in ("read_texts", "held", "kept", "outsiders", "campaign_sizes"):
        connection.execute(f"DROP TABLE {table}")
    count = sizes.num_rows
    kind = np.array(rows["kind"].to_pylist(), dtype=object)
    things = {}
    for name, kinds in KINDS.items():
        part = rows.filter(np.isin(kind, kinds))
        things[name] = _things(
            part["campaign"].to_numpy(),
            list(zip(part["kind"].to_pylist(), part["value"].to_pylist(), strict=True)),
            part["share"].to_numpy(),
            part["outsiders"].to_numpy().astype(np.float64),
            count,
        )
    return Kept(sizes["campaign_id"].to_pylist(), sizes["message_count"].to_numpy(), _damp(things))


def _damp(things: dict[str, Things]) -> dict[str, Things]:
    """Where every noun is written as a name, as in German, a name says half as much."""
    names, words = things["name"], things["word"]
    many = names.shares.sum(axis=1) > _NOUNS_SHARE * words.shares.sum(axis=1)
    weight = np.where(many, 0.5, 1.0)
    return things | {"name": replace(names, shares=csr_array(names.shares * weight[:, None]))}


def _things(
    campaign: Numbers, names: list[tuple[str, str]], share: Reals, outsiders: Reals, count: int
) -> Things:
    """`names` are in order, so that equal ones stand together."""
    new = np.array([i == 0 or names[i] != names[i - 1] for i in range(len(names))], dtype=bool)
    number = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    distinct = [names[i] for i in first.tolist()]
    return Things(
        [name[0] for name in distinct],
        [name[1] for name in distinct],
        outsiders[first],
        csr_array((share, (campaign, number)), shape=(count, max(1, len(distinct)))),
    )
