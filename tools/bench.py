"""How fast a trace is, beside the bare libraries on the same mail, and how it grows.

    .venv/bin/python tools/bench.py [--full] [--write] [--sizes 10000,100000]

Stretches the SpamAssassin corpus (make data) to piles of about 10,000 and 100,000 messages, with
--full also a million, and traces each into a new case. Over the second pile it also runs the
floor: the libraries alone, in as many processes. Prints the table; --write puts it into
docs/bench.md, between the markers.
"""

import argparse
import itertools
import json
import math
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / ".data" / "package" / "data"
PAGE = ROOT / "docs" / "bench.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"

SIZES, FULL_SIZE = (10_000, 100_000), 1_000_000
PROCESSES = 2
AIM_RATE, AIM_SHARE, AIM_BYTES = 10_000, 0.7, 2_000_000_000
FLAT = 1.25
"""A peak that ten times the mail raises by no more than this counts as flat."""
LIBRARIES = ("pyarrow", "duckdb", "deltalake", "numpy", "selectolax", "rensa", "fast-mail-parser")

_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLE_SECONDS = 0.1
_SAMPLES_A_SLOW_ONE = 5


@dataclass(frozen=True)
class Stage:
    """One stage of a run."""

    name: str
    seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Run:
    """One run over one pile: what it took. `once_bytes`: the peak, shared pages counted once."""

    messages: int
    seconds: float
    stages: tuple[Stage, ...]
    cpu_seconds: float
    peak_bytes: int
    once_bytes: int

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    @property
    def reading_rate(self) -> float:
        """Messages a second, were there nothing to do but to survey and read them."""
        seconds = sum(s.seconds for s in self.stages if s.name in ("survey", "reading"))
        return self.messages / seconds

    @property
    def cost(self) -> float:
        """Microseconds of one core for a message."""
        return self.cpu_seconds / self.messages * 1e6


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="also a million messages")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    # What a child of this program does: trace or floor, over a pile.
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        what, pile = given.child
        print(json.dumps({"trace": run_trace, "floor": run_floor}[what](Path(pile))))
        return
    if not CORPUS.is_dir():
        sys.exit(f"{CORPUS} is not there. `make data` fetches it.")
    sizes = [int(size) for size in given.sizes.split(",")] + [FULL_SIZE] * given.full
    traces: list[Run] = []
    floor = None
    for number, size in enumerate(sizes):
        with tempfile.TemporaryDirectory(prefix="lymer-bench-") as folder:
            pile = Path(folder) / "pile.mbox"
            print(f"stretching to {size:,} messages ...", file=sys.stderr)
            stretch_to(size, pile)
            traces.append(measure("trace", pile))
            if number == min(1, len(sizes) - 1):
                floor = measure("floor", pile)
    assert floor is not None
    text = report(traces, floor)
    print(text)
    if given.write:
        write(PAGE, text)


def stretch_to(size: int, pile: Path) -> None:
    """Real mail, multiplied to `size` messages or a few more."""
    from lymer.lab.stretch import stretch

    count = sum(1 for path in CORPUS.rglob("*.txt"))
    stretch([CORPUS], pile, times=math.ceil(size / count), seed=1)


