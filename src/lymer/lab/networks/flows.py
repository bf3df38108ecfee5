"""Network flows of one access provider: bots among ordinary subscribers.

Bots poll their controllers by the botnet's rhythm and deliver mail; everybody, bots included,
visits updaters, clocks, name servers, mail hosts and the web. Updaters are polled as evenly as
controllers, by far more hosts. Written as Zeek's conn.log (tab-separated) or as nfdump's CSV.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lymer.lab.addresses import BENCHMARK, BENCHMARK_SIZE, dotted
from lymer.lab.draws import Draw
from lymer.lab.networks.pool import DAY_SECONDS

SMTP_PER_BOT = 60
"""Mail deliveries of one bot in one day that leave a flow."""


@dataclass(slots=True)
class Flow:
    """One flow. Times in Unix seconds, bytes and packets each way."""

    at: float
    source: str
    source_port: int
    target: str
    target_port: int
    protocol: str
    seconds: float
    sent_bytes: int
    received_bytes: int


@dataclass(frozen=True)
class LocalBot:
    """A bot inside the provider's network on one day."""

    botnet: int
    address: str


@dataclass(frozen=True)
class Controllers:
    """How one botnet keeps in touch."""

    endpoints: Sequence[tuple[str, int]]
    every: float
    """Seconds between polls."""
    jitter: float
    sent_bytes: int


