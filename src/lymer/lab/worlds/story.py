"""Who does what in a world: the operators, their customers, the mailings, in order.

One story serves all shapes: a hosted operator with many botnets where the shape has a candidate,
other operators beside it, customers who order from one or two of them, lawful senders.
"""

import time
from collections.abc import Callable
from pathlib import Path

from lymer.lab.addresses import dotted
from lymer.lab.draws import Draw
from lymer.lab.networks.flows import Controllers, Provider, write_nfdump, write_zeek
from lymer.lab.networks.holders import write_networks
from lymer.lab.networks.pool import DAY_SECONDS
from lymer.lab.server.folder import write_server
from lymer.lab.truth import Truth
from lymer.lab.worlds import casting, hosting
from lymer.lab.worlds.plan import Account, Actor, Botnet, Operation, Plan, Shape
from lymer.lab.worlds.run import Run, describe, run

CANDIDATE_MAILS = 205_000_000
"""Mails ordered for the candidate; nearly 200 million of them were sent in the model case."""

MAIN_BOTS = 3_000
HOSTED_BOTNETS = 16

Progress = Callable[[int], None]


def stage(shape: Shape, out: Path, seed: int, scale: float, progress: Progress | None) -> None:
    """Plan the world and run it into `out`."""
    plan = casting.open_plan(shape, seed, scale)
    total = shape.messages * scale
    if shape.campaigns:
        _crooks(plan, total * (1 - shape.singles - shape.bulk - shape.snowshoe - shape.bounces))
    _lawful(plan, total)
    if not shape.campaigns:
        for part in casting.shares_of(plan.draw.child("ham"), int(shape.ham * scale * 0.7), 14, 8):
            hosting.add_bulk(plan, part, in_ham=True)

    def after(left: Run, truth: Truth) -> None:
        if shape.server:
            for report in write_server(plan, out / "server", left.nodes):
                truth.add("node_reports", report)
        if shape.flow_days:
            _flows(plan, out / "flows", left)

    run(plan, out, progress, after)
    about = f"made-up networks of world {shape.name}, seed {seed}"
    write_networks(plan.draw.child("holders"), plan.names, about, out / "networks.csv")
    describe(plan, out, f"{dotted(plan.local_block)}/18" if shape.flow_days else None)


def _flows(plan: Plan, folder: Path, left: Run) -> None:
    """The provider's flows of the watched days, in the style of the seed."""
    draw = plan.draw.child("flows")
    steering = {
        number: Controllers(
            botnet.controllers, draw.pick((240.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0)),
            draw.between(0.02, 0.3), draw.whole(120, 900),
        )
        for number, botnet in enumerate(plan.botnets)
    }  # fmt: skip
    exchangers = [site.stages[0].ip for site in plan.sites]
    clean = 40 + int(260 * min(1.0, plan.scale) ** 0.5)
    provider = Provider(draw, plan.local_block, steering, plan.beacons, exchangers, clean)
    zeek = draw.chance(0.5)
    label = plan.names.fresh(1, 2)
    folder.mkdir()
    for day, bots in sorted(left.local.items()):
        midnight = plan.start_at + day * DAY_SECONDS
        flows = provider.day(midnight, bots)
        stamp = time.strftime("%Y%m%d", time.gmtime(midnight))
        if zeek:
            write_zeek(draw, folder / f"conn.{stamp}.log", flows)
        else:
            write_nfdump(folder / f"{label}-{stamp}.csv", flows)


def _lawful(plan: Plan, total: float) -> None:
    shape, draw = plan.shape, plan.draw.child("lawful")
    if shape.bulk:
        senders = 4 + int(8 * min(1.0, plan.scale) ** 0.5)
        for part in casting.shares_of(draw, int(total * shape.bulk), senders, 12):
            hosting.add_bulk(plan, part)
        hosting.add_bulk(plan, max(6, int(shape.ham * plan.scale * 0.2)), in_ham=True)
    if shape.snowshoe:
        for part in casting.shares_of(draw, int(total * shape.snowshoe), 2, 3):
            hosting.add_snowshoe(plan, part)
    for part in casting.shares_of(draw, int(shape.ham * plan.scale * 0.2), 4, 8):
        hosting.add_shop(plan, part)


