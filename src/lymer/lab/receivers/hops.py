"""How mail transfer agents write Received lines.

Each family is a function of one hop. The wordings follow what the programs are publicly known to
write; versions, queue ids and folding are drawn.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from lymer.lab.draws import Draw
from lymer.lab.texts.template import Context, Noise


@dataclass(slots=True)
class Hop:
    """One hand-over, as its receiving host saw it."""

    helo: str
    reverse: str
    """Reverse name, empty if there is none."""
    ip: str
    by: str
    by_ip: str
    rcpt: str
    mail_from: str
    at: float
    queue: str
    """A long random text to cut queue ids from (letters and digits)."""
    number: int


Writer = Callable[[Hop], str]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def stamp(at: float, zone: str, seconds: int) -> str:
    """An RFC 2822 date in a zone."""
    t = time.gmtime(at + seconds)
    return (
        f"{_DAYS[t.tm_wday]}, {t.tm_mday} {_MONTHS[t.tm_mon - 1]} {t.tm_year} "
        f"{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d} {zone}"
    )


def edge_writer(draw: Draw, family: str) -> Writer:
    """A writer for mail that comes in over SMTP."""
    zone, seconds = draw.pick((("+0000", 0), ("-0500", -18000), ("+0100", 3600), ("-0700", -25200)))
    comment = draw.pick(
        ("", "", " (GMT)" if zone == "+0000" else " (EST)" if zone == "-0500" else "")
    )

    def when(hop: Hop) -> str:
        return stamp(hop.at, zone, seconds) + comment

    if family == "postfix":
        protocol = draw.pick(("ESMTP", "SMTP"))
        return lambda h: (
            f"Received: from {h.helo} ({h.reverse or 'unknown'} [{h.ip}])\n\tby {h.by} (Postfix) "
            f"with {protocol} id {h.queue[:10].upper()}\n\tfor <{h.rcpt}>; {when(h)}\n"
        )
    if family == "sendmail":
        version = f"8.{draw.whole(11, 14)}.{draw.whole(0, 8)}"
        forged = draw.chance(0.5)

        def sendmail(h: Hop) -> str:
            peer = f"{h.reverse} [{h.ip}]" if h.reverse else f"[{h.ip}]"
            if forged and h.reverse and h.reverse != h.helo:
                peer += " (may be forged)"
            return (
                f"Received: from {h.helo} ({peer})\n\tby {h.by} ({version}/{version}) with ESMTP "
                f"id l{h.queue[:6].upper()}{h.number:08d}\n\tfor <{h.rcpt}>; {when(h)}\n"
            )

        return sendmail
    if family == "exim":
        version = f"4.{draw.whole(30, 69)}"

        def exim(h: Hop) -> str:
            peer = f"{h.reverse} ([{h.ip}] helo={h.helo})" if h.reverse else ""
            return (
                f"Received: from {peer or f'[{h.ip}] (helo={h.helo})'}\n\tby {h.by} with esmtp "
                f"(Exim {version})\n\t(envelope-from <{h.mail_from}>)\n\t"
                f"id 1{h.queue[:5]}-{h.queue[5:11]}-{h.queue[11:13]}\n\tfor {h.rcpt}; {when(h)}\n"
            )

        return exim
    if family == "qmail":
        return lambda h: (
            f"Received: from {h.reverse or 'unknown'} (HELO {h.helo}) ({h.ip})\n  by {h.by} with "
            f"SMTP; {stamp(h.at, '-0000', 0)}\n"
        )
    if family == "exchange":
        build = f"6.0.3790.{draw.whole(1000, 4000)}"
        return lambda h: (
            f"Received: from {h.helo} ([{h.ip}]) by {h.by} with Microsoft SMTPSVC({build});\n\t "
            f"{when(h)}\n"
        )
    if family == "exchange15":
        build = f"15.20.{draw.whole(4000, 7800)}.{draw.whole(10, 40)}"
        return lambda h: (
            f"Received: from {h.helo} ({h.ip})\n by {h.by} ({h.by_ip}) with Microsoft SMTP Server "
            f"(version=TLS1_2,\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id {build}; "
            f"{when(h)}\n"
        )
    if family == "cloud":
        return lambda h: (
            f"Received: from {h.helo} ({f'{h.reverse}. ' if h.reverse else ''}[{h.ip}])\n        "
            f"by {h.by} with ESMTPS id {h.queue[:12]}-20020a05{h.number:06d}\n        for "
            f"<{h.rcpt}>\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\n"
            f"        {stamp(h.at, '-0800', -28800)} (PST)\n"
        )
    if family == "communigate":
        return lambda h: (
            f"Received: from [{h.ip}] (HELO {h.helo})\n  by {h.by} (CommuniGate Pro SMTP "
            f"4.3.{h.number % 10})\n  with ESMTP id {h.number} for {h.rcpt}; {when(h)}\n"
        )
    if family == "comment":
        return lambda h: (
            f"Received: from {h.helo} (peer {h.ip} name {h.reverse or '-'})\n\tby {h.by} via smtp "
            f"{h.queue[:8]}; {when(h)}\n"
        )
    if family == "port":
        return lambda h: (
            f"Received: from {h.helo} ([{h.ip}:{1024 + h.number % 60000}]"
            f"{f' rdns={h.reverse}' if h.reverse else ''})\n\tby {h.by} ({h.by_ip}:25) with esmtp"
            f"\n\tid <{h.queue[:16]}>; {when(h)}\n"
        )
    raise ValueError(f"no such family: {family}")


EDGES = ("postfix", "postfix", "sendmail", "exim", "qmail", "exchange")
MODERN_EDGES = ("postfix", "exim", "exchange15", "cloud", "postfix")
UNSEEN_EDGES = ("communigate", "comment", "port")


def inside_writer(draw: Draw, family: str) -> Writer:
    """A writer for what happens inside one host: filters, spools, mailbox delivery, pickup."""
    version = f"{draw.whole(2, 6)}.{draw.whole(0, 9)}.{draw.whole(0, 14)}"
    user = draw.whole(100, 1200)
    zone, seconds = draw.pick((("+0000", 0), ("-0500", -18000), ("+0200", 7200)))

    def when(hop: Hop) -> str:
        return stamp(hop.at, zone, seconds)

    if family == "amavis":
        return lambda h: (
            f"Received: from localhost (localhost [127.0.0.1])\n\tby {h.by} (Postfix) with ESMTP "
            f"id {h.queue[:11].upper()}\n\tfor <{h.rcpt}>; {when(h)}\n"
            f"Received: from {h.by} ([127.0.0.1])\n\tby localhost ({h.by} [127.0.0.1]) "
            f"(amavisd-new, port 10024)\n\twith ESMTP id {h.queue[11:17]}-{h.number % 20:02d} for "
            f"<{h.rcpt}>;\n\t{when(h)}\n"
        )
    if family == "lmtp":
        return lambda h: (
            f"Received: from {h.by} ([unix socket])\n\t by {h.by} (Cyrus v{version}) with LMTPA;"
            f"\n\t {when(h)}\n"
        )
    if family == "fetchmail":
        return lambda h: (
            f"Received: from {h.by} [{h.by_ip}]\n\tby localhost with POP3 (fetchmail-6.{user % 4}."
            f"{user % 9})\n\tfor <{h.rcpt.split('@')[0]}@localhost> (single-drop); {when(h)}\n"
        )
    if family == "local":
        return lambda h: (
            f"Received: by {h.by} (Postfix, from userid {user})\n\tid {h.queue[:10].upper()}; "
            f"{when(h)}\n"
        )
    if family == "qmail-queue":
        return lambda h: (
            f"Received: (qmail {h.number % 32000} invoked by uid {user}); "
            f"{stamp(h.at, '-0000', 0)}\n"
        )
    return lambda _: ""


INSIDES = ("amavis", "lmtp", "fetchmail", "local", "qmail-queue", "none", "none")

QUEUE_ROOM = 64


def queue_text(ctx: Context, noise: Noise) -> str:
    """Sixty-four letters and digits for queue ids."""
    start = int(ctx.random.random() * (len(noise.base64) - QUEUE_ROOM - 1))
    return noise.base64[start : start + QUEUE_ROOM].replace("+", "5").replace("/", "6")
