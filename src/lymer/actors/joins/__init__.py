"""What a captured server's books say, joined to the observed mail.

Takes   what the servers room read, the mail, its campaigns and botnets.
Gives   accounts, jobs with the campaign that each made, payments, nodes and how many were live,
        that beside the census of mail, lists with the traps on them, volumes, and what share of
        the observed all this explains.
Never   knows the name of a table, file or column beforehand, joins what cannot be told apart, or
        says who a person is: that is for the claims.
"""

from lymer.actors.joins.groups import GroupRule
from lymer.actors.joins.join import JoinRule, join_servers
from lymer.actors.joins.orders import BookRule
from lymer.actors.joins.place import PlacingRule
from lymer.actors.joins.pools import PoolRule
from lymer.actors.joins.sizing import CalibrationRule
from lymer.actors.joins.tables import (
    ACCOUNTS,
    CALIBRATIONS,
    COVERAGE,
    JOBS,
    LISTS,
    MENTIONS,
    NODE_CLIENTS,
    NODE_COUNTS,
    NODES,
    PAYMENTS,
)
from lymer.actors.joins.volumes import VolumeRule

__all__ = [
    "ACCOUNTS",
    "CALIBRATIONS",
    "COVERAGE",
    "JOBS",
    "LISTS",
    "MENTIONS",
    "NODES",
    "NODE_CLIENTS",
    "NODE_COUNTS",
    "PAYMENTS",
    "BookRule",
    "CalibrationRule",
    "GroupRule",
    "JoinRule",
    "PlacingRule",
    "PoolRule",
    "VolumeRule",
    "join_servers",
]