def _crooks(plan: Plan, total: float) -> None:
    """Operators, botnets, customers and their campaigns."""
    shape, draw = plan.shape, plan.draw.child("crooks")
    operators: list[tuple[Actor, list[Botnet]]] = []
    if shape.candidate:
        operators.append(_hosted(plan, HOSTED_BOTNETS if shape.name == "case-2007" else 6))
    others = 4 if shape.candidate else 5
    for number in range(others):
        actor = casting.add_actor(
            plan, "operator", linked=True, why="runs botnets of his own in this world"
        )
        engine = casting.add_engine(plan)
        sizes = [int(draw.spread(150, 2500)) for _ in range(draw.whole(1, 3))]
        botnets = [casting.add_botnet(plan, actor.actor, engine, size) for size in sizes]
        if shape.move_engine and (number == 0 or draw.chance(0.6)):
            # A second engine with a pool of its own, for the second half of the time.
            later = casting.add_engine(plan)
            botnets.append(
                casting.add_botnet(plan, actor.actor, later, int(draw.spread(300, 2500)))
            )
        operators.append((actor, botnets))
    # Another operator who runs the same software as the second: one engine, disjoint botnets.
    if len(operators) > 2 and draw.chance(0.6):
        actor, botnets = operators[2]
        size = int(draw.spread(150, 1500))
        botnets.append(casting.add_botnet(plan, actor.actor, operators[1][1][0].engine, size))
    count = max(30 if shape.every else 12, int(shape.campaigns * min(1.0, plan.scale) ** 0.25))
    budget = total
    made = 0
    if shape.candidate:
        spent, made = _middleman(plan, operators[0], total * 0.3)
        budget -= spent
    parts = casting.shares_of(draw, int(budget), count - made, 30)
    if shape.every:
        _borrowers(plan, operators, parts)
        if shape.move_engine:
            _repeats(plan, operators, parts)
    number = 0
    while parts:
        _customer(plan, operators, parts, number)
        number += 1


def _hosted(plan: Plan, botnets: int) -> tuple[Actor, list[Botnet]]:
    """The operator whose hosted application drives many botnets."""
    draw = plan.draw.child("hosted")
    actor = casting.add_actor(
        plan, "operator", linked=True, why="wrote and hosts the application; holds its root account"
    )
    plan.hosted_operator = actor.actor
    plan.hosted_server = f"srv-{draw.hex(4)}"
    account = f"{plan.names.fresh(1, 2)}{draw.whole(1, 99)}"
    plan.accounts.append(Account(account, "operator", actor.actor, actor.actor))
    engine = casting.add_engine(plan)
    sizes = [MAIN_BOTS, *(int(draw.spread(120, 2600)) for _ in range(botnets - 1))]
    return actor, [casting.add_botnet(plan, actor.actor, engine, size) for size in sizes]


def _account(plan: Plan, actor: Actor, operator: str) -> str:
    name = f"{plan.names.fresh(1, 2)}{plan.draw.child(f'account{len(plan.accounts)}').whole(0, 99)}"
    plan.accounts.append(Account(name, "customer", actor.actor, operator))
    return name


def _middleman(plan: Plan, hosted: tuple[Actor, list[Botnet]], total: float) -> tuple[float, int]:
    """The candidate's mailing and the other jobs of who ordered it; gives what was spent."""
    shape, draw = plan.shape, plan.draw.child("middleman")
    operator, botnets = hosted
    man = casting.add_actor(
        plan, "customer", linked=True, why="his account ordered the candidate's mailing and others"
    )
    account = _account(plan, man, operator.actor)
    linked = draw.chance(shape.planted_link)
    promoted = casting.add_actor(
        plan, "promoted", linked=linked,
        why="a payment note in the operator's books names the campaign office" if linked
        else "named in the mail only; nothing on the server or in the flows leads there",
    )  # fmt: skip
    casting.add_actor(
        plan, "payer" if linked else "bystander", linked=linked,
        why="treasurer of the campaign office, named in the payment note" if linked
        else "a volunteer whose public site the mail links to",
    )  # fmt: skip
    first, last = promoted.name.split(" ")
    operation = casting.add_operation(plan, account, "candidate", last, domains=1)
    day = shape.days // 2
    casting.add_campaign(
        plan, operation, botnets[0].engine, botnets=botnets[:1], seen=max(40, int(total * 0.4)),
        start=day, days=4, manner="rotate", language="en",
        targets=CANDIDATE_MAILS, lines=(f"{first} {last} for president!",),
    ).candidate = True  # fmt: skip
    made = 1
    rest = casting.shares_of(draw, int(total * 0.6), 6, 4)
    for theme in ("pharmacy", "casino", "adult"):
        operation = casting.add_operation(plan, account, theme)
        for _ in range(2):
            # Half of his other jobs run on the botnet that matters.
            chosen = botnets[:1] if draw.chance(0.5) else draw.some(botnets, 1)
            casting.add_campaign(
                plan, operation, chosen[0].engine, botnets=chosen, seen=rest.pop(),
                start=draw.whole(0, shape.days - 4), days=draw.whole(2, 12),
            )  # fmt: skip
            made += 1
    return total, made


