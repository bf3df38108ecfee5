"""Mailing software, honest and not: how a message is built around what it says.

Takes   draws, a template and the context of one message.
Gives   the message as its sender hands it over, headers and body.
Never   stamps what a receiver adds.
"""
