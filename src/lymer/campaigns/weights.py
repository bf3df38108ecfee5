"""How much each voice says: log-odds that the lab's seeds 1 to 5 taught (docs/accuracy.md).

Logistic regression over pairs of single mails, and over pairs of groups as they grow; every
pair of true campaigns counts by the square root of its pairs, so that large ones do not decide.
`lymer.campaigns.voices` says what each voice measures; both weights of a voice stand side by side.
They were learned when the day of the month and drawn names still made traits of the dialect differ.
Learned anew without that, they are too strict for real mail (docs/campaigns.md).
"""

import numpy as np

WEIGHTS: tuple[tuple[str, float, float], ...] = (
    ("bias", -0.59, -0.52),
    ("no text in either", 1.48, 2.28),
    ("text in one only", -0.02, -0.02),
    ("text over 5% like", 0.13, -0.18),
    ("text over 10% like", 0.92, -0.06),
    ("text over 20% like", 1.35, 1.83),
    ("text over 35% like", 1.29, 1.54),
    ("text over 60% like", 0.07, 0.78),
    ("best text", 1.36, 2.69),
    ("texts alike within only", 0.00, 2.15),
    ("text unlike the group's", 0.00, 3.48),
    ("nothing said in common", -1.56, -2.58),
    ("nothing said in common, though each repeats itself", 0.00, 1.56),
    ("length differs", -1.19, -0.68),
    ("same lines", -0.22, -0.25),
    ("same lines, in parts", -0.83, -0.55),
    ("other lines", -2.44, -1.52),
    ("same tags, in parts", 3.93, 2.36),
    ("other tags", -0.32, 0.31),
    ("other MIME tree", -1.66, -2.22),
    ("same subject", 1.19, 1.20),
    ("other subject", -1.19, -1.20),
    ("same dialect", 0.04, 0.12),
    ("no dialect in common", -0.04, -0.12),
    ("other from trait", -2.36, -1.66),
    ("other id trait", -1.16, -1.25),
    ("other date trait", -1.78, -3.04),
    ("other folding trait", -2.12, -2.25),
    ("other boundary trait", 0.79, -0.62),
    ("other forged trait", -0.68, -0.41),
    ("other odd trait", 0.00, 0.00),
    ("three traits differ", -2.00, -1.58),
    ("four traits differ", -0.56, -0.33),
    ("three traits differ in many", 0.00, -1.75),
    ("same link form", 1.93, 1.43),
    ("other link form", -0.58, -2.63),
    ("link in one only", -0.07, -2.11),
    ("same charset", 0.81, 0.08),
    ("other charset", -3.64, -4.08),
    ("shared domain", 2.36, 2.21),
    ("no shared domain", 0.92, -0.07),
    ("shared drop box", 1.65, 3.09),
    ("no shared drop box", 0.69, 0.06),
    ("shared picture", 3.32, 4.86),
    ("picture near", 2.77, 3.22),
    ("picture far", -1.29, -2.87),
    ("shared word", 0.94, 1.73),
    ("shared name", 0.48, 0.07),
    ("no shared name", -1.21, -0.56),
    ("shared page", 5.88, 6.11),
    ("no shared page", -0.10, -0.85),
    ("each its own name", -0.17, -3.84),
    ("says what the larger says", 0.00, 5.25),
    ("same sender", -2.90, -3.23),
    ("other sender", 2.90, 3.23),
    ("same list", 0.26, 0.30),
    ("days apart", -0.97, -0.93),
    ("at once", -0.02, -0.78),
    ("at once, each alike within only", 0.00, -0.95),
    ("at once, made otherwise", 0.00, -1.87),
)
"""Voice, weight between two shapes, weight between two groups."""

BETWEEN_SHAPES = np.array([row[1] for row in WEIGHTS])
BETWEEN_GROUPS = np.array([row[2] for row in WEIGHTS])
