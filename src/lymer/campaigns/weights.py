"""How much each voice says: log-odds that the lab's seeds 1 to 5 taught (docs/accuracy.md).

Logistic regression over pairs of single mails, and over pairs of groups as they grow; every
pair of true campaigns counts by the square root of its pairs, so that large ones do not decide.
`lymer.campaigns.voices` says what each voice measures; both weights of a voice stand side by side.
"""

import numpy as np

WEIGHTS: tuple[tuple[str, float, float], ...] = (
    ("bias", 0.24, -0.11),
    ("no text in either", 1.63, 3.08),
    ("text in one only", -0.01, -0.17),
    ("text over 5% like", 0.15, -0.12),
    ("text over 10% like", 0.86, 0.27),
    ("text over 20% like", 1.28, 0.40),
    ("text over 35% like", 1.33, 1.59),
    ("text over 60% like", 0.23, 0.78),
    ("best text", 1.62, 6.89),
    ("texts alike within only", 0.00, 3.33),
    ("text unlike the group's", 0.00, 3.35),
    ("nothing said in common", -1.14, -2.15),
    ("nothing said in common, though each repeats itself", 0.00, 0.77),
    ("length differs", -1.45, -0.50),
    ("same lines", -0.46, -0.93),
    ("same lines, in parts", -0.31, -0.52),
    ("other lines", -2.72, -2.77),
    ("same tags, in parts", 5.11, 7.16),
    ("other tags", -0.34, -0.31),
    ("other MIME tree", -1.96, -2.12),
    ("same subject", 1.37, 1.69),
    ("other subject", -1.37, -1.69),
    ("same dialect", -0.11, 0.35),
    ("no dialect in common", 0.11, 0.04),
    ("other from trait", -2.96, -1.60),
    ("other id trait", -1.01, -0.97),
    ("other date trait", -1.83, -3.39),
    ("other folding trait", -2.27, -3.08),
    ("other boundary trait", 0.93, -0.62),
    ("other forged trait", -0.89, -0.99),
    ("other odd trait", 0.00, 0.00),
    ("three traits differ", -2.57, -1.71),
    ("four traits differ", -0.29, -0.10),
    ("three traits differ in many", 0.00, -2.27),
    ("same link form", 1.47, 0.34),
    ("other link form", -0.02, -0.81),
    ("link in one only", 0.24, -0.40),
    ("same charset", 0.64, 0.67),
    ("other charset", -4.01, -4.79),
    ("shared domain", 5.52, 7.47),
    ("no shared domain", 1.47, 0.36),
    ("shared drop box", 1.73, 3.72),
    ("no shared drop box", 0.77, 0.49),
    ("shared picture", 3.61, 6.47),
    ("picture near", 3.09, 3.36),
    ("picture far", -1.07, -1.27),
    ("shared word", 1.01, 1.48),
    ("shared name", 0.81, 0.61),
    ("no shared name", -1.31, -1.95),
    ("same sender", -2.37, -2.81),
    ("other sender", 2.37, 2.81),
    ("same list", 1.01, 0.57),
    ("days apart", -1.16, -1.26),
    ("at once", -0.04, -0.46),
    ("at once, each alike within only", 0.00, -2.19),
    ("at once, made otherwise", 0.00, -1.41),
)
"""Voice, weight between two shapes, weight between two groups."""

BETWEEN_SHAPES = np.array([row[1] for row in WEIGHTS])
BETWEEN_GROUPS = np.array([row[2] for row in WEIGHTS])
