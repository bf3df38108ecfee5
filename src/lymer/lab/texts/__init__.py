"""What the mail of a world says.

Takes   draws and the invented names of a world.
Gives   templates (as trees, as fast renderers, in a macro language) and sentences.
Never   text that somebody else wrote.
"""
