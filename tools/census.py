"""Compare ways of counting bots on small populations whose size is known.

Populations live in the lab's pools: infection and cleaning, days off, changing addresses, NAT. How
unequally bots send is varied beyond what the lab does. For every regime this prints how often the
95 % interval (or bound) holds the truth, the median bias of the point, and how many have a point.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from lymer.botnets.abundance import Shapes
from lymer.botnets.census import CensusRule, Interval, Population, Sightings, count_bots
from lymer.lab.addresses import Blocks
from lymer.lab.draws import Draw
from lymer.lab.networks.pool import DAY_SECONDS, Pool

Reals = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAYS = 30
DENSITIES = {"dense": (1.0, 4.0), "medium": (0.3, 1.0), "sparse": (0.03, 0.3)}
"""Mails seen of a live bot on a day of a campaign."""
CHURNS = {"low": (0.02, 0.1), "high": (0.5, 0.8)}
RATES: dict[str, Callable[[np.random.Generator, int], Reals]] = {
    "log-normal": lambda rng, size: rng.lognormal(0.0, 1.0, size),
    "gamma": lambda rng, size: rng.gamma(0.6, 1.0, size),
    "two classes": lambda rng, size: np.where(rng.random(size) < 0.2, 10.0, 1.0),
    "all alike": lambda _, size: np.ones(size),
}
LOYALTY = 0.85
"""As in the lab: two thirds of the bots send so much less for a campaign. Log-normal only."""


@dataclass(frozen=True)
class Case:
    """The sightings of one botnet and its live bots, by day."""

    rates: str
    density: str
    churn: str
    seen: Sightings
    live: Ints


def cases(seeds: range) -> Iterator[Case]:
    """One case for each seed and regime."""
    for seed in seeds:
        for density, range_of in DENSITIES.items():
            for churn, chances in CHURNS.items():
                yield _simulate(seed, "log-normal", density, churn, range_of, chances)
        for rates in list(RATES)[1:]:
            density = list(DENSITIES)[seed % 3]
            churn = list(CHURNS)[seed // 3 % 2]
            yield _simulate(seed, rates, density, churn, DENSITIES[density], CHURNS[churn])


def _simulate(
    seed: int,
    rates: str,
    density: str,
    churn: str,
    mails: tuple[float, float],
    chances: tuple[float, float],
) -> Case:
    draw = Draw(seed, f"census/{rates}/{density}/{churn}")
    rng = draw.numpy("mail")
    size = int(draw.spread(60, 1500))
    pool = Pool(
        draw, "b", Blocks(draw.child("blocks")),
        size=size, days=DAYS, churn=draw.pick(chances), duty=draw.between(0.25, 0.8),
        turnover=draw.between(0.3, 0.9), nat_share=draw.between(0.01, 0.1),
    )  # fmt: skip
    per_bot = draw.spread(*mails)
    rate = RATES[rates](rng, size)
    campaigns = []
    for _ in range(draw.whole(1, 5)):
        start = draw.whole(0, DAYS - 2)
        length = min(draw.whole(1, 14), DAYS - start)
        waves = rng.dirichlet(np.full(length, draw.pick((0.7, 2.0, 6.0)))) * length
        campaigns.append((start, waves, draw.whole(0, 2)))
    found: list[tuple[int, int]] = []
    live = []
    for day in range(DAYS):
        today = pool.advance(day)
        live.append(len(today.bots))
        for start, waves, third in campaigns:
            if not 0 <= day - start < len(waves) or not len(today.bots):
                continue
            weight = rate[today.bots]
            if rates == "log-normal":
                weight = np.where((today.bots + third) % 3 == 0, 1, 1 - LOYALTY) * weight
            mean = per_bot * len(today.bots) * waves[day - start] / len(campaigns) ** 0.5
            picks = rng.choice(len(weight), size=rng.poisson(mean), p=weight / weight.sum())
            seconds = rng.integers(0, DAY_SECONDS, size=len(picks))
            found += [
                (day, pool.address(at, second))
                for at, second in zip(picks.tolist(), seconds.tolist(), strict=True)
            ]
    rows = np.array(found or [(0, 0)], dtype=np.int64)
    unique, mails_of = np.unique(rows, axis=0, return_counts=True)
    mails_seen = mails_of.astype(np.int64)
    seen = Sightings(unique[:, 0], unique[:, 1], mails_seen, np.zeros_like(mails_seen))
    return Case(rates, density, churn, seen, np.array(live))


def footprint(size: Population, _: list[Ints]) -> Interval:
    """Distinct addresses of the window, taken for bots."""
    return Interval(size.footprint, size.footprint, size.footprint)


def chao1(_: Population, days: list[Ints]) -> Interval:
    """Chao (1987): unseen at least f1^2 / 2 f2, with its log-normal interval."""
    seen, once, twice = _frequencies(days)
    unseen = once * (once - 1) / (2 * (twice + 1))
    ratio = once / max(twice, 1)
    variance = twice * (ratio**4 / 4 + ratio**3 + ratio**2 / 2)
    return _log_normal(seen, unseen, variance, len(days))


def chao_lee(_: Population, days: list[Ints]) -> Interval:
    """Chao and Lee (1992): sample coverage, with the spread of rates from the counts."""
    counts = np.concatenate(days)
    seen, mails = len(counts), int(counts.sum())
    estimate = _chao_lee(counts, seen, mails)
    rng = np.random.default_rng(0)
    again = []
    for _ in range(100):
        sample = rng.choice(counts, size=len(counts))
        again.append(np.log(max(_chao_lee(sample, seen, int(sample.sum())) - seen, 0.5)))
    doubt = float(np.std(again))
    unseen = max(estimate - seen, 0.5)
    return _scaled(
        seen + unseen * np.exp(-1.96 * doubt), estimate, seen + unseen * np.exp(1.96 * doubt), days
    )


def _chao_lee(counts: Ints, seen: int, mails: int) -> float:
    once = int((counts == 1).sum())
    coverage = max(1 - once / max(mails, 1), 1 / (mails + 1))
    plain = seen / coverage
    pairs = float((counts * (counts - 1)).sum())
    spread = max(plain * pairs / max(mails * (mails - 1), 1) - 1, 0)
    return float(plain + mails * (1 - coverage) / coverage * spread)


def negative_binomial(_: Population, days: list[Ints]) -> Interval:
    """Gamma rates, by profile likelihood over the number of addresses and the gamma's shape."""
    most = max(len(counts) for counts in days)
    totals = np.exp(np.linspace(np.log(most), np.log(1000 * most + 500), 200))[:, None]
    shape = np.exp(np.linspace(np.log(0.05), np.log(20), 25))
    found = np.zeros((len(totals), len(shape)))
    for counts in days:
        mean = counts.sum() / totals
        values, times = np.unique(counts, return_counts=True)
        unseen = np.maximum(totals - len(counts), 0)
        found += gammaln(totals + 1) - gammaln(unseen + 1)
        for value, weight in [(0, unseen), *zip(values, times, strict=True)]:
            found += weight * (
                gammaln(shape + value) - gammaln(shape) - gammaln(value + 1)
                - shape * np.log1p(mean / shape) + value * np.log(mean / (mean + shape))
            )  # fmt: skip
    profile = found.max(axis=1)
    held = totals[profile > profile.max() - 1.92, 0]
    return Interval(float(held[0]), float(totals[profile.argmax(), 0]), float(held[-1]))


