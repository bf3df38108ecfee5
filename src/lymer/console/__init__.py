"""WINDOW: the browser.

Takes   an open case.
Gives   pages on the loopback address, each with an address that can be cited.
Never   runs, fetches or trusts anything of a message; never computes findings of its own.
"""
