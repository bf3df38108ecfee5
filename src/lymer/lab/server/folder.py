"""Writes the captured server's folder and keeps the truth's file names in step with it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lymer.lab.addresses import CLASS_E, dotted
from lymer.lab.draws import Draw
from lymer.lab.server.source import source_files
from lymer.lab.server.tables import Table, Value, write_dump, write_sqlite
from lymer.lab.server.wording import Wording
from lymer.lab.worlds.plan import Job, MailList, Plan

WHOLE_LIST = 3_000
"""Lists up to this size (after scaling) are captured whole; of longer ones a random part is."""

PART_TRAPS = 0.05
"""Share of a long list's traps in the captured part, and so the share of the list it is."""

PART_LINES = 20_000
"""The captured part of a long list is never longer than this; shorter in worlds of small scale."""


@dataclass(frozen=True)
class NodeSeen:
    """A bot as the application saw it: day number, botnet, bot, address."""

    day: int
    botnet: str
    bot: str
    ip: str


Report = tuple[str, str, str, str, int, str]
"""A line of the node log, as a row of the truth's node_reports."""


def write_server(plan: Plan, root: Path, seen: Sequence[NodeSeen]) -> list[Report]:
    """Write the folder under `root`; sets file names and ids of the jobs to what it wrote."""
    draw = plan.draw.child("server")
    words = Wording(draw.child("words"), plan.names)
    jobs = [job for job in plan.jobs if job.server is not None]
    application = plan.names.fresh().capitalize()
    operator = next(a for a in plan.accounts if a.actor == plan.hosted_operator)
    handles = [operator.account, *(plan.names.fresh(1, 2) for _ in range(draw.whole(1, 3)))]
    base = (
        root
        / draw.pick(("", "home", "var", "srv", "opt", "D"))
        / draw.pick((application.lower(), operator.account, "site", "data", plan.names.fresh(1, 2)))
    )
    source = base / words["source_dir"]
    source.mkdir(parents=True)
    macros = plan.botnets[0].engine.macros
    for name, text in source_files(
        draw.child("source"), plan.names, words, macros, handles, application
    ).items():
        (source / name).write_text(text, encoding="utf-8")
    _write_templates(plan, base / words["templates_dir"], jobs, root)
    _write_lists(plan, draw.child("lists"), base / words["lists_dir"], jobs, root)
    number = draw.whole(1, 5000)
    for job in jobs:
        job.job_id = str(number)
        number += draw.whole(1, 2)
    tables = _tables(plan, draw.child("tables"), words, jobs, seen)
    style = draw.style(("sqlite", "mysql", "sqlite", "mysql"), ("copy",))
    label = draw.pick((application.lower(), "main", "panel", "base", "dump"))
    if style == "sqlite":
        write_sqlite(base / f"{label}.{draw.pick(('db', 'sqlite', 'sqlite3', 'dat'))}", tables)
    else:
        write_dump(base / f"{label}.sql", tables, style, draw.pick((1, 1, 50)))
    logs = base / words["logs_dir"]
    logs.mkdir(parents=True, exist_ok=True)
    reports = _write_node_log(plan, draw.child("nodes"), logs, jobs, seen)
    _write_access_log(plan, draw.child("access"), logs)
    _write_rest(plan, draw.child("rest"), base, words, handles, application)
    return reports


def _relative(path: Path, root: Path) -> str:
    return f"{root.name}/{path.relative_to(root).as_posix()}"


def _write_templates(plan: Plan, folder: Path, jobs: Sequence[Job], root: Path) -> None:
    draw = plan.draw.child("server/templates")
    folder.mkdir(parents=True, exist_ok=True)
    ending = draw.pick(("txt", "tpl", "msg", "eml", "mac", "html"))
    form = draw.pick(("Subject: {s}\n\n{b}\n", "{s}\n---\n{b}\n", "[subj]\n{s}\n[body]\n{b}\n"))
    for number, job in enumerate(jobs):
        template = next(
            t for t in job.campaign.templates if job.template_file == f"{t.template_id}.tpl"
        )
        theme = job.campaign.operation.theme
        name = draw.pick((f"{theme[:4]}{number}", f"{number:03d}", plan.names.fresh(1, 2), theme))
        path = folder / f"{name}_{number}.{ending}"
        text = form.format(s=template.subject_source, b=template.body_source)
        path.write_text(text, encoding="utf-8")
        job.template_file = _relative(path, root)


