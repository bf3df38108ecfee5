"""Patterns built for searching, by an engine whose time is straight-line (RE2)."""

from functools import lru_cache

import re2

# A search keeps what it found out about the pattern, up to megabytes.
_KEPT_SEARCHES = 64
_PATTERN_BYTES = 8 << 20
"""What RE2 and all that is built on it allow a pattern unless told otherwise."""


@lru_cache(maxsize=_KEPT_SEARCHES)
def build(pattern: str) -> "re2._Regexp | None":
    """The search for a pattern; None where RE2 does not take it at its usual memory."""
    options = re2.Options()
    options.max_mem, options.log_errors = _PATTERN_BYTES, False
    try:
        return re2.compile(pattern, options)
    except (re2.error, ValueError):
        return None
    finally:
        # It would keep twice as many itself.
        re2.purge()
