# ruff: noqa: E501
"""A small invented story of mail, and the server behind it written down in quite different ways.

What is ordered, by whom, from which templates to which lists is the same each time; no two layouts
share a file name, table, column, language, macro syntax, time or number format.
"""

import gzip
import json
import random
import sqlite3
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

BEGIN = datetime(2009, 3, 2, tzinfo=UTC)
# Sentences whose slots have alternatives, one list a campaign.
_TEXTS = {
    "watch": (
        "Fine {watches|clocks|timepieces} for {you|your wife|your friends}",
        "The {finest|best known|most admired} makers of Switzerland {sent|gave} us their "
        "{overstock|last season} for a {week|month}.",
        "Every {piece|model} comes with its {box|papers} and a {polished|engraved} case.",
        "{Look at|See|Visit} the gallery at http://tick-{word}.example/ {today|now}",
    ),
    "pills": (
        "{Licensed|Trusted} pharmacy, {lower|lowest} prices",
        "Your {doctor|physician} need not know: our {chemists|pharmacists} answer by night too.",
        "{Tablets|Capsules} are shipped in plain {boxes|parcels} within {two|three} days.",
        "No {waiting room|queue}, no {letter|form}, and every {strip|bottle} bears its seal.",
        "Heart, sleep or {allergy|headache}: the {leaflet|booklet} tells you what helps {whom|when}.",
        "{Order|Begin} here: http://pill-{word}.test/order",
    ),
    "degree": (
        "A {diploma|degree} without {lectures|exams}",
        "Does a missing {title|certificate} hold back your career? Nobody is {refused|turned away}.",
        "{Bachelor|Master} or doctor, by your {life|work} experience alone.",
        "{Call|Ring} our registrar, {day|night} or weekend: 206-555-0{word}",
    ),
    "stock": (
        "{Hot|Quiet} {pick|tip} before the bell",
        "Northern {Copper|Lithium} Holdings will {drill|dig} in the spring, insiders say.",
        "Analysts {expect|foresee} that shares will {double|triple} by {Friday|Monday}.",
        "Read {the news|all of it} and set your broker on NCHX {at once|first thing}.",
    ),
    "casino": (
        "{Roulette|Poker} at your desk",
        "We {match|double} what you pay in, up to {five|six} hundred, on the first evening.",
        "Cards are {dealt|shuffled} by hand before a {camera|witness}, never by a machine.",
        "Winnings are {paid|sent} on the same night, and {nobody|no one} asks where you live.",
        "Bring {a friend|your cousin} and both of you get {twenty|thirty} spins of the great wheel.",
        "Sit down at http://spin-{word}.example/table",
    ),
    "job": (
        "{Agents|Clerks} wanted, {no|little} experience",
        "A {trading|shipping} house of the Baltic seeks {honest|diligent} people with a bank account.",
        "Forward {payments|transfers} from home and keep {eight|ten} in every hundred.",
        "Write with your {age|town} and telephone to desk-{word}@hire.example",
    ),
}


@dataclass
class Job:
    """An order of the story."""

    number: int
    account: str
    theme: str
    listing: str
    start: datetime
    end: datetime
    targets: int
    sent: int
    accepted: int
    price: float
    part: int = 0
    nodes: list[int] = field(default_factory=list)


ACCOUNTS = {"grobian": "admin", "fuchs_7": "user", "m.alkus": "user", "tanne22": "user"}
OPERATOR = "grobian"
_ORDERS = (
    # number, account, theme, list, first day, days, targets
    (4101, "fuchs_7", "watch", "west", 0, 3, 410_000),
    (4102, "fuchs_7", "pills", "east", 1, 4, 1_250_000),
    (4105, "m.alkus", "degree", "west", 2, 3, 385_500),
    (4107, "tanne22", "stock", "small", 4, 2, 52_310),
    (4108, "m.alkus", "casino", "east", 5, 4, 1_199_000),
    (4111, "tanne22", "job", "small", 6, 3, 49_870),
    (4114, "fuchs_7", "stock", "west", 9, 3, 402_200),
)


