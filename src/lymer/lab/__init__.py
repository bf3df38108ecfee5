"""BESIDE THE HOUSE: worlds with a known truth, and the score of a case against it.

Takes   the name of a world, a seed and a scale; or a case and a truth.
Gives   a folder of mail, flows and a captured server with its truth; or a table of measures.
Never   opens a socket, names a real person, host or address, or shares code with the rooms
        it judges.
"""
