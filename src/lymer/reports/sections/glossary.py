"""Appendix: the words of the report."""

from lymer.reports.document import Facts, Section

_WORDS = (
    ("address", "an Internet (IP) address; one machine has many in the course of time"),
    ("Admiralty scale", "grades a source from A to F and what it says from 1 to 6"),
    ("bot", "an infected machine that sends mail without its owner's knowledge"),
    ("botnet", "a pool of bots under one control"),
    ("campaign", "messages made from one template by one engine in one period"),
    ("client", "the machine that handed a message to the first receiver that is trusted"),
    ("confidence", "how good the sources behind a judgement are: low, moderate or high"),
    ("controller", "a machine that gives orders to bots"),
    ("custody chain", "a list of what was done to the evidence, each row hashing the one before"),
    ("defanged", "a link written such that no program opens it: hxxp, dots in brackets"),
    ("dialect", "what a mailing software betrays of itself in the mails that it makes"),
    ("digest", "one hash over the contents of all tables of the case"),
    ("engine", "a mailing software, told by its dialect"),
    ("footprint", "how many different addresses of a botnet were seen"),
    ("hash", "a number made from bytes (SHA-256); other bytes give another one"),
    ("interval, 95 %", "made such that in 95 of 100 cases of this kind it holds the truth"),
    ("likelihood", "how probable a claim is, in the words of ICD 203"),
    ("live", "of a bot: on and ready on a day, whether or not it mails"),
    ("operation", "campaigns that sell for the same"),
    ("spamtrap", "a mail address of nobody, kept to receive spam"),
    ("template", "what the mails of a campaign have in common, with slots for what varies"),
    ("TLP", "Traffic Light Protocol 2.0: to whom this document may be handed on"),
    ("window", "the days for which a number holds"),
)


def glossary() -> Section:
    """The words in the order of the alphabet."""
    return Section("glossary", "Appendix C: glossary", (Facts(_WORDS),))
