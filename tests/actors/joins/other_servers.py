# ruff: noqa: E501
"""The story of `made_servers` once more, on servers of quite other makes."""

import json
from pathlib import Path
from uuid import UUID, uuid5

from made_servers import ACCOUNTS, Story, template, write_visits

_SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def uuid_of(*parts: object) -> str:
    return str(uuid5(_SPACE, " ".join(map(str, parts))))


def panel_of_node(story: Story, folder: Path) -> Path:
    """JSON lines as a document store exports them: nested, ids as UUIDs, epoch milliseconds."""
    (folder / "dump").mkdir(parents=True)

    def write(name: str, rows: list[dict[str, object]]) -> None:
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "dump" / name).write_text(text)

    write(
        "users.ndjson",
        [
            {"_id": {"$oid": uuid_of("u", name)[:24].replace("-", "0")}, "login": name,
             "hash": f"$2b$10${n:053d}", "roles": [right], "active": True}
            for n, (name, right) in enumerate(ACCOUNTS.items())
        ],
    )  # fmt: skip
    templates = []
    for job in story.jobs:
        subject, text = template(job.theme, "{{", "||", "}}", "<%= n %>")
        templates.append({"_id": uuid_of("t", job.number), "subject": subject, "html": text})
    write("tpl.ndjson", templates)
    write(
        "tasks.ndjson",
        [
            {"_id": uuid_of(job.number), "by": job.account, "tpl": uuid_of("t", job.number),
             "base": f"{job.listing}.txt",
             "stats": {"total": {"$numberLong": str(job.targets)}, "sent": job.sent, "ok": job.accepted},
             "startedAt": int(job.start.timestamp() * 1000),
             "finishedAt": {"$date": job.end.strftime("%Y-%m-%dT%H:%M:%S.250Z")},
             "cost": job.price, "state": "done", "tags": []}
            for job in story.jobs
        ],
    )  # fmt: skip
    write(
        "workers.ndjson",
        [
            {"ts": int(at.timestamp() * 1000), "worker": {"id": story.node_ids[node], "ip": f"::ffff:{story.home[node]}"},
             "task": uuid_of(number), "ok": ok, "fail": bad}
            for at, node, number, ok, bad in story.reports
        ],
    )  # fmt: skip
    write(
        "ledger.ndjson",
        [
            {"_id": uuid_of("p", n), "user": who, "amount": amount, "at": int(at.timestamp() * 1000), "memo": note}
            for n, (who, amount, note, at) in enumerate(story.payments)
        ],
    )  # fmt: skip
    for name, people in story.lists.items():
        (folder / f"{name}.txt").write_text("\n".join(people))
    write_visits(story, folder / "access.log")
    return folder


def spreadsheet_export(story: Story, folder: Path) -> Path:
    """Everything exported with semicolons, quotes, decimal commas and dots between thousands."""
    folder.mkdir(parents=True)

    def grouped(number: int) -> str:
        return f"{number:,}".replace(",", ".")

    def comma(amount: float) -> str:
        return f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")

    out = ['"N°";"Client";"Modèle";"Fichier";"Prévus";"Envoyés";"Reçus";"Début";"Fin";"Montant"']
    for job in story.jobs:
        subject, text = template(job.theme, "<<", "//", ">>", "&n&")
        (folder / f"modele_{job.number}.txt").write_text(f"Objet : {subject}\n\n{text}\n")
        out.append(
            f'"{job.number}";"{job.account}";"modele_{job.number}.txt";"{job.listing}.csv";"{grouped(job.targets)}";'
            f'"{grouped(job.sent)}";"{grouped(job.accepted)}";"{job.start:%d/%m/%Y %H:%M:%S}";'
            f'"{job.end:%d/%m/%Y %H:%M:%S}";"{comma(job.price)} €"'
        )
    (folder / "commandes.csv").write_bytes("\r\n".join(out).encode("utf-8-sig"))
    paid = ["Date;Client;Somme;Note"]
    paid += [
        f"{at:%d/%m/%Y %H:%M:%S};{who};{comma(amount)};{note}"
        for who, amount, note, at in story.payments
    ]
    (folder / "paiements.csv").write_bytes("\r\n".join(paid).encode("cp1252"))
    (folder / "comptes.csv").write_text(
        "login;mdp;niveau\n"
        + "".join(f"{name};{n:032x};{right}\n" for n, (name, right) in enumerate(ACCOUNTS.items()))
    )
    (folder / "machines.csv").write_text(
        "quand;machine;adresse;commande;bons;mauvais\n"
        + "".join(
            f"{at:%d/%m/%Y %H:%M:%S};{story.node_ids[node]};{story.home[node]};{number};{ok};{bad}\n"
            for at, node, number, ok, bad in story.reports
        )
    )
    for name, people in story.lists.items():
        (folder / f"{name}.csv").write_text("mail;nom\n" + "".join(f"{one};\n" for one in people))
    write_visits(story, folder / "www.log")
    return folder


