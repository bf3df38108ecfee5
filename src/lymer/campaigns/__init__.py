"""ROOM 4: put like with like, and say why.

Takes   fingerprints, selectors and message facts, as tables of one snapshot.
Gives   campaigns, the membership of every message in one with its why, and their lineage.
Never   uses the client's address to group, so that botnets can corroborate campaigns; glues
        two campaigns over one weak thing they share; or puts a one-off into company.
"""

from lymer.campaigns.communities import GroupingRule
from lymer.campaigns.group import Grouping, group
from lymer.campaigns.tables import CAMPAIGN_MESSAGES, CAMPAIGNS, LINEAGE

__all__ = [
    "CAMPAIGNS",
    "CAMPAIGN_MESSAGES",
    "LINEAGE",
    "Grouping",
    "GroupingRule",
    "group",
]