def _write_lists(plan: Plan, draw: Draw, folder: Path, jobs: Sequence[Job], root: Path) -> None:
    """Whole lists where they are short; of long ones a random part, as a node would be given."""
    folder.mkdir(parents=True, exist_ok=True)
    form = draw.pick(("{a}", "{a}", "{a};{n}", "{n},{a}", "<{a}>"))
    wanted: dict[str, list[Job]] = {}
    for job in jobs:
        wanted.setdefault(job.list_file, []).append(job)
    domains = [plan.names.domain() for _ in range(400)]
    lists: dict[str, MailList] = {m.list_file: m for m in plan.lists}
    most = max(1000, int(PART_LINES * min(1.0, plan.scale) ** 0.5))
    for name, users in wanted.items():
        mail_list = lists[name]
        share = min(1.0, max(PART_TRAPS, WHOLE_LIST / mail_list.size))
        size = mail_list.size * share
        if size > most:
            share, size = most / mail_list.size, most
        # A random part holds traps in proportion, with the luck of the draw.
        rng = draw.numpy(name)
        kept = int(rng.binomial(len(mail_list.traps), min(1.0, share)))
        traps = draw.some(mail_list.traps, kept)
        others = max(0, int(size) - kept)
        lines = traps + [
            f"{draw.pick(plan.names.words)}{draw.whole(1, 9999)}@{draw.pick(domains)}"
            for _ in range(others)
        ]
        draw.random.shuffle(lines)
        first_names = plan.names.first_names
        path = folder / name
        with path.open("w", encoding="ascii", newline="\n") as file:
            for address in lines:
                file.write(form.format(a=address, n=draw.pick(first_names)) + "\n")
        mail_list.kept_lines, mail_list.kept_traps = len(lines), kept
        mail_list.list_file = _relative(path, root)
        for job in users:
            job.list_file = mail_list.list_file


def _clock(draw: Draw) -> Callable[[int], Value]:
    """How the application writes a time."""
    form = draw.style(("unix", "iso", "unix", "spaced"), ("ms", "packed"))
    if form == "unix":
        return lambda at: at
    if form == "ms":
        return lambda at: at * 1000
    pattern = {"iso": "%Y-%m-%dT%H:%M:%SZ", "spaced": "%Y-%m-%d %H:%M:%S", "packed": "%Y%m%d%H%M%S"}
    return lambda at: time.strftime(pattern[form], time.gmtime(at))


