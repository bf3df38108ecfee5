"""How much each voice says: log-odds that the lab's seeds 1 to 5 taught (docs/accuracy.md).

Logistic regression over pairs of single mails, and over pairs of groups as they grow; every
pair of true campaigns counts by the square root of its pairs, so that large ones do not decide.
`lymer.campaigns.voices` says what each voice measures; both weights of a voice stand side by side.
"""

import numpy as np

WEIGHTS: tuple[tuple[str, float, float], ...] = (
    ("bias", 0.34, 0.03),
    ("no text in either", 1.50, 2.71),
    ("text in one only", -0.01, -0.19),
    ("text over 5% like", 0.13, -0.10),
    ("text over 10% like", 0.87, 0.27),
    ("text over 20% like", 1.20, 0.42),
    ("text over 35% like", 1.35, 1.53),
    ("text over 60% like", 0.19, 0.91),
    ("best text", 1.60, 6.52),
    ("texts alike within only", 0.00, 2.76),
    ("text unlike the group's", 0.00, 3.44),
    ("nothing said in common", -1.49, -2.69),
    ("nothing said in common, though each repeats itself", 0.00, 1.33),
    ("length differs", -1.47, -0.62),
    ("same lines", -0.35, -0.71),
    ("same lines, in parts", -0.38, -0.74),
    ("other lines", -2.72, -2.89),
    ("same tags, in parts", 5.10, 6.71),
    ("other tags", -0.34, -0.50),
    ("other MIME tree", -1.93, -2.05),
    ("same subject", 1.36, 1.60),
    ("other subject", -1.36, -1.60),
    ("same dialect", -0.08, 0.79),
    ("no dialect in common", 0.08, 0.13),
    ("other from trait", -2.94, -1.66),
    ("other id trait", -1.03, -0.88),
    ("other date trait", -1.87, -3.30),
    ("other folding trait", -2.34, -3.03),
    ("other boundary trait", 0.92, -0.29),
    ("other forged trait", -0.87, -0.89),
    ("other odd trait", 0.00, 0.00),
    ("three traits differ", -2.57, -1.87),
    ("four traits differ", -0.34, -0.17),
    ("three traits differ in many", 0.00, -2.24),
    ("same link form", 1.98, 0.52),
    ("other link form", 0.50, -0.67),
    ("link in one only", 0.18, -0.40),
    ("same charset", 0.73, 0.46),
    ("other charset", -3.96, -5.03),
    ("shared domain", 4.44, 7.02),
    ("no shared domain", 0.65, 0.34),
    ("shared drop box", 1.65, 3.45),
    ("no shared drop box", 0.97, 0.55),
    ("shared picture", 3.49, 6.46),
    ("picture near", 3.04, 3.39),
    ("picture far", -1.21, -1.26),
    ("shared word", 1.00, 1.55),
    ("shared name", 0.67, 0.45),
    ("no shared name", -1.30, -1.99),
    ("same sender", -2.45, -2.92),
    ("other sender", 2.45, 2.92),
    ("same list", 1.04, 0.52),
    ("days apart", -1.18, -1.30),
    ("at once", -0.04, -0.64),
    ("at once, each alike within only", 0.00, -2.20),
    ("at once, made otherwise", 0.00, -1.39),
)
"""Voice, weight between two shapes, weight between two groups."""

BETWEEN_SHAPES = np.array([row[1] for row in WEIGHTS])
BETWEEN_GROUPS = np.array([row[2] for row in WEIGHTS])