class Story:
    """Jobs, nodes and the mails that came of them."""

    def __init__(self, seed: int = 5) -> None:
        self.source = random.Random(seed)
        source = self.source
        self.jobs = []
        for number, account, theme, listing, day, days, targets in _ORDERS:
            sent = int(targets * source.uniform(0.7, 0.95))
            start = BEGIN + timedelta(days=day, minutes=source.randint(0, 500))
            self.jobs.append(
                Job(
                    number, account, theme, listing, start,
                    start + timedelta(days=days, minutes=-source.randint(0, 300)),
                    targets, sent, int(sent * source.uniform(0.3, 0.7)),
                    round(targets * source.uniform(0.00008, 0.0002), 2),
                    nodes=sorted(source.sample(range(120), 40)),
                )
            )  # fmt: skip
        self.node_ids = [f"{source.getrandbits(48):012x}" for _ in range(120)]
        self.home = [f"198.18.{n // 100}.{n % 100 + 20}" for n in range(120)]
        self.traps = [f"box{n}@trap.example" for n in range(12)]
        self.lists = {
            name: sorted(
                {f"{_word(source)}{source.randint(1, 99)}@{_word(source)}.test" for _ in range(600)}
                | set(self.traps[start:end])
            )
            for name, start, end in (("west", 0, 8), ("east", 4, 12), ("small", 2, 5))
        }
        for people in self.lists.values():
            source.shuffle(people)
        self.payments = [
            (job.account, job.price, source.choice(("wire", "in part", "")), job.start - timedelta(hours=30))
            for job in self.jobs
        ]  # fmt: skip
        self.reports = sorted(

                (
                    job.start + (job.end - job.start) * source.random(), node, job.number,
                    source.randint(0, 4000), source.randint(0, 900),
                )
                for job in self.jobs for node in job.nodes for _ in range(3)

        )  # fmt: skip
        self.visits = sorted(
            (BEGIN + timedelta(minutes=source.randint(0, 15000)), name, f"203.0.113.{n + 10}")
            for n, name in enumerate(ACCOUNTS)
            for _ in range(25)
        )

    def write_mail(self, path: Path, each: int = 36) -> Path:
        """What the traps received of it."""
        source = self.source
        mails = []
        for job in self.jobs:
            reached = [t for t in self.traps if t in self.lists[job.listing]]
            for _ in range(each):
                at = job.start + (job.end - job.start) * source.random()
                subject, *body = (self._spin(line) for line in _TEXTS[job.theme])
                client = self.home[source.choice(job.nodes)]
                mails.append((at, _mail(source, at, client, source.choice(reached), subject, body)))
        mails.sort()
        path.write_bytes(
            b"".join(b"From x Mon Mar  2 10:00:00 2009\n" + m + b"\n" for _, m in mails)
        )
        return path

    def _spin(self, line: str) -> str:
        source = self.source
        out = ""
        while "{" in line:
            before, _, rest = line.partition("{")
            inner, _, line = rest.partition("}")
            value = (
                f"{source.randint(100, 999)}"
                if inner == "word"
                else source.choice(inner.split("|"))
            )
            out += before + value
        return out + line


def template(theme: str, opening: str, between: str, closing: str, word: str) -> tuple[str, str]:
    """Subject and text of a template in a macro language of one's own."""
    lines = []
    for line in _TEXTS[theme]:
        line = line.replace("{word}", "\0")
        line = line.replace("{", opening).replace("|", between).replace("}", closing)
        lines.append(line.replace("\0", word))
    return lines[0], "\n".join(lines[1:])


def _word(source: random.Random) -> str:
    return "".join(source.choice("bdfgklmnprst") + source.choice("aeiou") for _ in range(3))


def _mail(
    source: random.Random, at: datetime, client: str, to: str, subject: str, body: list[str]
) -> bytes:
    when = format_datetime(at)
    text = "\n\n".join(body)
    return (
        f"Received: from pc{source.randint(1, 9999)} (unknown [{client}])\n\tby mx.trap.example "
        f"(Postfix) with SMTP id {source.getrandbits(32):08X}\n\tfor <{to}>; {when}\n"
        f"From: <{_word(source)}@{_word(source)}.example>\nTo: {to}\nSubject: {subject}\n"
        f"Message-ID: <{source.getrandbits(64):016x}@pc.example>\nDate: {when}\n\n{text}\n"
    ).encode()


