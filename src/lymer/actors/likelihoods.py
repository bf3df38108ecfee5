"""How likely, how sure, how good a source: three scales that are never mixed.

Likelihood is in the words of ICD 203 (Office of the Director of National Intelligence, Analytic
Standards, 2015). Confidence says how well the judgement is founded. A source is graded by the
Admiralty scale: A to F for who speaks, 1 to 6 for what is said.
"""

from collections.abc import Iterable

_LADDER = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (1.00, "almost certain"),
)

RECEIPT = "A1"
"""What the trap's own receivers wrote, sealed: the source cannot be wrong about it."""
BOOKS_CONFIRMED = "B2"
"""The operator's own books, kept for his own use, where the mail that came agrees with them."""
BOOKS = "B3"
"""The same where nothing from elsewhere confirms it."""
SERVER = "C3"
"""Handles and text on the server: who wrote them is not known."""
CONTENT = "E5"
"""The word of the mail itself: an unreliable source, and improbable where it praises."""
SEARCHED = "C3"
"""That nothing was found in what an operator left on his server."""


def in_words(share: float) -> str:
    """The word of ICD 203 for a probability (0 to 1)."""
    return next(word for bound, word in _LADDER if share <= bound)


# Independent kinds of evidence that say the same leave little room for a mistake in one of them.
_MANY = 3


def confidence(kinds: Iterable[str], *, contradicted: bool = False) -> str:
    """How sure, by the number of independent kinds of evidence: low, moderate or high."""
    count = len(set(kinds)) - contradicted
    return "high" if count >= _MANY else "moderate" if count > 1 else "low"
