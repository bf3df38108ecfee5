"""This machine: a process for each core, and DuckDB for SQL."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from lymer.engine.protocol import BatchFunction, Result
from lymer.store import Store

# Objects made, less objects freed, before a worker looks for dead cycles.
_LIVE_OBJECTS = 200_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a batch may take before its worker counts as hung.

    A mail takes 0.2 ms and a megabyte 30 ms (docs/bench.md); these are fifty times as much.
    """

    base_seconds: float = 10.0
    seconds_per_row: float = 0.01
    seconds_per_mebibyte: float = 2.0

    def for_batch(self, batch: pa.RecordBatch) -> float:
        """Seconds that `batch` may take."""
        mebibytes = batch.nbytes / 2**20
        return float(
            self.base_seconds
            + self.seconds_per_row * batch.num_rows
            + self.seconds_per_mebibyte * mebibytes
        )


class LocalEngine:
    """A pool of worker processes. Use as a context manager."""

    def __init__(self, processes: int | None = None, patience: Patience | None = None) -> None:
        self.processes = processes or os.cpu_count() or 1
        self._patience = patience or Patience()
        # A server process forks the workers: quick as fork, and it has no threads to lose.
        self._context = multiprocessing.get_context("forkserver")
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def prepare(self, work: type) -> None:
        """See `Engine.prepare`."""
        # The server imports what the work needs, once; its workers are then there in no time.
        self._context.set_forkserver_preload([work.__module__])
        with _main_unseen():
            forkserver.ensure_running()

    def map(
        self,
        function: BatchFunction[Result],
        batches: Iterable[pa.RecordBatch],
        *,
        rescue: BatchFunction[Result],
    ) -> Iterator[list[Result]]:
        """See `Engine.map`. At most two batches a process are in memory."""
        # Those of a map that nobody drained would go on with its function.
        self._stop()
        waiting: deque[tuple[pa.RecordBatch, Future[Result]]] = deque()
        source = iter(batches)
        is_drained = False
        while True:
            while not is_drained and len(waiting) < self.processes + 1:
                batch = next(source, None)
                if batch is None:
                    is_drained = True
                    break
                waiting.append((batch, self._submit(function, batch)))
            if not waiting:
                # The workers go: the next step can use the memory that they hold.
                self._stop()
                return
            batch, future = waiting.popleft()
            result = self._wait(batch, future)
            if result is not None:
                yield [result]
                continue
            # The pool is gone, and with it what the others had begun.
            yield self._isolate(function, batch, rescue)
            waiting = deque((b, self._submit(function, b)) for b, _ in waiting)

    def _submit(self, function: BatchFunction[Result], batch: pa.RecordBatch) -> "Future[Result]":
        if self._pool is None:
            self.prepare(type(function))
            # A function may carry much: each worker is given it once, not with every batch.
            self._pool = ProcessPoolExecutor(
                self.processes,
                mp_context=self._context,
                initializer=_begin_work,
                initargs=(function,),
            )
        try:
            with _main_unseen():
                return self._pool.submit(_work, batch)
        except BrokenProcessPool:
            self._stop()
            return self._submit(function, batch)

    def _wait(self, batch: pa.RecordBatch, future: "Future[Result]") -> Result | None:
        """The result, or None when the worker died or hung; then the pool is stopped."""
        try:
            return future.result(timeout=self._patience.for_batch(batch))
        except (BrokenProcessPool, FutureTimeoutError):
            self._stop()
            return None

    def _isolate(
        self,
        function: BatchFunction[Result],
        batch: pa.RecordBatch,
        rescue: BatchFunction[Result],
    ) -> list[Result]:
        """Halve a batch that fails until the row that does it stands alone."""
        if batch.num_rows <= 1:
            # Once more by itself: the worker may have died of another batch.
            result = self._wait(batch, self._submit(function, batch))
            return [rescue(batch) if result is None else result]
        half = batch.num_rows // 2
        results: list[Result] = []
        for part in (batch.slice(0, half), batch.slice(half)):
            # A slice travels with the buffers of the whole; a copy of its own does not.
            own = pa.RecordBatch.from_pylist(part.to_pylist(), schema=batch.schema)
            result = self._wait(own, self._submit(function, own))
            results += self._isolate(function, own, rescue) if result is None else [result]
        return results

    def _stop(self) -> None:
        """End the workers at once, also those that hang."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _main_unseen() -> Iterator[None]:
    """Let workers start without the caller's script.

    They import what they are sent by its name. To run the script again would be slow, and one
    without a guard for its main part would start workers of its own, without an end.
    """
    main = sys.modules["__main__"]
    seen = {name: getattr(main, name, None) for name in ("__file__", "__spec__")}
    for name in seen:
        setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in seen.items():
            setattr(main, name, value)


_function: BatchFunction[Any]


def _work(batch: pa.RecordBatch) -> Any:
    return _function(batch)


def _begin_work(function: BatchFunction[Any]) -> None:
    """Make this process a worker that does `function`."""
    global _function
    _function = function
    # Ctrl-C is for the main process, which then stops its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_main, daemon=True).start()
    # A batch makes hundreds of thousands of objects that all live until it ends. To look among
    # them for dead cycles at Python's own pace takes a sixth of a worker's time.
    gc.set_threshold(_LIVE_OBJECTS)


def _end_with_main() -> None:
    """End this worker when the main process is killed: it would wait for work for ever."""
    main = multiprocessing.parent_process()
    if main is not None:
        main.join()
        os._exit(1)


def answer(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, Any] | None = None,
) -> pa.Table:
    """The whole answer to one query as Arrow. `parameters` fill its $names."""
    found = connection.sql(query, params=dict(parameters) if parameters else None)
    return found.to_arrow_table()


def connect(
    store: Store, *, memory_bytes: int = 1_000_000_000, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with a view of every table of `store` at its snapshot.

    It holds nothing of its own and reaches nothing: no file but the tables', no network.
    """
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": f"{memory_bytes // 1_000_000}MB",
            "temp_directory": str(spill or store.folder.parent / ".spill"),
            "threads": str(os.cpu_count() or 1),
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    # DuckDB would draw a bar of its own onto the answer.
    connection.execute("SET enable_progress_bar = false")
    allowed: list[str] = []
    for table in store.tables.values():
        files = store.files(table)
        allowed += files
        if files:
            names = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
            connection.execute(
                f'CREATE VIEW "{table.name}" AS SELECT * FROM read_parquet([{names}])'
            )
        else:
            empty = pa.Table.from_batches([table.empty()])
            connection.register(f"{table.name}__empty", empty)
            connection.execute(f'CREATE VIEW "{table.name}" AS SELECT * FROM "{table.name}__empty"')
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in allowed)
    connection.execute(f"SET allowed_paths = [{listed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
