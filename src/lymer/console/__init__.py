"""WINDOW: the browser.

Takes   the folder of a case, and who may look.
Gives   pages on the loopback address, each with an address that can be cited, and the same as JSON.
Never   runs, fetches or trusts anything of a message; never computes findings of its own.
"""

from lymer.console.app import make_app
from lymer.console.guard import Access
from lymer.console.prepared import ConsoleRule

__all__ = ["Access", "ConsoleRule", "make_app"]
