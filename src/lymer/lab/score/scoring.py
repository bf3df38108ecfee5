"""All steps in their order, and what comes of them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lymer.lab.score import (
    botnets,
    calibrations,
    campaigns,
    census,
    clients,
    controllers,
    dialects,
    operations,
    servers,
    templates,
    verdict,
    volume,
)
from lymer.lab.score.both import Both, NotInCase, TableByName
from lymer.lab.score.finding import Finding, Findings
from lymer.lab.score.worst import Disagreement, disagreements

FORMAT = 1
"""Version of what `Score.to_dict` gives."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the trace and how it is measured."""

    name: str
    best: Mapping[str, float]
    """What a perfect answer gives, by the name of the measure within the step."""
    measure: Callable[[Both], Findings]


STEPS = (
    Step("clients", clients.BEST, clients.measure),
    Step("campaigns", campaigns.BEST, campaigns.measure),
    Step("operations", operations.BEST, operations.measure),
    Step("templates", templates.BEST, templates.measure),
    Step("dialects", dialects.BEST, dialects.measure),
    Step("botnets", botnets.BEST, botnets.measure),
    Step("census", census.BEST, census.measure),
    Step("calibrations", calibrations.BEST, calibrations.measure),
    Step("volume", volume.BEST, volume.measure),
    Step("controllers", controllers.BEST, controllers.measure),
    Step("servers", servers.BEST, servers.measure),
    Step("verdict", verdict.BEST, verdict.measure),
)

MEASURES: dict[str, float] = {
    f"{step.name}.{name}": best for step in STEPS for name, best in step.best.items()
}
"""Every measure and what a perfect answer gives; defined in words in docs/measures.md."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of one case."""

    name: str
    value: float | None
    """None where nothing was measured; `note` says why."""
    best: float
    count: int
    """How many things the value was taken over."""
    note: str

    @property
    def step(self) -> str:
        """The step it belongs to."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Score:
    """What a case scored against its truth."""

    measures: list[Measure]
    disagreements: list[Disagreement]

    def to_dict(self) -> dict[str, Any]:
        """Plain values with stable keys, for JSON."""
        return {"format": FORMAT, **asdict(self)}


def score(table: TableByName, truth: Path) -> Score:
    """Measure the case whose tables `table` gives against the truth in the folder `truth`."""
    both = Both(table, truth)
    try:
        measures: list[Measure] = []
        for step in STEPS:
            try:
                findings = step.measure(both)
            except NotInCase as absent:
                findings = dict.fromkeys(step.best, Finding(None, 0, str(absent)))
            measures += [
                Measure(f"{step.name}.{name}", *_parts(findings[name], best))
                for name, best in step.best.items()
            ]
        return Score(measures, disagreements(both))
    finally:
        both.close()


def _parts(finding: Finding, best: float) -> tuple[float | None, float, int, str]:
    return finding.value, best, finding.count, finding.note