def postgres(story: Story, folder: Path) -> Path:
    """A COPY dump in a tar's place, PHP templates by file name, packed lists, a syslog."""
    home = folder / "srv" / "www"
    (home / "views").mkdir(parents=True)
    rows = []
    for job in story.jobs:
        subject, text = template(job.theme, "<?=pick('", "','", "')?>", "<?=$n?>")
        (home / "views" / f"{job.theme}{job.number}.phtml").write_text(
            f'<?php $subject = "{subject}"; ?>\n<html><body>\n<p>{text}</p>\n</body></html>\n'
        )
        rows.append(
            f"{job.number}\t{list(ACCOUNTS).index(job.account) + 11}\t"
            f"/srv/www/views/{job.theme}{job.number}.phtml\t{job.listing}.gz\t{job.targets}\t{job.sent}\t"
            f"{job.accepted}\t{job.start:%Y-%m-%d %H:%M:%S+00}\t{job.end:%Y-%m-%d %H:%M:%S+00}\t"
            f"{job.price:.2f}\t{'t' if job.number % 2 else 'f'}\n"
        )
    for name, people in story.lists.items():
        (home / f"{name}.gz").write_bytes(gzip.compress("\n".join(people).encode(), mtime=0))
    users = "".join(
        f"{n}\t{name}\t$1$ab$xyz{n}Qwertz\t{'0' if right == 'admin' else '5'}\t\\N\n"
        for n, (name, right) in enumerate(ACCOUNTS.items(), start=11)
    )
    paid = "".join(
        f"{n}\t{list(ACCOUNTS).index(who) + 11}\t{amount:.2f}\t{note or chr(92) + 'N'}\t{at:%Y-%m-%d %H:%M:%S+00}\n"
        for n, (who, amount, note, at) in enumerate(story.payments, start=1)
    )
    (home / "nightly.out").write_text(
        "--\n-- PostgreSQL database dump\n--\nSET client_encoding = 'UTF8';\n\n"
        "CREATE TABLE public.people (\n    pk integer NOT NULL,\n    who text,\n    secret text,\n"
        "    tier integer,\n    remark text\n);\n\n"
        "COPY public.people (pk, who, secret, tier, remark) FROM stdin;\n" + users + "\\.\n\n"
        "COPY public.runs (pk, owner, view, audience, n, done, ok, t0, t1, fee, flag) FROM stdin;\n"
        + "".join(rows) + "\\.\n\n"
        "COPY public.cash (pk, owner, eur, remark, t) FROM stdin;\n" + paid + "\\.\n"
    )  # fmt: skip
    lines = [
        f"{at:%b} {at.day:2d} {at:%H:%M:%S} hub gated[311]: peer {story.node_ids[node]} "
        f"from {story.home[node]} run {number} delivered {ok} bounced {bad}\n"
        for at, node, number, ok, bad in story.reports
    ]
    (home / "gated.1").write_text("".join(lines))
    write_visits(story, home / "ssl_requests")
    return folder