def _tables(
    plan: Plan, draw: Draw, words: Wording, jobs: Sequence[Job], seen: Sequence[NodeSeen]
) -> list[Table]:
    """Accounts, jobs, lists, nodes and payments in the application's own words."""
    clock = _clock(draw)
    mine = [a for a in plan.accounts if a.operator == plan.hosted_operator]
    number_of = {account.account: n + 1 for n, account in enumerate(mine)}
    by_number = draw.chance(0.6)
    text, whole = "TEXT", "INTEGER"
    accounts = Table(
        words.table("accounts"), words.columns("id", "login", "secret", "role"),
        [whole, text, text, whole if draw.chance(0.5) else text],
        [
            (number_of[a.account], a.account, draw.hex(32), 9 if a.role == "operator" else 1)
            for a in mine
        ],
    )  # fmt: skip
    # Jobs of customers whose account is with another operator are booked under the root account.
    root = mine[0].account

    def owner(job: Job) -> Value:
        account = job.account if job.account in number_of else root
        return number_of[account] if by_number else account

    shown = words.columns(
        "id", "owner", "title", "template", "list", "total", "sent", "accepted", "started",
        "ended", "price",
    )  # fmt: skip
    orders = Table(
        words.table("jobs"), shown,
        [whole, whole if by_number else text, text, text, text, whole, whole, whole, text, text, "REAL"],
        [
            (
                int(j.job_id), owner(j), j.campaign.operation.brand,
                j.template_file.rsplit("/", 1)[-1], j.list_file.rsplit("/", 1)[-1], j.targets,
                j.sent, j.accepted, clock(j.started_at), clock(j.ended_at), j.price,
            )
            for j in jobs
        ],
    )  # fmt: skip
    for job in jobs:
        if job.account not in number_of:
            job.account = root
    used = {job.list_file for job in jobs}
    lists = Table(
        words.table("lists"), words.columns("id", "path", "size"), [whole, text, whole],
        [
            (n + 1, m.list_file.rsplit("/", 1)[-1], m.size)
            for n, m in enumerate(m for m in plan.lists if m.list_file in used)
        ],
    )  # fmt: skip
    latest = {node.bot: node for node in seen}
    nodes = Table(
        words.table("nodes"), words.columns("id", "address", "group", "seen"),
        [text, text, text, text],
        [
            (_node_id(node.bot), node.ip, node.botnet.rsplit("-", 1)[-1],
             clock(plan.start_at + node.day * 86400 + draw.whole(0, 86399)))
            for node in latest.values()
        ],
    )  # fmt: skip
    rows: list[Sequence[Value]] = []
    notes = ("wire", "egold", "cash", "thx", "ok", "advance", "rest", "")
    for n, job in enumerate(jobs):
        note: str = draw.pick(notes)
        payer = next((a for a in plan.actors if a.role == "payer" and a.linked), None)
        if payer is not None and job.campaign.candidate:
            promoted = next(a for a in plan.actors if a.role == "promoted")
            note = f"from {payer.name}, campaign office {promoted.name}"
        rows.append((n + 1, owner(job), job.price, note, clock(job.started_at - 3600)))
    payments = Table(
        words.table("payments"), words.columns("id", "owner", "price", "note", "started"),
        [whole, whole if by_number else text, "REAL", text, text], rows,
    )  # fmt: skip
    tables = [accounts, orders, lists, nodes, payments]
    draw.random.shuffle(tables)
    return tables


def _node_id(bot: str) -> str:
    """The application's own name for a bot: stable, and not the truth's."""
    number = sum((n + 1) * 131 * ord(c) for n, c in enumerate(bot)) * 2654435761
    return f"{number % (1 << 32):08x}{int(bot.rsplit('.', 1)[-1]):05x}"


def _write_node_log(
    plan: Plan, draw: Draw, logs: Path, jobs: Sequence[Job], seen: Sequence[NodeSeen]
) -> list[Report]:
    """What nodes reported: time, node, address, job, counts; the layout is the application's."""
    form = draw.style(
        (
            "{t} {n} {ip} job={j} ok={ok} err={e}",
            "[{t}] node {n} ({ip}) task #{j}: {ok} sent, {e} failed",
            "{ip}\t{t}\t{j}\t{ok}\t{e}\t{n}",
            "{n};{ip};{j};{ok};{e};{t}",
        ),
        ("<{j}> {n}@{ip} +{ok} -{e} | {t}", "{t}|{ip}|{n}|{ok}/{e}|{j}"),
    )
    clock = _clock(draw)
    by_botnet: dict[str, list[Job]] = {}
    for job in jobs:
        for botnet in job.campaign.botnets:
            by_botnet.setdefault(botnet.botnet_id, []).append(job)
    lines: list[tuple[int, str]] = []
    reports: list[Report] = []
    for node in seen:
        midnight = plan.start_at + node.day * 86400
        running = [
            job
            for job in by_botnet.get(node.botnet, ())
            if job.started_at < midnight + 86400 and job.ended_at > midnight
        ]
        for _ in range(draw.whole(1, 2) if running else 0):
            job = draw.pick(running)
            at = draw.whole(max(midnight, job.started_at), min(midnight + 86399, job.ended_at))
            lines.append(
                (
                    at,
                    form.format(
                        t=clock(at), n=_node_id(node.bot), ip=node.ip, j=job.job_id,
                        ok=draw.whole(20, 4000), e=draw.whole(0, 900),
                    ),
                )
            )  # fmt: skip
            reports.append((_node_id(node.bot), node.botnet, node.bot, node.ip, at, job.job_id))
    lines.sort()
    name = draw.pick(("node.log", "slots.log", "report.txt", "exchange.log", "gate.log", "in.log"))
    (logs / name).write_text("".join(line + "\n" for _, line in lines), encoding="ascii")
    return reports


