"""ROOM 3: describe each message by itself.

Takes   readings from the messages room.
Gives   fingerprints (dialect, skeleton, sketch) and selectors, a row or rows a message.
Never   compares two messages, so it is one map over batches that runs anywhere.
"""

from lymer.features.describe import describe
from lymer.features.dialect import steady_traits
from lymer.features.sketch import SKETCH_SIZE, agreement
from lymer.features.tables import FINGERPRINTS, SELECTORS
from lymer.features.tokens import Tokens

__all__ = [
    "FINGERPRINTS",
    "SELECTORS",
    "SKETCH_SIZE",
    "Tokens",
    "agreement",
    "describe",
    "steady_traits",
]
