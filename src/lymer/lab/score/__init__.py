"""Scores a case against the truth of the world it was made from.

Takes   the case's tables, by name, and the folder of a world (or its truth folder).
Gives   every measure of docs/measures.md with its value, or why it was not measured; and the
        worst disagreements, with messages to look at.
Never   looks into the code that made the case: a table is all that it sees; or takes a missing
        table for a failure.
"""

from lymer.lab.score.scoring import MEASURES, Measure, Score, score
from lymer.lab.score.worst import Disagreement, Example

__all__ = ["MEASURES", "Disagreement", "Example", "Measure", "Score", "score"]
