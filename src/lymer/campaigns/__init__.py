"""ROOM 4: put like with like, and say why.

Takes   fingerprints, selectors and message facts, as tables of one snapshot.
Gives   campaigns, the membership of every message in one with its why, their lineage, and the
        operations that campaigns belong to. The template behind each: door templates.
Never   uses the client's address to group, so that botnets can corroborate campaigns; glues
        two campaigns over one weak thing they share; or puts a one-off into company.
"""

from lymer.campaigns.communities import GroupingRule
from lymer.campaigns.group import Grouping, conclude, describe, group
from lymer.campaigns.operations import OperationRule
from lymer.campaigns.place_one import NewShape, Placement, Placer
from lymer.campaigns.standing import Comparison
from lymer.campaigns.tables import (
    CAMPAIGN_MESSAGES,
    CAMPAIGNS,
    GROUPED_MESSAGES,
    LINEAGE,
    OPERATION_CAMPAIGNS,
    OPERATIONS,
    TEMPLATES,
)
from lymer.campaigns.templates import TemplateRule, infer_templates
from lymer.campaigns.voice_rule import VoiceRule
from lymer.campaigns.why import MessageWhy, PairWhy, why_message, why_pair

__all__ = [
    "CAMPAIGNS",
    "CAMPAIGN_MESSAGES",
    "GROUPED_MESSAGES",
    "LINEAGE",
    "OPERATIONS",
    "OPERATION_CAMPAIGNS",
    "TEMPLATES",
    "Comparison",
    "Grouping",
    "GroupingRule",
    "MessageWhy",
    "NewShape",
    "OperationRule",
    "PairWhy",
    "Placement",
    "Placer",
    "TemplateRule",
    "VoiceRule",
    "conclude",
    "describe",
    "group",
    "infer_templates",
    "why_message",
    "why_pair",
]