def cyrillic_panel(story: Story, folder: Path) -> Path:
    """A PHP panel whose dump has Cyrillic names of tables and columns, written in cp1251."""
    (folder / "шаблоны").mkdir(parents=True)
    users = ",".join(
        f"({n},'{name}',MD5('{n}'),'{'админ' if right == 'admin' else 'клиент'}')"
        for n, (name, right) in enumerate(ACCOUNTS.items(), start=1)
    )
    orders = []
    for job in story.jobs:
        subject, text = template(job.theme, "[", "|", "]", "{$rnd}")
        name = f"письмо{job.number}.tpl"
        (folder / "шаблоны" / name).write_text(
            f"Тема: {subject}\n<html><body>{text}</body></html>\n", "cp1251"
        )
        orders.append(
            f"({job.number},{list(ACCOUNTS).index(job.account) + 1},'{name}','базы/{job.listing}.txt',"
            f"{job.targets},{job.sent},{job.accepted},'{job.start:%Y-%m-%d %H:%M:%S}','{job.end:%Y-%m-%d %H:%M:%S}',"
            f"'{job.price:.2f}')"
        )
    paid = ",".join(
        f"({n},{list(ACCOUNTS).index(who) + 1},{amount:.2f},'{at:%Y-%m-%d %H:%M:%S}','{note}')"
        for n, (who, amount, note, at) in enumerate(story.payments, start=1)
    )
    (folder / "база.sql").write_bytes(
        (
            "-- phpMyAdmin SQL Dump\n\nCREATE TABLE `пользователи` (\n  `номер` int NOT NULL,\n"
            "  `логин` varchar(32),\n  `пароль` char(32),\n  `права` varchar(16)\n) ENGINE=InnoDB;\n"
            f"INSERT INTO `пользователи` (`номер`, `логин`, `пароль`, `права`) VALUES\n{users};\n"
            "INSERT INTO `рассылки` (`номер`, `кто`, `письмо`, `база`, `всего`, `отправлено`, `принято`, "
            "`начало`, `конец`, `цена`) VALUES\n" + ",\n".join(orders) + ";\n"
            f"INSERT INTO `оплата` (`номер`, `кто`, `сумма`, `когда`, `что`) VALUES {paid};\n"
        ).encode("cp1251")
    )  # fmt: skip
    (folder / "базы").mkdir()
    for name, people in story.lists.items():
        (folder / "базы" / f"{name}.txt").write_text("\r\n".join(people))
    (folder / "боты.log").write_bytes(
        "".join(
            f"{at:%d.%m.%Y %H:%M:%S} бот {story.node_ids[node]} ({story.home[node]}) задание №{number}: "
            f"ушло {ok}, отказ {bad}\n"
            for at, node, number, ok, bad in story.reports
        ).encode("utf-8")
    )
    write_visits(story, folder / "access_log")
    return folder


def key_value_store(story: Story, folder: Path) -> Path:
    """A key-value store's keys, printed one a line: `job:4101:owner` and its value."""
    folder.mkdir(parents=True)
    keys = []
    for n, (name, right) in enumerate(ACCOUNTS.items()):
        keys += [
            f"user:{name}:pw={n:032x}",
            f"user:{name}:level={right}",
            f"user:{name}:seen={n + 3}",
        ]
    for job in story.jobs:
        subject, text = template(job.theme, "(:", "¦", ":)", "%d3")
        (folder / f"{job.number}.body").write_text(f"Subject: {subject}\n\n{text}\n")
        keys += [
            f"job:{job.number}:{field}={value}"
            for field, value in (
                ("owner", job.account), ("body", f"{job.number}.body"), ("list", f"{job.listing}.lst"),
                ("total", job.targets), ("sent", job.sent), ("ok", job.accepted),
                ("start", int(job.start.timestamp())), ("stop", int(job.end.timestamp())),
                ("paid", f"{job.price:.2f}"),
            )
        ]  # fmt: skip
    keys += ["stats:boots=3", "stats:version=1.4.2", "lock:main=0"]
    story.source.shuffle(keys)
    (folder / "keys.out").write_text("".join(f"{key}\n" for key in keys))
    for name, people in story.lists.items():
        (folder / f"{name}.lst").write_text("".join(f"{one}\n" for one in people))
    (folder / "nodes.out").write_text(
        "".join(
            f"{at.timestamp():.3f} [{story.node_ids[node]}] {story.home[node]} job:{number} +{ok} -{bad}\n"
            for at, node, number, ok, bad in story.reports
        )
    )
    write_visits(story, folder / "http.out")
    return folder


def folder_for_each_job(story: Story, folder: Path) -> Path:
    """A folder for every job, with the same names of files in each; accounts of the web server."""
    for job in story.jobs:
        home = folder / "queue" / str(job.number)
        home.mkdir(parents=True)
        subject, text = template(job.theme, "<", "!", ">", "=3=")
        (home / "letter").write_text(f"{subject}\n\n{text}\n")
        (home / "order").write_text(
            f"client: {job.account}\nbase: {job.listing}\nsize: {job.targets}\nsent: {job.sent}\n"
            f"passed: {job.accepted}\nfrom: {job.start:%Y-%m-%d %H:%M:%S}\n"
            f"till: {job.end:%Y-%m-%d %H:%M:%S}\nprice: {job.price:.2f}\n"
        )
    (folder / "base").mkdir()
    for name, people in story.lists.items():
        (folder / "base" / name).write_text("".join(f"{one}\n" for one in people))
    (folder / "relay").write_text(
        "".join(
            f"{at:%Y-%m-%d %H:%M:%S},{story.node_ids[node]},{story.home[node]},{number},{ok},{bad}\n"
            for at, node, number, ok, bad in story.reports
        )
    )
    (folder / "htpasswd").write_text("".join(f"{name}:$apr1$x$y{name}.\n" for name in ACCOUNTS))
    write_visits(story, folder / "log")
    return folder


OTHER_LAYOUTS = {
    "cyrillic panel": cyrillic_panel,
    "folder for each job": folder_for_each_job,
    "key-value store": key_value_store,
    "panel of node": panel_of_node,
    "spreadsheet export": spreadsheet_export,
}
