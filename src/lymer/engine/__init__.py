"""FLOOR: who computes.

Takes   a function over Arrow batches, or portable SQL over the store's tables.
Gives   their results in the order of the input, from as many cores as there are.
Never   knows what a message is, reorders results, or lets one batch that kills its worker
        take the others with it.
"""

from lymer.engine.local import LocalEngine, answer, connect
from lymer.engine.protocol import BatchFunction, Engine

__all__ = ["BatchFunction", "Engine", "LocalEngine", "answer", "connect"]
