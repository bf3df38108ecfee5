"""What workers do in the tests: count, die, hang, raise."""

import os
import signal
import time

import pyarrow as pa

DEADLY = -1
HANGING = -2
RAISING = -3
SLOW = -4


def work(batch: pa.RecordBatch) -> list[tuple[str, int]]:
    """What was seen of each number, unless one of them has its way."""
    numbers = batch.column("number").to_pylist()
    for number in numbers:
        if number == DEADLY:
            os._exit(9)
        if number == HANGING:
            # As code in C does that nobody can interrupt.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)
        if number == RAISING:
            raise ZeroDivisionError("a bug of ours")
        if number == SLOW:
            time.sleep(0.2)
    return [("worked", number) for number in numbers]


def process(batch: pa.RecordBatch) -> int:
    """Whose process it is."""
    time.sleep(0.05)
    return os.getpid()


def rescue(batch: pa.RecordBatch) -> list[tuple[str, int]]:
    """Answers for what cannot be worked on."""
    return [("rescued", number) for number in batch.column("number").to_pylist()]
