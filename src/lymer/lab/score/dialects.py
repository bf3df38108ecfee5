"""Step 5: does one dialect stand for one engine?

Taken over the spam whose engine the truth names. Many dialects for one engine cost recall, one
dialect for several engines costs purity.
"""

import numpy as np

from lymer.lab.score.both import Both, NotInCase
from lymer.lab.score.finding import Findings, share
from lymer.lab.score.partitions import mean

BEST = dict.fromkeys(
    ("purity", "macro_purity", "recall", "bcubed_precision", "bcubed_recall", "number_ratio"), 1.0
)

_OVERLAPS = """
SELECT s.engine_id AS true_label,
       coalesce('d' || f.dialect_id, 'm' || s.message_id) AS found_label,
       count(*) AS count
FROM sent s
LEFT JOIN ({dialects}) f ON f.message_id = s.message_id
WHERE s.engine_id IS NOT NULL
GROUP BY true_label, found_label ORDER BY true_label, found_label
"""

_BY_TRAITS = """
SELECT message_id, min(dialect_id) AS dialect_id FROM found_fingerprints GROUP BY message_id
"""

_BY_FAMILY = """
SELECT f.message_id, min(coalesce(t.dialect_id, f.dialect_id)) AS dialect_id
FROM found_fingerprints f
LEFT JOIN found_dialect_traits t ON t.variant_id = f.dialect_id
GROUP BY f.message_id
"""


def measure(both: Both) -> Findings:
    """Purity over messages and over dialects, recall over engines, BCubed over messages."""
    dialects = _BY_FAMILY
    try:
        both.need("dialect_traits", ("variant_id", "dialect_id"))
    except NotInCase:
        dialects = _BY_TRAITS
    agreement = both.overlaps(
        _OVERLAPS.format(dialects=dialects), fingerprints=("message_id", "dialect_id")
    )
    commonest = np.zeros(len(agreement.found_sizes), dtype=np.int64)
    np.maximum.at(commonest, agreement.found, agreement.count)
    largest = np.zeros(len(agreement.true_sizes), dtype=np.int64)
    np.maximum.at(largest, agreement.true, agreement.count)
    nothing = "no spam of a known engine"
    return {
        "purity": share(int(commonest.sum()), agreement.size, nothing),
        "macro_purity": mean(agreement.purities(), nothing),
        "recall": mean(largest / agreement.true_sizes, nothing),
        "bcubed_precision": agreement.bcubed_precision(),
        "bcubed_recall": agreement.bcubed_recall(),
        "number_ratio": agreement.findings()["number_ratio"],
    }