def account_book(story: Story, folder: Path) -> Path:
    """Semicolons in UTF-16 with Windows paths, JSON for the rest, lists in a zip."""
    folder.mkdir(parents=True)
    (folder / "Briefe").mkdir()
    out = ["Nr;Kunde;Brief;Empf\u00e4nger;Soll;Ist;Gut;Von;Bis;Preis"]
    for job in story.jobs:
        subject, text = template(job.theme, "{", "|", "}", "%ZZ[3]%")
        (folder / "Briefe" / f"B{job.number}.htm").write_bytes(
            f"Betreff: {subject}\r\n\r\n<html><body><font face=arial>{text}</font></body></html>\r\n".encode(
                "cp1252"
            )
        )
        out.append(
            f"{job.number};{job.account};C:\\Mailer\\Briefe\\B{job.number}.HTM;D:\\{job.listing}.txt;"
            f"{job.targets};{job.sent};{job.accepted};{job.start:%d.%m.%Y %H:%M};{job.end:%d.%m.%Y %H:%M};"
            f"{job.price:.2f} EUR".replace(".", ",", 0)
        )
    (folder / "auftraege.txt").write_bytes("\r\n".join(out).encode("utf-16"))
    with zipfile.ZipFile(folder / "adressen.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, people in story.lists.items():
            archive.writestr(f"{name}.txt", "\r\n".join(f'"{one}",1' for one in people))
    (folder / "konten").write_text(
        json.dumps(
            [
                {"login": name, "pass": f"{hash(right) % 7}geheim{n}", "recht": right}
                for n, (name, right) in enumerate(ACCOUNTS.items())
            ]
        )
    )
    (folder / "kasse").write_text(
        "".join(
            json.dumps({"an": who, "betrag": amount, "zeit": int(at.timestamp()), "text": note})
            + "\n"
            for who, amount, note, at in story.payments
        )
    )
    (folder / "bots").write_text(
        "".join(
            json.dumps(
                {"t": int(at.timestamp() * 1000), "bot": story.node_ids[node], "addr": story.home[node],
                 "job": number, "ok": ok, "err": bad}
            ) + "\n"
            for at, node, number, ok, bad in story.reports
        )
    )  # fmt: skip
    write_visits(story, folder / "zugriff")
    return folder


def files_only(story: Story, folder: Path) -> Path:
    """No database at all: a settings file for each job, numbered templates, a keyed log."""
    for part in ("queue", "text", "rcpt"):
        (folder / part).mkdir(parents=True)
    for job in story.jobs:
        subject, text = template(job.theme, "[[", "~", "]]", "@@num3@@")
        (folder / "text" / f"{job.number}").write_text(f"#SUBJ {subject}\n#BODY\n{text}\n")
        (folder / "queue" / f"{job.number}.q").write_text(
            f"user = {job.account}\nrcpt = {job.listing}\ntotal = {job.targets}\ndone = {job.sent}\n"
            f"good = {job.accepted}\nbegin = {int(job.start.timestamp())}\n"
            f"end = {int(job.end.timestamp())}\ncost = {job.price:.2f}\n"
        )
    for name, people in story.lists.items():
        (folder / "rcpt" / name).write_text("".join(f"{one}\n" for one in people))
    (folder / "hub").write_text(
        "".join(
            f"time={at:%Y-%m-%dT%H:%M:%SZ} id={story.node_ids[node]} ip={story.home[node]} q={number} "
            f"ok={ok} bad={bad}\n"
            for at, node, number, ok, bad in story.reports
        )
    )
    (folder / "users").write_text("".join(f"{name}:$1$x$y{name}.\n" for name in ACCOUNTS))
    write_visits(story, folder / "www")
    return folder


def database_only(story: Story, folder: Path) -> Path:
    """One SQLite file: templates and list names in tables of their own, referred to by number."""
    folder.mkdir(parents=True)
    base = sqlite3.connect(folder / "x")
    base.executescript(
        "CREATE TABLE u(i INTEGER, n TEXT, h TEXT, f INTEGER);"
        "CREATE TABLE t(i INTEGER, s TEXT, b TEXT, made INTEGER);"
        "CREATE TABLE l(i INTEGER, f TEXT, c INTEGER);"
        "CREATE TABLE o(i INTEGER, u INTEGER, t INTEGER, l INTEGER, a INTEGER, z INTEGER, n INTEGER,"
        " d INTEGER, g INTEGER, p INTEGER);"
        "CREATE TABLE m(u INTEGER, p INTEGER, w INTEGER);"
        "CREATE TABLE k(i TEXT, a TEXT, w INTEGER, o INTEGER);"
    )
    for n, (name, right) in enumerate(ACCOUNTS.items(), start=1):
        base.execute("INSERT INTO u VALUES (?,?,?,?)", (n, name, f"{n:032x}", right == "admin"))
    for n, (name, people) in enumerate(story.lists.items(), start=1):
        (folder / f"{name}.lst").write_text("\n".join(people))
        base.execute("INSERT INTO l VALUES (?,?,?)", (n, f"{name}.lst", len(people) * 700))
    for n, job in enumerate(story.jobs, start=1):
        subject, text = template(job.theme, "%{", "^", "}%", "#n#")
        base.execute(
            "INSERT INTO t VALUES (?,?,?,?)", (n + 20, subject, text, int(BEGIN.timestamp()))
        )
        base.execute(
            "INSERT INTO o VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                job.number, list(ACCOUNTS).index(job.account) + 1, n + 20,
                list(story.lists).index(job.listing) + 1, int(job.start.timestamp()),
                int(job.end.timestamp()), job.targets, job.sent, job.accepted, int(job.price),
            ),
        )  # fmt: skip
    for who, amount, _, at in story.payments:
        base.execute(
            "INSERT INTO m VALUES (?,?,?)",
            (list(ACCOUNTS).index(who) + 1, int(amount), int(at.timestamp())),
        )
    for at, node, number, _, _ in story.reports:
        base.execute(
            "INSERT INTO k VALUES (?,?,?,?)",
            (story.node_ids[node], story.home[node], int(at.timestamp()), number),
        )
    base.commit()
    base.close()
    write_visits(story, folder / "y")
    return folder


