"""ROOM 5: what machinery sent the campaigns.

Takes   fingerprints, campaigns with their messages, relays and contacts, as tables of one snapshot.
Gives   dialect families, botnets with their campaigns and bots, their live size, their volume and
        what steers them, each with its why; and the networks and countries of clients and bots
        where the user gives data on them.
Never   takes an engine for a botnet; joins on one shared client, on a network, or through one
        campaign alone; guesses where a trap sees too little to tell botnets apart; or counts mail
        servers, forwarders, lists and hacked web hosts as bots.
"""

from lymer.botnets.find import BotnetRule, find_botnets
from lymer.botnets.network_data import NetworkData
from lymer.botnets.networks import place_clients
from lymer.botnets.overrule import Overrule
from lymer.botnets.tables import (
    BOTNET_CAMPAIGNS,
    BOTNET_NETWORKS,
    BOTNETS,
    BOTS,
    CLIENT_NETWORKS,
    CONTROLLERS,
    DIALECT_TRAITS,
    DIALECTS,
    LIVE_DAYS,
    POPULATIONS,
    STEERED,
    VOLUMES,
)
from lymer.botnets.volume import scale_up

__all__ = [
    "BOTNETS",
    "BOTNET_CAMPAIGNS",
    "BOTNET_NETWORKS",
    "BOTS",
    "CLIENT_NETWORKS",
    "CONTROLLERS",
    "DIALECTS",
    "DIALECT_TRAITS",
    "LIVE_DAYS",
    "POPULATIONS",
    "STEERED",
    "VOLUMES",
    "BotnetRule",
    "NetworkData",
    "Overrule",
    "find_botnets",
    "place_clients",
    "scale_up",
]
