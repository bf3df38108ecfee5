"""ROOM 2b: read a captured server's files.

Takes   the files of a folder, an archive or a disk image of a machine that was seized or imaged,
        as streams of bytes from the evidence room.
Gives   for every file what it is and why (artifacts); the rows of databases, dumps, delimited
        files and logs (sheets); addresses on recipient lists, as hashes; texts that may be
        templates; and the names, hosts, sums and times that stand in all of them (entities).
Never   executes anything, writes to what it reads, trusts what a database says of itself, assumes
        a name, language or layout, knows a campaign, or stops at a hostile file: that is a defect.
"""

from lymer.servers.artifacts import Artifact, artifact_id
from lymer.servers.databases import Databases
from lymer.servers.entities import find_handles
from lymer.servers.folders import judge_by_folder
from lymer.servers.limits import ReadingLimits
from lymer.servers.listing import address_hash
from lymer.servers.read import read_file
from lymer.servers.sheets import Take
from lymer.servers.tables import ARTIFACTS, ENTITIES, LISTED, SHEET_ROWS, SHEETS, TEXTS
from lymer.servers.values import (
    HANDLE,
    parse_count,
    parse_ip,
    parse_money,
    parse_time,
)

__all__ = [
    "ARTIFACTS",
    "ENTITIES",
    "HANDLE",
    "LISTED",
    "SHEETS",
    "SHEET_ROWS",
    "TEXTS",
    "Artifact",
    "Databases",
    "ReadingLimits",
    "Take",
    "address_hash",
    "artifact_id",
    "find_handles",
    "judge_by_folder",
    "parse_count",
    "parse_ip",
    "parse_money",
    "parse_time",
    "read_file",
]
