"""ROOM 6: who may stand behind it.

Takes   campaigns, botnets and what captured servers hold.
Gives   actors, claims with what supports and contradicts them, and the verdict.
Never   states a fact: only claims, graded; what a mail praises is no evidence against anyone.
"""

from lymer.actors.find import ActorRule, find_actors
from lymer.actors.tables import (
    ACTORS,
    CLAIMS,
    HYPOTHESES,
    PROFILES,
    TIMELINE,
    VERDICT,
    WEIGHINGS,
)

__all__ = [
    "ACTORS",
    "CLAIMS",
    "HYPOTHESES",
    "PROFILES",
    "TIMELINE",
    "VERDICT",
    "WEIGHINGS",
    "ActorRule",
    "find_actors",
]
