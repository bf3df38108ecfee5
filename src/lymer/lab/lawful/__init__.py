"""Mail that nobody was harmed by: people writing to people, shops confirming, lists.

Takes   a plan.
Gives   letters as their senders hand them over.
Never   words that a person wrote.
"""
