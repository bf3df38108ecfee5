"""The receiving side: sites with their mail exchangers, relays and traps.

Takes   draws, and the message as the outside hands it over.
Gives   the headers that the site's own hosts put on top.
Never   writes below the boundary: what the sender claimed stays as it came.
"""
