"""The worlds there are, by size and mixture; the numbers follow DESIGN section 7."""

from lymer.lab.worlds.plan import Shape

_LANGUAGES = ("en", "en", "de", "es", "fr")
_MORE_LANGUAGES = (*_LANGUAGES, "ru")

SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape(
            name="case-2007", start="2007-10-01", days=45, messages=60_000, ham=4_000, traps=4_000,
            sites=5, modern=False, campaigns=52, singles=0.05, bulk=0.05, snowshoe=0.02,
            bounces=0.01, lists=0.006, languages=_LANGUAGES, flow_days=2, server=True,
            candidate=True,
        ),
        Shape(
            name="mixed", start="2008-02-04", days=30, messages=40_000, ham=4_000, traps=3_000,
            sites=7, modern=False, campaigns=60, singles=0.08, bulk=0.08, snowshoe=0.05,
            bounces=0.03, lists=0.02, languages=_MORE_LANGUAGES, flow_days=2, server=True,
            candidate=True, move_engine=True, every=True, planted_link=0.4,
        ),
        Shape(
            name="quiet", start="2009-05-11", days=28, messages=2_000, ham=400, traps=40,
            sites=1, modern=False, campaigns=110, singles=0.12, bulk=0.08, snowshoe=0.03,
            bounces=0.02, lists=0.01, languages=_LANGUAGES,
        ),
        Shape(
            name="modern", start="2024-03-04", days=30, messages=40_000, ham=4_000, traps=2_500,
            sites=5, modern=True, campaigns=50, singles=0.07, bulk=0.14, snowshoe=0.12,
            bounces=0.01, lists=0.005, languages=_MORE_LANGUAGES, flow_days=1, every=True,
        ),
        Shape(
            name="ham", start="2010-09-06", days=30, messages=0, ham=12_000, traps=300,
            sites=4, modern=False, campaigns=0, singles=0.0, bulk=0.0, snowshoe=0.0,
            bounces=0.0, lists=0.0, languages=_LANGUAGES,
        ),
    )
}  # fmt: skip
