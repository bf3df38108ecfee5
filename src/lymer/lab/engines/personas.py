"""Mail programs that engines pose as (and that honest people use).

A persona is what a pose shows first: the order of the headers, the mailer's name and version,
and the extra headers the program is known for. How well an engine keeps the pose (Message-ID,
boundary, dates) is the engine's own affair.
"""

from dataclasses import dataclass

from lymer.lab.draws import Draw


@dataclass(frozen=True)
class Persona:
    """A pose. `order` names headers; `mailer` is the whole mailer header, empty for none;
    `extras` are fixed headers by name. `msgid` and `boundary` name the program's genuine
    grammar."""

    family: str
    order: tuple[str, ...]
    mailer: str
    extras: dict[str, str]
    genuine: str


_ORDERS = {
    "express": "Message-ID From To Subject Date MIME Content Priority MSPriority Mailer MimeOLE",
    "outlook": "From To Subject Date Message-ID MIME Content Mailer Thread MimeOLE Priority",
    "bat": "Date From Mailer Reply-To Priority Message-ID To Subject MIME Content",
    "thunderbird": "Message-ID Date From Mailer MIME To Subject Content",
    "mozilla": "Message-ID Date From Mailer Lang MIME To Subject Content",
    "notes": "To Subject MIME Mailer Message-ID From Date Content",
    "eudora": "Mailer Priority Date To From Subject MIME Content Message-ID",
    "pegasus": "From Organization To Date MIME Subject Priority Mailer Content Message-ID",
    "apple": "MIME From To Subject Date Message-ID Content Mailer",
    "squirrel": "Message-ID Date Subject From To Mailer MIME Content Priority",
    "horde": "Message-ID Date From To Subject MIME Content Mailer",
    "php": "To Subject From Reply-To Mailer MIME Content Message-ID Date",
    "webmail": "Message-ID Date From Subject To MIME Content Mailer",
    "bare": "From To Subject Date Message-ID MIME Content",
    "phone": "Content MIME From Subject Date Message-ID To Mailer",
    "outlook16": "From To Subject Thread Date Message-ID Lang Content MIME",
    "roundcube": "MIME Date From To Subject Mailer Message-ID Content",
}

OLD = [
    "express",
    "express",
    "express",
    "outlook",
    "outlook",
    "bat",
    "bat",
    "thunderbird",
    "mozilla",
    "notes",
    "eudora",
    "pegasus",
    "apple",
    "squirrel",
    "horde",
    "php",
    "webmail",
    "bare",
]
MODERN = "outlook16 phone apple thunderbird roundcube php bare webmail horde".split()  # noqa: SIM905


def draw_persona(draw: Draw, family: str) -> Persona:
    """A persona of the family, with its own version numbers and extra headers."""
    order = _ORDERS[family].split()
    build = f"{draw.pick((2600, 2800, 2900, 3790))}.{draw.whole(100, 3700)}"
    mailer, extras = "", {}
    if family == "express":
        version = draw.pick(
            (f"6.00.{build}", f"5.50.{draw.whole(4100, 4960)}.{draw.pick((100, 1700, 2200))}")
        )
        mailer = f"X-Mailer: Microsoft Outlook Express {version}"
        # Engines draw the two numbers apart; the real program never differs.
        ole = version if draw.chance(0.5) else f"6.00.2900.{draw.whole(2000, 3700)}"
        extras = {
            "Priority": "X-Priority: 3",
            "MSPriority": "X-MSMail-Priority: Normal",
            "MimeOLE": f"X-MimeOLE: Produced By Microsoft MimeOLE V{ole}",
        }
    elif family == "outlook":
        mailer = "X-Mailer: Microsoft " + draw.pick(
            (
                f"Office Outlook, Build 11.0.{draw.whole(5510, 8000)}",
                "Office Outlook 12.0",
                f"Outlook, Build 10.0.{draw.whole(2616, 6838)}",
                f"Outlook IMO, Build 9.0.{draw.whole(2416, 6604)} (9.0.{draw.whole(2910, 6604)}.0)",
            )
        )
        extras = {"MimeOLE": f"X-MimeOLE: Produced By Microsoft MimeOLE V6.00.{build}"}
        if draw.chance(0.6):
            extras["Thread"] = (
                "Thread-Index: Ac" + draw.letters(26, "ABCDEFabcdef0123456789") + "=="
            )
    elif family == "bat":
        mailer = (
            "X-Mailer: The Bat! (v"
            + draw.pick(
                (
                    f"{draw.whole(1, 3)}.{draw.whole(0, 99):02d}",
                    f"3.{draw.whole(0, 99):02d}.{draw.whole(1, 14):02d}",
                )
            )
            + draw.pick((") Professional", ") Home", ") Educational", ") UNREG", ")"))
        )
        extras = {"Priority": "X-Priority: 3 (Normal)"}
    elif family in {"thunderbird", "mozilla"}:
        mailer = f"User-Agent: Thunderbird 1.{draw.pick((0, 5))}.0.{draw.whole(2, 14)} (Windows/2006{draw.whole(1, 12):02d}{draw.whole(1, 28):02d})"
        if family == "mozilla":
            mailer = f"User-Agent: Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.{draw.whole(4, 8)}) Gecko/2006{draw.whole(1, 12):02d}{draw.whole(1, 28):02d}"
            extras = {"Lang": "X-Accept-Language: en-us, en"}
    elif family == "notes":
        mailer = f"X-Mailer: Lotus Notes Release {draw.pick(('5.0.11', '6.5.4', '7.0.2'))}   June {draw.whole(1, 28):02d}, 2005"
    elif family == "eudora":
        mailer = f"X-Mailer: QUALCOMM Windows Eudora Version {draw.whole(5, 7)}.{draw.whole(0, 2)}"
    elif family == "pegasus":
        mailer = f"X-mailer: Pegasus Mail for Windows (4.{draw.whole(0, 4)}{draw.pick('abc1')})"
        extras = {"Priority": "Priority: normal"}
    elif family == "apple":
        mailer = f"X-Mailer: Apple Mail (2.{draw.whole(600, 1300)}.{draw.whole(1, 9)})"
    elif family == "squirrel":
        mailer = f"User-Agent: SquirrelMail/1.4.{draw.whole(2, 11)}"
        extras = {"Priority": "X-Priority: 3 (Normal)"}
    elif family == "horde":
        mailer = f"User-Agent: Internet Messaging Program (IMP) H3 (4.{draw.whole(0, 3)}.{draw.whole(1, 9)})"
    elif family == "php":
        mailer = f"X-Mailer: {draw.pick(('PHP', 'PHPMailer', 'PHP script'))}/{draw.whole(4, 7)}.{draw.whole(0, 4)}.{draw.whole(0, 30)}"
    elif family == "webmail":
        mailer = f"X-Mailer: {draw.pick(('WebMail', 'Web Interface', 'Open Webmail'))} {draw.whole(1, 9)}.{draw.whole(10, 99)}"
    elif family == "phone":
        mailer = f"X-Mailer: Phone Mail ({draw.whole(15, 21)}{draw.pick('ABCDEFG')}{draw.whole(10, 400)})"
    elif family == "outlook16":
        extras = {
            "Thread": "Thread-Index: AQ" + draw.letters(22, "ABCDEFabcdef0123456789"),
            "Lang": "Accept-Language: en-US\nContent-Language: en-US",
        }
    elif family == "roundcube":
        mailer = f"User-Agent: Roundcube Webmail/1.{draw.whole(2, 6)}.{draw.whole(0, 11)}"
    return Persona(family, tuple(order), mailer, extras, family)
