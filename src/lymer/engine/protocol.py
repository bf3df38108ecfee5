"""What an engine is: one plan, whoever carries it out."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

import pyarrow as pa

Result = TypeVar("Result")

# Picklable and free of side effects but for the files it stages: it may run twice.
BatchFunction = Callable[[pa.RecordBatch], Result]


class Engine(Protocol):
    """Carries a function over batches."""

    def prepare(self, work: type) -> None:
        """Load what functions of a class need, while the caller does something else."""
        ...

    def map(
        self,
        function: BatchFunction[Result],
        batches: Iterable[pa.RecordBatch],
        *,
        rescue: BatchFunction[Result],
    ) -> Iterator[list[Result]]:
        """For every batch, in order, the results of `function` over it.

        That is one result, or several where a batch had to be cut: a batch that kills or hangs
        its worker is halved until the row that does it stands alone, and `rescue` answers for
        that row. An exception of `function` is a bug of ours and is raised.
        """
        ...