def measure(what: str, pile: Path) -> Run:
    """Run `what` over `pile` in a process of its own, and watch it and all it starts."""
    print(f"{what} over {pile.stat().st_size / 1e6:,.0f} MB ...", file=sys.stderr)
    command = [sys.executable, __file__, "--child", what, str(pile)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        watch = Watch(child.pid)
        out, _ = child.communicate()
        watch.stop()
    if child.returncode:
        sys.exit(f"{what} failed")
    found = json.loads(out)
    stages = tuple(
        Stage(name, stop - start, watch.peak_between(start, stop))
        for name, start, stop in found["stages"]
    )
    peak = watch.peak_between(0, math.inf)
    return Run(
        found["messages"], found["seconds"], stages, watch.cpu_seconds, peak, watch.once_bytes
    )


class Watch:
    """Samples the memory and processor time of a process and of all below it.

    Memory is the sum of their resident sets: pages that they share count more than once. Less
    often, since the system takes its time for it, the sum of their proportional sets is taken
    (proc(5), smaps_rollup), where a page counts once.
    """

    once_bytes = 0

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._samples: list[tuple[float, int]] = []
        self._ticks: dict[int, int] = {}
        self._is_ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    @property
    def cpu_seconds(self) -> float:
        """Of all processes together, each as last seen."""
        return sum(self._ticks.values()) / _TICKS

    def peak_between(self, start: float, stop: float) -> int:
        """The largest sample between two readings of the system's clock."""
        return max((size for at, size in self._samples if start <= at <= stop), default=0)

    def stop(self) -> None:
        """Sample no more."""
        self._is_ended.set()
        self._thread.join()

    def _sample(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        turns = itertools.count()
        while not self._is_ended.wait(_SAMPLE_SECONDS):
            parents: dict[int, int] = {}
            resident: dict[int, int] = {}
            for path in Path("/proc").glob("[0-9]*/stat"):
                try:
                    fields = path.read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                pid = int(path.parent.name)
                parents[pid] = int(fields[1])
                resident[pid] = int(fields[21]) * page
                if self._is_below(pid, parents):
                    self._ticks[pid] = int(fields[11]) + int(fields[12])
            # Parents have smaller numbers than children but for a wrap: looked at once more.
            below = [pid for pid in resident if self._is_below(pid, parents)]
            self._samples.append((time.monotonic(), sum(resident[pid] for pid in below)))
            if next(turns) % _SAMPLES_A_SLOW_ONE == 0:
                self.once_bytes = max(self.once_bytes, sum(map(_proportional, below)))

    def _is_below(self, pid: int, parents: dict[int, int]) -> bool:
        while pid in parents and pid != self._pid:
            pid = parents[pid]
        return pid == self._pid


def _proportional(pid: int) -> int:
    """The proportional set of a process in bytes; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found.group(1)) << 10 if found else 0


def run_trace(pile: Path) -> dict[str, object]:
    """The whole trace, as the shell runs it, and the seconds of each stage."""
    from lymer.case import Progress, create_case, trace
    from lymer.engine import LocalEngine

    marks: list[tuple[str, float]] = []

    def note(progress: Progress) -> None:
        if not marks or marks[-1][0] != progress.stage:
            marks.append((progress.stage, time.monotonic()))

    case = create_case(pile.parent / "case")
    begun = time.monotonic()
    with LocalEngine(processes=PROCESSES) as engine:
        count = trace(case, [pile], engine=engine, report=note)
    ended = time.monotonic()
    case.close()
    stages = [
        (stage, start, stop)
        for (stage, start), (_, stop) in zip(marks, [*marks[1:], ("", ended)], strict=True)
    ]
    return {"messages": count, "seconds": ended - begun, "stages": stages}


def run_floor(pile: Path) -> dict[str, object]:
    """The libraries alone: each process takes every second message of the pile."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    begun = time.monotonic()
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        counts = list(pool.map(bare_libraries, [pile] * PROCESSES, range(PROCESSES)))
    return {"messages": sum(counts), "seconds": time.monotonic() - begun, "stages": []}


def bare_libraries(pile: Path, turn: int) -> int:
    """What no reader of mail can do without, at the libraries' own speed."""
    import mmap
    from email import message_from_bytes, policy
    from hashlib import sha256

    import numpy as np
    from fast_mail_parser import ParseError, parse_email
    from rensa import RMinHash
    from selectolax.lexbor import LexborHTMLParser
    from xxhash import xxh3_64_intdigest

    link = re.compile(r"https?://[^\s<>\"']+")
    number = done = 0
    flat: list[int] = []
    offsets = [0]
    with pile.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = 0
        while start < len(data):
            end = data.find(b"\n\nFrom ", start)
            end = len(data) if end < 0 else end + 2
            if number % PROCESSES == turn:
                raw = data[data.find(b"\n", start) + 1 : end]
                done += 1
                sha256(raw).hexdigest()
                head, _, _ = raw.partition(b"\n\n")
                [line.partition(b":") for line in head.split(b"\n")]
                try:
                    mail = parse_email(raw)
                    plain, html = list(mail.text_plain), list(mail.text_html)
                except ParseError:
                    plain, html = [], []
                    for part in message_from_bytes(raw, policy=policy.compat32).walk():
                        payload = part.get_payload(decode=True)
                        if part.get_content_maintype() == "text" and isinstance(payload, bytes):
                            texts = html if part.get_content_subtype() == "html" else plain
                            texts.append(payload.decode("latin-1"))
                text = "\n".join(plain)
                for markup in html:
                    body = LexborHTMLParser(markup).body
                    text += body.text() if body is not None else ""
                    link.findall(markup)
                link.findall(text)
                flat += [
                    xxh3_64_intdigest(word.encode("utf-8", "replace")) for word in text.split()
                ]
                offsets.append(len(flat))
                if len(offsets) > 1000:
                    RMinHash.digest_matrix_from_flat_token_hashes(
                        np.array(flat, np.uint64), np.array(offsets, np.uint64), 64, 1
                    ).to_rows()
                    flat, offsets = [], [0]
            number += 1
            start = end
    return done


def growth(traces: Sequence[Run]) -> float | None:
    """Exponent of the seconds over the messages, fitted in logarithms: 1 is a straight line."""
    if len(traces) < 2:
        return None
    xs = [math.log(run.messages) for run in traces]
    ys = [math.log(run.seconds) for run in traces]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum(
        (a - x) ** 2 for a in xs
    )


def report(traces: Sequence[Run], floor: Run) -> str:
    """The tables and what became of the aims, as Markdown."""
    lines = [
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
        + f". {PROCESSES} worker processes.",
        "",
        "| run | messages | seconds | messages/s | core µs a message | peak memory | shared once "
        "| stages |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        *(_row("trace", run) for run in traces),
        _row("floor", floor),
    ]
    beside = next(run for run in traces if run.messages == floor.messages)
    best = max(run.rate for run in traces)
    share, core_share = beside.rate / floor.rate, floor.cost / beside.cost
    peak = max(run.peak_bytes for run in traces)
    path = beside.reading_rate
    exponent = growth(traces)
    last, before = traces[-1], traces[max(len(traces) - 2, 0)]
    rise = last.peak_bytes / before.peak_bytes
    lines += [
        "",
        f"Survey and reading alone, without grouping, go at {path:,.0f} messages/s in the run "
        f"beside the floor: {path / floor.rate:.0%} of its rate.",
        "",
        "| aim | found | |",
        "| --- | --- | --- |",
        f"| {AIM_RATE:,} messages/s | {best:,.0f} | {_word(best >= AIM_RATE)} |",
        f"| {AIM_SHARE:.0%} of the floor's rate | {share:.0%} by the clock, {core_share:.0%} by "
        f"core time | {_word(share >= AIM_SHARE)} |",
        f"| peak memory below {AIM_BYTES / 1e9:.0f} GB | {peak / 1e9:.2f} GB "
        f"| {_word(peak < AIM_BYTES)} |",
    ]
    if exponent is not None:
        lines += [
            f"| flat memory (at most {FLAT:.2f} times for ten times the mail) "
            f"| {rise:.2f} times from {before.messages:,} to {last.messages:,} "
            f"| {_word(rise <= FLAT)} |",
            f"| straight-line growth (exponent at most 1.05) | {exponent:.2f} "
            f"| {_word(exponent <= 1.05)} |",
        ]
    return "\n".join(lines)


def _row(name: str, run: Run) -> str:
    """One line of the table; each stage with its share of the time and its peak."""
    stages = ", ".join(
        f"{stage.name} {stage.seconds:.1f} s ({stage.seconds / run.seconds:.0%}, "
        f"{stage.peak_bytes / 1e9:.1f} GB)"
        for stage in run.stages
    )
    return (
        f"| {name} | {run.messages:,} | {run.seconds:.1f} | {run.rate:,.0f} | {run.cost:.0f} "
        f"| {run.peak_bytes / 1e9:.2f} GB | {run.once_bytes / 1e9:.2f} GB | {stages} |"
    )


def _word(is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def write(page: Path, text: str) -> None:
    """Put `text` between the markers of `page`."""
    head, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{page} has no markers {BEGIN} and {END}")
    page.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
