"""How much each voice says: log-odds that the lab's seeds 1 to 3 taught (docs/accuracy.md).

Logistic regression over pairs of single mails, and over pairs of groups as they grow; every
pair of true campaigns counts by the square root of its pairs, so that large ones do not decide.
`lymer.campaigns.voices` says what each voice measures; both weights of a voice stand side by side.
"""

import numpy as np

WEIGHTS: tuple[tuple[str, float, float], ...] = (
    ("bias", 0.25, 1.67),
    ("no text in either", 1.61, 2.76),
    ("text in one only", -0.00, 0.23),
    ("text over 5% like", 0.09, -0.27),
    ("text over 10% like", 0.82, 0.00),
    ("text over 20% like", 1.28, 0.60),
    ("text over 35% like", 1.17, 1.38),
    ("text over 60% like", 0.23, 0.42),
    ("best text", 1.13, 5.62),
    ("texts alike within only", 0.00, 3.34),
    ("text unlike the group's", 0.00, 4.49),
    ("nothing said in common", -1.36, -2.19),
    ("nothing said in common, though each repeats itself", 0.00, -0.46),
    ("length differs", -1.32, -0.70),
    ("same lines", 0.00, -0.58),
    ("same lines, in parts", -0.70, -0.80),
    ("other lines", -2.53, -2.73),
    ("same tags, in parts", 3.70, 4.90),
    ("other tags", 0.01, 0.17),
    ("other MIME tree", -1.48, -2.16),
    ("same subject", 1.43, 1.36),
    ("other subject", -1.43, -1.36),
    ("same dialect", -0.14, -1.02),
    ("no dialect in common", 0.14, -0.08),
    ("other from trait", -2.53, -1.85),
    ("other id trait", -1.24, -2.04),
    ("other date trait", -0.88, -1.72),
    ("other folding trait", -2.23, -3.17),
    ("other boundary trait", 0.34, -1.01),
    ("other forged trait", -0.81, -1.12),
    ("other odd trait", 0.01, -0.02),
    ("three traits differ", -2.15, -1.20),
    ("four traits differ", -0.86, -0.48),
    ("three traits differ in many", 0.00, -2.21),
    ("same link form", 2.18, 1.32),
    ("other link form", 1.03, 0.34),
    ("link in one only", -0.16, -0.29),
    ("same charset", 1.52, 0.59),
    ("other charset", -3.33, -5.03),
    ("shared domain", 3.53, 5.47),
    ("no shared domain", 0.34, 0.14),
    ("shared drop box", 1.63, 4.90),
    ("no shared drop box", 0.96, 0.26),
    ("shared picture", 2.97, 5.97),
    ("picture near", 2.37, 3.13),
    ("picture far", -1.64, -1.06),
    ("shared word", 0.86, 0.87),
    ("shared name", 0.47, 0.43),
    ("no shared name", -1.20, -1.72),
    ("same sender", -2.38, -2.63),
    ("other sender", 2.38, 2.63),
    ("same list", 0.98, 1.03),
    ("days apart", -1.34, -1.53),
    ("at once", 0.02, -0.49),
    ("at once, each alike within only", 0.00, -1.16),
    ("at once, made otherwise", 0.00, -0.90),
)
"""Voice, weight between two shapes, weight between two groups."""

BETWEEN_SHAPES = np.array([row[1] for row in WEIGHTS])
BETWEEN_GROUPS = np.array([row[2] for row in WEIGHTS])
