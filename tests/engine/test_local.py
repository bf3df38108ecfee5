"""This machine's engine: order, and what becomes of batches that kill or hang their worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from batch_work import DEADLY, HANGING, RAISING, SLOW, process, rescue, work

from lymer.engine import LocalEngine
from lymer.engine.local import Patience

SHORT = Patience(base_seconds=1.5, seconds_per_row=0, seconds_per_mebibyte=0)


def batches(*numbers: Sequence[int]) -> Iterator[pa.RecordBatch]:
    for one in numbers:
        yield pa.RecordBatch.from_pydict({"number": list(one)})


def run(engine: LocalEngine, *numbers: Sequence[int]) -> list[list[tuple[str, int]]]:
    """For each batch, what came of its rows."""
    return [
        [row for result in results for row in result]
        for results in engine.map(work, batches(*numbers), rescue=rescue)
    ]


def worked(*numbers: int) -> list[tuple[str, int]]:
    return [("worked", number) for number in numbers]


def test_results_come_in_the_order_of_the_batches() -> None:
    with LocalEngine(2) as engine:
        given = [[SLOW, 0], [1], [2, 3], [SLOW], [4], *([n] for n in range(5, 40))]
        assert run(engine, *given) == [worked(*one) for one in given]


def test_no_batches() -> None:
    with LocalEngine(2) as engine:
        assert run(engine) == []


def test_the_work_that_was_prepared_is_done() -> None:
    with LocalEngine(2) as engine:
        engine.prepare(Patience)
        assert run(engine, [1], [2]) == [worked(1), worked(2)]


def test_work_is_done_by_other_processes() -> None:
    with LocalEngine(2) as engine:
        given = batches(*([n] for n in range(12)))
        pids = {pid for results in engine.map(process, given, rescue=process) for pid in results}
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_the_source_is_read_no_further_than_needed() -> None:
    taken = 0

    def source() -> Iterator[pa.RecordBatch]:
        nonlocal taken
        for batch in batches(*([n] for n in range(100))):
            taken += 1
            yield batch

    with LocalEngine(2) as engine:
        for done, _ in enumerate(engine.map(work, source(), rescue=rescue), 1):
            assert taken <= done + 2 * engine.processes


@pytest.mark.parametrize(("deed", "patience"), [(DEADLY, None), (HANGING, SHORT)])
def test_only_the_guilty_row_is_lost(deed: int, patience: Patience | None) -> None:
    given = [[0, 1], [2, 3, deed, 4, 5], [6], [7, 8]]
    with LocalEngine(2, patience) as engine:
        found = run(engine, *given)
    assert found == [
        worked(0, 1),
        [*worked(2, 3), ("rescued", deed), *worked(4, 5)],
        worked(6),
        worked(7, 8),
    ]


def test_several_guilty_rows_at_both_ends() -> None:
    with LocalEngine(2) as engine:
        found = run(engine, [DEADLY, 1, 2, DEADLY], [DEADLY], [3])
    lost = ("rescued", DEADLY)
    assert found == [[lost, *worked(1, 2), lost], [lost], worked(3)]


def test_a_bug_of_ours_is_raised() -> None:
    with LocalEngine(2) as engine, pytest.raises(ZeroDivisionError, match="a bug of ours"):
        run(engine, [1], [RAISING], [2])


def test_the_engine_works_on_after_an_error() -> None:
    with LocalEngine(2) as engine:
        with pytest.raises(ZeroDivisionError):
            run(engine, [RAISING])
        assert run(engine, [1]) == [worked(1)]


PROGRAM = """
import sys, time
sys.path.insert(0, {here!r})
import pyarrow as pa
from batch_work import process, rescue, work, HANGING
from lymer.engine import LocalEngine

def numbers():
    for number in range(3):
        yield pa.RecordBatch.from_pydict({{"number": [number]}})
    yield pa.RecordBatch.from_pydict({{"number": [HANGING]}})

if __name__ == "__main__":
    try:
        with LocalEngine(2) as engine:
            pids = set()
            for results in engine.map(process, list(numbers())[:3], rescue=process):
                pids.update(results)
            print(*pids, flush=True)
            for results in engine.map(work, numbers(), rescue=rescue):
                print("got", flush=True)
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie is dead too.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_interrupt_stops_the_workers_even_one_that_hangs(tmp_path: Path) -> None:
    """Ctrl-C goes to the whole process group, as a terminal sends it."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(here=str(Path(__file__).parent)))
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        pids = [int(pid) for pid in running.stdout.readline().split()]
        assert pids
        for _ in range(3):
            assert running.stdout.readline() == "got\n"
        os.killpg(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert out == "stopped\n", err
    assert running.returncode == 0
    for _ in range(100):
        if not any(map(is_alive, pids)):
            break
        time.sleep(0.05)
    assert not any(map(is_alive, pids))


def test_patience_grows_with_the_batch() -> None:
    patience = Patience()
    one = pa.RecordBatch.from_pydict({"raw": [b"x"]})
    large = pa.RecordBatch.from_pydict({"raw": [b"x" * (10 << 20)] * 3})
    many = pa.RecordBatch.from_pydict({"raw": [b"x"] * 10_000})
    assert patience.for_batch(one) >= patience.base_seconds
    assert patience.for_batch(large) > patience.for_batch(one) + 50
    assert patience.for_batch(many) > patience.for_batch(one) + 90
