"""Flow files as the tools write them, made of one list of flows."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from lymer.evidence import OpenFile, SealedFile, open_files, seal
from lymer.flows import CONTACTS, Contacts, read_flows
from lymer.flows.reading import Reading

MIDNIGHT = 1_199_145_600  # 2008-01-01 00:00 UTC

Flow = tuple[float, str, int, str, int, str, int, int]
"""Seconds after MIDNIGHT, source, its port, to, its port, protocol, bytes sent and received."""

FLOWS: list[Flow] = [
    (0, "192.0.2.10", 50001, "198.51.100.1", 6667, "tcp", 100, 900),
    (600, "192.0.2.10", 50002, "198.51.100.1", 6667, "tcp", 110, 901),
    (1200, "192.0.2.10", 50003, "198.51.100.1", 6667, "tcp", 120, 902),
    (1900, "192.0.2.10", 50004, "198.51.100.1", 6667, "tcp", 130, 903),
    (30, "192.0.2.11", 40000, "203.0.113.5", 53, "udp", 60, 120),
    (86_399, "192.0.2.11", 40001, "203.0.113.5", 53, "udp", 60, 120),
    (86_400, "192.0.2.11", 40002, "203.0.113.5", 53, "udp", 60, 120),
]

ZEEK_HEAD = (
    "#separator \\x09\n#unset_field\t-\n#path\tconn\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\torig_bytes\tresp_bytes\n"
)
NFDUMP_HEAD = "ts,te,td,sa,da,sp,dp,pr,flg,ipkt,ibyt"


def stamp(at: float) -> str:
    return f"{datetime.fromtimestamp(MIDNIGHT + at, UTC):%Y-%m-%d %H:%M:%S}"


def zeek(flows: Iterable[Flow]) -> str:
    lines = [
        f"{MIDNIGHT + at:.6f}\tC1\t{a}\t{sp}\t{b}\t{dp}\t{pr}\t{out}\t{back}\n"
        for at, a, sp, b, dp, pr, out, back in flows
    ]
    return ZEEK_HEAD + "".join(lines) + "#close\t2008-01-02-00-00-00\n"


def zeek_json(flows: Iterable[Flow]) -> str:
    rows = [
        {
            "ts": MIDNIGHT + at, "id.orig_h": a, "id.orig_p": sp, "id.resp_h": b, "id.resp_p": dp,
            "proto": pr, "orig_bytes": out, "resp_bytes": back,
        }
        for at, a, sp, b, dp, pr, out, back in flows
    ]  # fmt: skip
    return "".join(json.dumps(row) + "\n" for row in rows)


def nfdump(flows: Iterable[Flow]) -> str:
    """Both directions, and the summary at the end."""
    lines = [NFDUMP_HEAD]
    for at, a, sp, b, dp, pr, out, back in flows:
        when = f"{stamp(at)},{stamp(at)},0.000"
        lines.append(f"{when},{a},{b},{sp},{dp},{pr.upper()},.AP.SF,3,{out}")
        lines.append(f"{when},{b},{a},{dp},{sp},{pr.upper()},.AP.SF,3,{back}")
    lines += ["Summary", "flows,bytes,packets,avg_bps,avg_pps,avg_bpp", "14,1,2,3,4,5"]
    return "\n".join(lines) + "\n"


def binetflow(flows: Iterable[Flow]) -> str:
    """Every second line is written from the other side."""
    lines = ["StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,TotPkts,TotBytes,SrcBytes"]
    for number, (at, a, sp, b, dp, pr, out, back) in enumerate(flows):
        when = stamp(at).replace("-", "/") + ".000000"
        if number % 2:
            lines.append(f"{when},1.0,{pr},{b},{dp},   <-,{a},{sp},CON,2,{out + back},{back}")
        else:
            lines.append(f"{when},1.0,{pr},{a},{sp},   ->,{b},{dp},CON,2,{out + back},{out}")
    return "\n".join(lines) + "\n"


def plain(flows: Iterable[Flow]) -> str:
    lines = ["when;who;whence;whom;where;how;up;down"]
    lines += [
        f'"{stamp(at)}";{a};{sp};{b};{dp};{pr};{out};{back}'
        for at, a, sp, b, dp, pr, out, back in flows
    ]
    return "\r\n".join(lines) + "\r\n"


PLAIN = {
    "when": "started_at", "who": "source_ip", "whence": "source_port", "whom": "ip",
    "where": "port", "how": "protocol", "up": "sent_bytes", "down": "received_bytes",
}  # fmt: skip


def read_all(
    folder: Path, *paths: Path, mapping: dict[str, str] | None = None
) -> tuple[pa.Table, list[Reading], list[tuple[object, ...]]]:
    """Contacts, readings and evidence rows of the files at `paths`."""
    readings, rows = [], []
    with Contacts(folder / "gathering") as contacts:
        for event in open_files(seal(paths), "flows"):
            if isinstance(event, OpenFile):
                readings.append(read_flows(event, contacts, mapping))
            else:
                assert isinstance(event, SealedFile)
                rows.append(event.row)
        summed = list(contacts.summed("c"))
    table = pa.concat_tables([pa.Table.from_batches([CONTACTS.empty()]), *summed])
    return table, readings, rows