class Provider:
    """Draws the flows of a provider's network, a day at a time."""

    def __init__(
        self,
        draw: Draw,
        local_block: int,
        controllers: dict[int, Controllers],
        beacons: Sequence[tuple[str, int, str]],
        exchangers: Sequence[str],
        subscribers: int,
    ) -> None:
        """`subscribers` is the number of clean hosts; `exchangers` are the traps' mail hosts."""
        self._draw = draw
        self._controllers = controllers
        self._beacons = list(beacons)
        self._exchangers = list(exchangers)
        room = draw.some(range(1, (1 << 14) - 1), subscribers)
        self._clean = [dotted(local_block + host) for host in room]

    def day(self, midnight: int, bots: Sequence[LocalBot]) -> list[Flow]:
        """All flows of a day, in the order of time."""
        flows: list[Flow] = []
        for address in self._clean:
            flows.extend(self._ordinary(midnight, address))
        for bot in bots:
            flows.extend(self._ordinary(midnight, bot.address))
            flows.extend(self._infected(midnight, bot))
        flows.sort(key=lambda flow: (flow.at, flow.source, flow.source_port))
        return flows

    def _flow(self, at: float, source: str, target: str, port: int, size: tuple[int, int]) -> Flow:
        draw = self._draw
        protocol = "udp" if port in (53, 123) else "tcp"
        return Flow(
            at, source, draw.whole(1024, 65000), target, port, protocol,
            draw.between(0.01, 4), draw.whole(*size), draw.whole(60, 4000),
        )  # fmt: skip

    def _ordinary(self, midnight: int, address: str) -> Iterator[Flow]:
        draw = self._draw
        wake = draw.whole(0, DAY_SECONDS // 2)
        awake = draw.whole(DAY_SECONDS // 8, DAY_SECONDS // 2)
        for ip, port, role in self._beacons:
            if role == "updater":
                every = 3600.0 if port == 80 else 1800.0
                at = wake + draw.between(0, every)
                while at < wake + awake:
                    yield self._flow(midnight + at, address, ip, port, (300, 600))
                    at += every * draw.between(0.98, 1.02)
                continue
            count = {"dns": 12, "ntp": 3, "cdn": 6, "mx": 2}[role]
            for _ in range(draw.whole(0, count)):
                yield self._flow(
                    midnight + wake + draw.between(0, awake), address, ip, port, (60, 900)
                )
        for _ in range(draw.whole(5, 30)):
            web = dotted(BENCHMARK + draw.whole(1, BENCHMARK_SIZE - 2))
            at = midnight + wake + draw.between(0, awake)
            yield self._flow(at, address, web, draw.pick((80, 80, 443)), (300, 2000))

    def _infected(self, midnight: int, bot: LocalBot) -> Iterator[Flow]:
        draw = self._draw
        steering = self._controllers[bot.botnet]
        wake = draw.whole(0, DAY_SECONDS // 2)
        awake = draw.whole(DAY_SECONDS // 6, DAY_SECONDS // 2)
        ip, port = draw.pick(steering.endpoints)
        at = wake + draw.between(0, steering.every)
        while at < wake + awake:
            size = (steering.sent_bytes, steering.sent_bytes + 60)
            yield self._flow(midnight + at, bot.address, ip, port, size)
            at += steering.every * draw.between(1 - steering.jitter, 1 + steering.jitter)
        for _ in range(draw.whole(SMTP_PER_BOT // 4, SMTP_PER_BOT)):
            host = dotted(BENCHMARK + draw.whole(1, BENCHMARK_SIZE - 2))
            if draw.chance(0.03):
                host = draw.pick(self._exchangers)
            at = midnight + wake + draw.between(0, awake)
            yield self._flow(at, bot.address, host, 25, (900, 5000))


_ZEEK_FIELDS = (
    ("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"),
    ("id.resp_h", "addr"), ("id.resp_p", "port"), ("proto", "enum"), ("service", "string"),
    ("duration", "interval"), ("orig_bytes", "count"), ("resp_bytes", "count"),
    ("conn_state", "string"), ("local_orig", "bool"), ("local_resp", "bool"),
    ("missed_bytes", "count"), ("history", "string"), ("orig_pkts", "count"),
    ("orig_ip_bytes", "count"), ("resp_pkts", "count"), ("resp_ip_bytes", "count"),
    ("tunnel_parents", "set[string]"),
)  # fmt: skip
_SERVICES = {25: "smtp", 53: "dns", 80: "http", 123: "ntp", 443: "ssl"}


def write_zeek(draw: Draw, path: Path, flows: Sequence[Flow]) -> None:
    """conn.log as Zeek writes it, tab-separated with its header lines."""
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n")
        file.write("#path\tconn\n")
        file.write("#fields\t" + "\t".join(name for name, _ in _ZEEK_FIELDS) + "\n")
        file.write("#types\t" + "\t".join(kind for _, kind in _ZEEK_FIELDS) + "\n")
        for f in flows:
            out_packets = 2 + f.sent_bytes // 1400
            in_packets = 2 + f.received_bytes // 1400
            uid = f"C{draw.random.getrandbits(80):020x}"
            file.write(
                f"{f.at:.6f}\t{uid}\t{f.source}\t{f.source_port}\t{f.target}\t{f.target_port}\t"
                f"{f.protocol}\t{_SERVICES.get(f.target_port, '-')}\t{f.seconds:.6f}\t"
                f"{f.sent_bytes}\t{f.received_bytes}\tSF\tT\tF\t0\t"
                f"{'Dd' if f.protocol == 'udp' else 'ShADadFf'}\t{out_packets}\t"
                f"{f.sent_bytes + 40 * out_packets}\t{in_packets}\t"
                f"{f.received_bytes + 40 * in_packets}\t(empty)\n"
            )


def write_nfdump(path: Path, flows: Sequence[Flow]) -> None:
    """CSV as `nfdump -o csv` prints it: a row for each direction."""
    head = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das"
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write(head + "\n")
        for f in flows:
            begin = datetime.fromtimestamp(f.at, UTC)
            end = datetime.fromtimestamp(f.at + f.seconds, UTC)
            times = f"{begin:%Y-%m-%d %H:%M:%S},{end:%Y-%m-%d %H:%M:%S},{f.seconds:.3f}"
            flags = "......" if f.protocol == "udp" else ".AP.SF"
            ends = (
                (f.source, f.target, f.source_port, f.target_port, f.sent_bytes, "1,2"),
                (f.target, f.source, f.target_port, f.source_port, f.received_bytes, "2,1"),
            )
            for one, other, port, other_port, size, sides in ends:
                file.write(
                    f"{times},{one},{other},{port},{other_port},{f.protocol.upper()},{flags},0,0,"
                    f"{2 + size // 1400},{size},0,0,{sides},0,0\n"
                )
