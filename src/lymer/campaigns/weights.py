"""How much each voice says: log-odds that the lab's seeds 1 to 5 taught (docs/accuracy.md).

Logistic regression over pairs of single mails, and over pairs of groups as they grow; every
pair of true campaigns counts by the square root of its pairs, so that large ones do not decide.
`lymer.campaigns.voices` says what each voice measures; both weights of a voice stand side by side.
"""

import numpy as np

WEIGHTS: tuple[tuple[str, float, float], ...] = (
    ("bias", -0.57, 0.05),
    ("no text in either", 1.47, 1.89),
    ("text in one only", -0.02, -0.13),
    ("text over 5% like", 0.13, -0.17),
    ("text over 10% like", 0.91, 0.25),
    ("text over 20% like", 1.35, 0.86),
    ("text over 35% like", 1.29, 1.45),
    ("text over 60% like", 0.08, 0.86),
    ("best text", 1.36, 4.98),
    ("texts alike within only", 0.00, 1.89),
    ("text unlike the group's", 0.00, 3.58),
    ("nothing said in common", -1.54, -2.60),
    ("nothing said in common, though each repeats itself", 0.00, 1.58),
    ("length differs", -1.19, -0.76),
    ("same lines", -0.23, -0.60),
    ("same lines, in parts", -0.84, -0.94),
    ("other lines", -2.45, -2.12),
    ("same tags, in parts", 3.91, 2.78),
    ("other tags", -0.32, 0.06),
    ("other MIME tree", -1.66, -2.34),
    ("same subject", 1.19, 1.71),
    ("other subject", -1.19, -1.71),
    ("same dialect", 0.04, 0.81),
    ("no dialect in common", -0.04, 0.09),
    ("other from trait", -2.36, -1.72),
    ("other id trait", -1.16, -1.08),
    ("other date trait", -1.79, -3.03),
    ("other folding trait", -2.12, -2.33),
    ("other boundary trait", 0.79, -0.18),
    ("other forged trait", -0.68, -0.41),
    ("other odd trait", 0.00, 0.00),
    ("three traits differ", -2.00, -1.80),
    ("four traits differ", -0.56, -0.69),
    ("three traits differ in many", 0.00, -1.13),
    ("same link form", 1.93, 1.52),
    ("other link form", -0.58, -2.43),
    ("link in one only", -0.07, -0.91),
    ("same charset", 0.80, -0.01),
    ("other charset", -3.64, -4.40),
    ("shared domain", 2.36, 2.37),
    ("no shared domain", 0.92, -0.32),
    ("shared drop box", 1.65, 2.98),
    ("no shared drop box", 0.68, 0.15),
    ("shared picture", 3.32, 5.39),
    ("picture near", 2.77, 3.27),
    ("picture far", -1.29, -1.89),
    ("shared word", 0.94, 1.20),
    ("shared name", 0.50, 0.23),
    ("no shared name", -1.30, -2.00),
    ("shared page", 5.87, 6.68),
    ("no shared page", -0.09, -0.59),
    ("same sender", -2.90, -3.31),
    ("other sender", 2.90, 3.31),
    ("same list", 0.25, 0.12),
    ("days apart", -0.97, -1.03),
    ("at once", -0.03, 0.11),
    ("at once, each alike within only", 0.00, -1.83),
    ("at once, made otherwise", 0.00, -1.52),
)
"""Voice, weight between two shapes, weight between two groups."""

BETWEEN_SHAPES = np.array([row[1] for row in WEIGHTS])
BETWEEN_GROUPS = np.array([row[2] for row in WEIGHTS])