def _newcomer(
    plan: Plan, operator: Actor, theme: str | None, domains: int | None = None
) -> Operation:
    """A new customer with an account at the operator and one operation."""
    man = casting.add_actor(plan, "customer", linked=True, why="his account ordered mailings")
    account = _account(plan, man, operator.actor)
    theme = theme or plan.draw.child(f"theme{account}").pick(casting.SPAM_THEMES)
    return casting.add_operation(plan, account, theme, domains=domains)


def _repeats(plan: Plan, operators: list[tuple[Actor, list[Botnet]]], parts: list[int]) -> None:
    """Templates that come twice; takes the sizes of its campaigns from `parts`.

    One is mailed again after more than a week. Others go with their operator from his old engine
    and pool to the new ones.
    """
    draw, days = plan.draw.child("repeats"), plan.shape.days
    actor, botnets = operators[-1]
    operation = _newcomer(plan, actor, None)
    first = casting.add_campaign(
        plan, operation, botnets[0].engine, botnets=botnets[:1], seen=parts.pop(),
        start=draw.whole(0, 3), days=draw.whole(3, 6),
    )  # fmt: skip
    casting.add_campaign(
        plan, operation, botnets[0].engine, botnets=botnets[:1], seen=parts.pop(), again=first,
        start=draw.whole(days - 12, days - 6), days=draw.whole(3, 6),
    )  # fmt: skip
    mover, pools = operators[1]
    for _ in range(2):
        operation = _newcomer(plan, mover, None, domains=3)
        before = casting.add_campaign(
            plan, operation, pools[0].engine, botnets=pools[:1], seen=parts.pop(),
            start=draw.whole(0, 3), days=days // 2 - 4,
        )  # fmt: skip
        casting.add_campaign(
            plan, operation, pools[-1].engine, botnets=pools[-1:], seen=parts.pop(),
            again=before, start=days // 2, days=days // 2,
        )  # fmt: skip


def _borrowers(plan: Plan, operators: list[tuple[Actor, list[Botnet]]], parts: list[int]) -> None:
    """Spam from other people's hosts, of which there are few: they send the most, by host."""
    draw, days = plan.draw.child("borrowers"), plan.shape.days
    ways = [hosting.add_hacked]
    ways += [hosting.add_rented, hosting.add_webmail] if plan.shape.modern else [hosting.add_hacked]
    for way in ways:
        part = max(parts)
        parts.remove(part)
        operation = _newcomer(plan, draw.pick(operators[1:])[0], None)
        way(plan, operation, part, start=draw.whole(0, days - 8), days=draw.whole(5, 14))


def _customer(
    plan: Plan, operators: list[tuple[Actor, list[Botnet]]], parts: list[int], number: int
) -> None:
    """A customer with one or a few operations; takes the sizes of his campaigns from `parts`."""
    shape, draw = plan.shape, plan.draw.child(f"customer{number}")
    # The hosted operator has most of the customers; a few customers use two operators.
    home = operators[0] if draw.chance(0.4) else operators[number % len(operators)]
    man = casting.add_actor(plan, "customer", linked=True, why="his account ordered mailings")
    account = _account(plan, man, home[0].actor)
    # In a world that has everything the first one's domains are advertised by two engines.
    both = plan.shape.every and number == 0
    for _ in range(draw.whole(1, 2)):
        theme = draw.pick(casting.SPAM_THEMES)
        operation = casting.add_operation(plan, account, theme, domains=1 if both else None)
        shared = draw.chance(0.25)
        for turn in range(2 if both else draw.whole(1, 3)):
            if not parts:
                return
            other = draw.pick(operators) if shared and draw.chance(0.5) else home
            if both:
                other = operators[turn]
            start = draw.whole(0, shape.days - 2)
            botnets = _serving(plan, other[1], start, draw.child(f"serving{len(parts)}"))
            language = None
            if plan.shape.name != "case-2007" and draw.chance(0.4):
                language = draw.pick(shape.languages)
            casting.add_campaign(
                plan, operation, botnets[0].engine, botnets=botnets, seen=parts.pop(),
                start=start, days=draw.whole(1, 14), language=language,
                manner=draw.pick(hosting.LINKING) if both else None,
            )  # fmt: skip


def _serving(plan: Plan, botnets: list[Botnet], start: int, draw: Draw) -> list[Botnet]:
    """One or two botnets of an operator with the same engine, fit for the start day."""
    chosen = draw.pick(botnets)
    moved = botnets[-1].engine is not botnets[0].engine and plan.shape.move_engine
    if moved:
        chosen = botnets[-1] if start >= plan.shape.days // 2 else draw.pick(botnets[:-1])
    same = [b for b in botnets if b.engine is chosen.engine and b is not chosen]
    return [chosen, draw.pick(same)] if same and draw.chance(0.2) else [chosen]
