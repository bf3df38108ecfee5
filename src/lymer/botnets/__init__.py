"""ROOM 5: what machinery sent the campaigns.

Takes   fingerprints, campaigns with their messages, relays and contacts, as tables of one snapshot.
Gives   dialect families, botnets with their campaigns and bots, their live size, their volume and
        what steers them, each with its why.
Never   takes an engine for a botnet; joins on one shared client, on a network, or through one
        campaign alone; guesses where a trap sees too little to tell botnets apart; or counts mail
        servers, forwarders, lists and hacked web hosts as bots.
"""

from lymer.botnets.find import BotnetRule, find_botnets
from lymer.botnets.tables import (
    BOTNET_CAMPAIGNS,
    BOTNETS,
    BOTS,
    CONTROLLERS,
    DIALECT_TRAITS,
    DIALECTS,
    LIVE_DAYS,
    POPULATIONS,
    STEERED,
    VOLUMES,
)

__all__ = [
    "BOTNETS",
    "BOTNET_CAMPAIGNS",
    "BOTS",
    "CONTROLLERS",
    "DIALECTS",
    "DIALECT_TRAITS",
    "LIVE_DAYS",
    "POPULATIONS",
    "STEERED",
    "VOLUMES",
    "BotnetRule",
    "find_botnets",
]
