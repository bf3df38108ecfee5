"""FLOOR: where tables rest.

Takes   batches of declared tables, staged as Parquet files by any process.
Gives   Delta tables in one folder, read at a snapshot that is consistent over all of them.
Never   interprets a row, computes, or shows half of a commit: the ledger names the snapshot,
        so a kill at any moment leaves the last whole one.
"""

from lymer.store.delta import Staged, Store, stage
from lymer.store.ledger import Ledger
from lymer.store.refusals import naming_refusals

__all__ = ["Ledger", "Staged", "Store", "naming_refusals", "stage"]
