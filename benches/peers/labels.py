"""The labels of data/professional.csv as sixteen tags, two a characteristic: what every peer learns."""
import csv
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The columns before the characteristics.
N_FIELDS = 7


def labelled():
    """Names of the tags, texts, and for each text the places of its tags."""
    with open(os.path.join(ROOT, "data", "professional.csv"), newline="", encoding="utf-8") as rows:
        rows = list(csv.DictReader(rows))
    slugs = list(rows[0])[N_FIELDS:]
    names = [slug + pole for slug in slugs for pole in ("+", "-")]
    poles = {"1": 0, "-1": 1}
    tags = [[2 * at + poles[row[slug]] for at, slug in enumerate(slugs) if row[slug] in poles] for row in rows]
    return names, [row["text"] for row in rows], tags