def _write_access_log(plan: Plan, draw: Draw, logs: Path) -> None:
    """The panel's web access log, in the combined format: who logged in, from where."""
    mine = [a for a in plan.accounts if a.operator == plan.hosted_operator]
    homes = {a.account: dotted(CLASS_E + draw.whole(1 << 20, 1 << 27)) for a in mine}
    pages = [f"/{draw.pick(('job', 'list', 'stat', 'tpl', 'pay'))}.php?id={n}" for n in range(40)]
    agents = [
        f"Mozilla/4.0 (compatible; MSIE {draw.whole(6, 7)}.0; Windows NT 5.{draw.whole(0, 1)})"
        for _ in range(3)
    ]
    lines = []
    for _ in range(600):
        account = draw.pick(mine).account
        at = plan.start_at + draw.whole(0, plan.shape.days * 86400 - 1)
        when = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(at))
        verb, page = ("POST", "/login.php") if draw.chance(0.1) else ("GET", draw.pick(pages))
        lines.append(
            (at, f'{homes[account]} - {account} [{when}] "{verb} {page} HTTP/1.1" 200 '
             f'{draw.whole(300, 30000)} "-" "{draw.pick(agents)}"')
        )  # fmt: skip
    lines.sort()
    name = draw.pick(("access.log", "access_log", "httpd-access.log", "panel-access.log"))
    (logs / name).write_text("".join(line + "\n" for _, line in lines), encoding="ascii")


def _write_rest(
    plan: Plan, draw: Draw, base: Path, words: Wording, handles: Sequence[str], application: str
) -> None:
    """Configuration and the clutter that every server has."""
    mailbox = f"{handles[0]}@{draw.pick(plan.free_mail)}"
    settings = {
        "app": application,
        "admin": handles[0],
        "mail": mailbox,
        "base": words.table("jobs"),
        "listen": f"{draw.pick(plan.botnets[0].controllers)[1]}",
        "dir": words["lists_dir"],
    }
    style = draw.style(("ini", "xml", "conf"), ("colon",))
    if style == "xml":
        body = "".join(f"  <{k}>{v}</{k}>\n" for k, v in settings.items())
        text = f"<config>\n{body}</config>\n"
    elif style == "conf":
        text = "".join(f"{k} {v}\n" for k, v in settings.items())
    elif style == "colon":
        text = "".join(f"{k}:: {v}\n" for k, v in settings.items())
    else:
        text = "[main]\n" + "".join(f"{k} = {v}\n" for k, v in settings.items())
    (base / f"{draw.pick(('config', 'settings', application.lower()))}.{style}").write_text(text)
    todo = [
        f"{draw.pick(handles)}: {plan.names.word()} {draw.pick(('slow', 'done', 'asks for more', 'paid'))}"
        for _ in range(draw.whole(4, 12))
    ]
    todo += [
        f"{a.account} {draw.pick(('wants discount', 'ok', 'ban?'))}" for a in plan.accounts[:6]
    ]
    (base / draw.pick(("todo.txt", "notes.txt", "README", "icq.txt"))).write_text(
        "\n".join(todo) + "\n"
    )
    (base / "passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\n"
        + "".join(f"{h}:x:{500 + n}:{500 + n}::/home/{h}:/bin/sh\n" for n, h in enumerate(handles))
    )
