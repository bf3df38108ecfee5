"""ROOM 7: the case: the order of the rooms, where it rests, and what was found.

Takes   paths of evidence, the user's trust, the analyst's settings and decisions.
Gives   a folder with all tables at one snapshot, a custody chain, and a summary.
Never   interprets evidence itself: it calls the rooms in their order and commits what they hand
        over, so that a kill at any moment leaves the last whole state.
"""

from lymer.campaigns import Comparison, MessageWhy, PairWhy, Placement
from lymer.case.applying import dismiss, link, merge, note, rename, split, undo, unlink
from lymer.case.case import TABLES, Case, create_case, open_case
from lymer.case.checking import Check, check_case
from lymer.case.decisions import Decision, list_decisions
from lymer.case.digest import digest
from lymer.case.placing import LivePlacement
from lymer.case.summary import CampaignLine, Summary, defang, summarize
from lymer.case.trace import Progress, trace
from lymer.case.verdict import Answer, Verdict, VerdictLine, read_verdict
from lymer.case.why import why, why_two

__all__ = [
    "TABLES",
    "Answer",
    "CampaignLine",
    "Case",
    "Check",
    "Comparison",
    "Decision",
    "LivePlacement",
    "MessageWhy",
    "PairWhy",
    "Placement",
    "Progress",
    "Summary",
    "Verdict",
    "VerdictLine",
    "check_case",
    "create_case",
    "defang",
    "digest",
    "dismiss",
    "link",
    "list_decisions",
    "merge",
    "note",
    "open_case",
    "read_verdict",
    "rename",
    "split",
    "summarize",
    "trace",
    "undo",
    "unlink",
    "why",
    "why_two",
]
