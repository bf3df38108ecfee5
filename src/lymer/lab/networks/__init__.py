"""Machines: bots with their churning addresses, hosts of other senders, and the flows between.

Takes   draws and address blocks.
Gives   who was live on which day under which address, and flow logs.
Never   an address that could exist.
"""