def _frequencies(days: list[Ints]) -> tuple[int, int, int]:
    return (
        sum(len(counts) for counts in days),
        sum(int((counts == 1).sum()) for counts in days),
        sum(int((counts == 2).sum()) for counts in days),
    )


def _log_normal(seen: int, unseen: float, variance: float, days: int) -> Interval:
    if unseen <= 0:
        return Interval(seen / days, seen / days, seen / days)
    factor = np.exp(1.96 * np.sqrt(np.log1p(variance / unseen**2)))
    return Interval(
        float(seen + unseen / factor) / days,
        float(seen + unseen) / days,
        float(seen + unseen * factor) / days,
    )


def _scaled(low: float, point: float, high: float, days: list[Ints]) -> Interval:
    return Interval(float(low / len(days)), float(point / len(days)), float(high / len(days)))


OTHERS = {
    "footprint": footprint,
    "Chao1": chao1,
    "Chao-Lee": chao_lee,
    "neg. binomial": negative_binomial,
}


@dataclass
class Tally:
    """How one estimator did in one regime."""

    held: list[bool]
    two_sided: list[bool]
    bias: list[float]
    width: list[float]

    def add(self, live: Interval, truth: float) -> None:
        held = live.low <= truth and (live.high is None or truth <= live.high)
        self.held.append(held)
        if live.high is not None:
            self.two_sided.append(held)
            self.width.append(live.high / live.low)
        if live.point is not None:
            self.bias.append(live.point / truth - 1)

    def line(self) -> str:
        near = [abs(bias) <= 0.15 for bias in self.bias]
        cells = [
            f"{np.mean(self.held):.2f}",
            f"{np.mean(self.two_sided):.2f} of {len(self.two_sided)}" if self.two_sided else "-",
            f"{np.median(self.width):.1f}" if self.width else "-",
            f"{len(self.bias)}",
            f"{np.median(self.bias):+.2f}" if self.bias else "-",
            f"{np.mean(near):.2f}" if near else "-",
        ]
        return " | ".join(cells)


def main() -> None:
    """Simulate, count, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0-59", help="first and last")
    options = parser.parse_args()
    first, last = (int(word) for word in options.seeds.split("-"))
    rule, shapes = CensusRule(), Shapes()
    tallies: dict[tuple[str, str], Tally] = {}
    for case in cases(range(first, last + 1)):
        size = count_bots(case.seen, rule, shapes)
        inside = range(size.first_day, size.last_day + 1)
        truth = float(case.live[inside].mean())
        if not truth:
            continue
        days = [case.seen.mails[case.seen.day == day] for day in inside]
        days = [counts for counts in days if len(counts)]
        answers = {"Lymer": size.live}
        for name, count in OTHERS.items():
            found = count(size, days)
            if name != "footprint":
                # The same correction for changes within a day as Lymer's own.
                per_bot = 1 + rule.changes_within_day * size.change_share
                ends = [end and end / per_bot for end in (found.low, found.point, found.high)]
                found = Interval(ends[0] or 0.0, ends[1], ends[2])
            answers[name] = found
        for name, live in answers.items():
            regimes = ["all"]
            if case.rates == "log-normal":
                regimes += [case.density, f"churn {case.churn}"]
            else:
                regimes.append(case.rates)
            for regime in regimes:
                tallies.setdefault((regime, name), Tally([], [], [], [])).add(live, truth)
    print(
        "| regime | way | held | two-sided held | high / low | points | median bias | within 15 % |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    regimes = ["all", *DENSITIES, *(f"churn {churn}" for churn in CHURNS), *list(RATES)[1:]]
    for regime in regimes:
        for name in ("Lymer", *OTHERS):
            if (regime, name) in tallies:
                print(f"| {regime} | {name} | {tallies[regime, name].line()} |")


if __name__ == "__main__":
    main()
