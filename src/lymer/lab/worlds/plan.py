"""The plan of a world: who is in it, before a single message is written.

A plan is small (hundreds of objects) whatever the scale; `lymer.lab.worlds.run` then streams the
messages of every day from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lymer.lab.addresses import Blocks
from lymer.lab.draws import Draw
from lymer.lab.engines.engine import Engine
from lymer.lab.names import Names
from lymer.lab.networks.pool import Pool
from lymer.lab.receivers.sites import Site
from lymer.lab.texts.pitch import Links, Template
from lymer.lab.texts.template import Noise


@dataclass(frozen=True)
class Shape:
    """The size and mixture of a world at scale 1."""

    name: str
    start: str
    """First day, ISO."""
    days: int
    messages: int
    """Trap messages."""
    ham: int
    traps: int
    sites: int
    modern: bool
    campaigns: int
    """Botnet campaigns, about."""
    singles: float
    """Share of trap messages that are one-off spam; the next ones likewise."""
    bulk: float
    snowshoe: float
    bounces: float
    lists: float
    languages: tuple[str, ...] = ("en",)
    flow_days: int = 0
    server: bool = False
    candidate: bool = False
    move_engine: bool = False
    every: bool = False
    """Every manner and every hard trait occurs, whatever the seed."""
    planted_link: float = 0.0
    """How often (over seeds) the promoted party is linked after all."""


@dataclass
class Botnet:
    """A pool with its operator and what steers it."""

    botnet_id: str
    operator: str
    engine: Engine
    pool: Pool
    controllers: list[tuple[str, int]]


@dataclass
class Host:
    """A sending host that stays: its address and name."""

    ip: str
    name: str
    domain: str


@dataclass
class Operation:
    """What is sold, by which account, over which domains and drop boxes."""

    operation_id: str
    account: str
    theme: str
    brand: str
    domains: list[str]
    drop_boxes: list[str]


@dataclass
class MailList:
    """A recipient list: its file, whole size and the traps on it."""

    list_file: str
    size: int
    traps: list[str]
    kept_lines: int = 0
    kept_traps: int = 0


@dataclass
class Campaign:
    """One template by one engine in one period."""

    campaign_id: str
    operation: Operation
    kind: str
    engine: Engine
    engine_known: bool
    templates: list[Template]
    links: Links
    botnets: list[Botnet]
    hosts: list[Host]
    account: str
    start: int
    """First day, counted from the world's first."""
    counts: npt.NDArray[np.int64]
    """Trap messages per day from `start` on."""
    manner: str
    language: str
    mail_list: MailList
    loyalty: int
    pools: Mapping[str, Sequence[str]]
    sender: tuple[str, str, str] | None = None
    """A fixed first name, last name and address, for senders who keep theirs."""
    aligned: bool = False
    persona: int = 0
    reply_to: bool = False
    in_ham: bool = False
    targeted: int = 0
    sent: int = 0
    accepted: int = 0
    passes: int = 1
    candidate: bool = False
    seen: int = 0
    first_at: int = 0
    last_at: int = 0
    traps: list[tuple[int, str]] = field(default_factory=list)
    """Site number and address of the traps it reaches."""

    @property
    def message_kind(self) -> str:
        return {"botnet": "spam", "unknown": "spam"}.get(self.kind, self.kind)

    def template_on(self, day: int) -> Template:
        """The template version in use on a day of the world."""
        span = max(1, len(self.counts))
        at = min(span - 1, max(0, day - self.start)) * len(self.templates) // span
        return self.templates[at]


@dataclass
class Job:
    """An order in the operator's books."""

    job_id: str
    account: str
    campaign: Campaign
    template_file: str
    list_file: str
    targets: int
    sent: int
    accepted: int
    started_at: int
    ended_at: int
    price: float
    server: str | None


@dataclass
class Actor:
    """Somebody invented, with the role the truth gives."""

    actor: str
    name: str
    role: str
    linked: bool
    why: str


@dataclass
class Account:
    """A login of the mailing application."""

    account: str
    role: str
    actor: str
    operator: str


@dataclass
class Plan:
    """Everything of a world that exists before its messages."""

    shape: Shape
    draw: Draw
    scale: float
    names: Names
    noise: Noise
    blocks: Blocks
    start_at: int
    """Midnight UTC of the first day, Unix seconds."""
    sites: list[Site]
    engines: list[Engine] = field(default_factory=list)
    botnets: list[Botnet] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    actors: list[Actor] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    lists: list[MailList] = field(default_factory=list)
    beacons: list[tuple[str, int, str]] = field(default_factory=list)
    """Harmless endpoints that everybody visits: address, port, role."""
    pools: dict[str, list[str]] = field(default_factory=dict)
    free_mail: list[str] = field(default_factory=list)
    manners: list[str] = field(default_factory=list)
    """Manners that campaigns to come will take, the next one last."""
    shorteners: list[str] = field(default_factory=list)
    """Hosts that lead to anybody's page, for anybody."""
    answering: list[str] = field(default_factory=list)
    """Mailboxes that take answers for several customers who do not know each other."""
    footers: list[str] = field(default_factory=list)
    """Lines that strangers have under their mail: of scanners and free mail services."""
    clouds: list[Host] = field(default_factory=list)
    """Sending hosts that everybody rents."""
    webmail: list[Host] = field(default_factory=list)
    """Hosts of a webmail service."""
    providers: list[str] = field(default_factory=list)
    """Reverse-name patterns of access providers; empty where there is no reverse name."""
    local_block: int = 0
    hosted_operator: str = ""
    hosted_server: str = ""