def mysql(story: Story, folder: Path) -> Path:
    """Long INSERT statements with templates in them, a hub log of prose, logins by mail address."""
    folder.mkdir(parents=True)

    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"

    orders = []
    for job in story.jobs:
        subject, text = template(job.theme, "$(", "/", ")", "$3")
        orders.append(
            f"({job.number},{quoted(job.account + '@desk.example')},{quoted(subject)},{quoted(text)},"
            f"{job.targets},{job.sent},{job.accepted},'{job.start:%Y-%m-%d %H:%M:%S}',"
            f"'{job.end:%Y-%m-%d %H:%M:%S}',{job.price:.2f},NULL)"
        )
    users = ",".join(
        f"({n},{quoted(name + '@desk.example')},'{n:040x}','{right[0]}')"
        for n, (name, right) in enumerate(ACCOUNTS.items(), start=1)
    )
    (folder / "backup-0309").write_text(
        "-- MySQL dump 10.11\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `members`;\n"
        "CREATE TABLE `members` (\n  `mid` int(11) NOT NULL auto_increment,\n  `email` varchar(64),\n"
        "  `pw` char(40),\n  `kind` char(1),\n  PRIMARY KEY  (`mid`)\n) ENGINE=MyISAM;\n"
        f"INSERT INTO `members` VALUES {users};\n"
        "CREATE TABLE `mailings` (\n  `id` int,\n  `email` varchar(64),\n  `head` text,\n  `txt` text,\n"
        "  `recipients` int,\n  `tried` int,\n  `ok` int,\n  `began` datetime,\n  `ended` datetime,\n"
        "  `eur` decimal(9,2),\n  `stop` int\n);\n"
        f"INSERT INTO `mailings` VALUES {','.join(orders)};\n"
    )
    (folder / "hub.txt").write_text(
        "".join(
            f"[{at:%d/%b/%Y:%H:%M:%S +0000}] {story.home[node]}:4{node:03d} <{story.node_ids[node]}> "
            f"mailing {number}, good={ok}, bad={bad}\n"
            for at, node, number, ok, bad in story.reports
        )
    )
    write_visits(story, folder / "acc", "@desk.example")
    return folder


LAYOUTS = {
    "postgres": postgres,
    "account book": account_book,
    "files only": files_only,
    "database only": database_only,
    "mysql": mysql,
}


def write_visits(story: Story, path: Path, suffix: str = "") -> None:
    path.write_text(
        "".join(
            f'{ip} - {name}{suffix} [{at:%d/%b/%Y:%H:%M:%S +0000}] "POST /{n % 5}/do HTTP/1.1" 200 {n * 7 % 900} '
            f'"-" "Opera/9.64 (Windows NT 5.1; U; en)"\n'
            for n, (at, name, ip) in enumerate(story.visits)
        )
    )
