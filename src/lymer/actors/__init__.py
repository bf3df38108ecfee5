"""ROOM 6: who may stand behind it.

Takes   campaigns, botnets and what captured servers hold.
Gives   actors, claims with what supports and contradicts them, and the verdict.
Never   states a fact: only claims, graded; what a mail praises is no evidence against anyone.
"""
