"""What data/README.md counts in the written posts.

    python3 benches/corpus.py [TABLE.csv[.gz] ...]

Posts, authors, shares and minimal sets; labels a characteristic; and the shape of the texts, for the written posts and for each
further table with a column `text`.
"""
import csv
import gzip
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent
N_FIELDS = 7
N_WORDS = 20_000
SHAPES = {
    "URL": "https?://",
    "@": r"@\w",
    "#": r"#\w",
    "emoji": "[\U0001f000-\U0001faff\u2600-\u27bf]",
    "?": r"\?",
    "I": r"\b[Ii]\b",
    "you": r"\b[Yy][Oo][Uu]",
}
csv.field_size_limit(1 << 30)


def read(path):
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt", newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def counts(name, rows):
    slugs = list(rows[0])[N_FIELDS:]
    zero = sum(all(row[slug] in ("0", "") for slug in slugs) for row in rows)
    parents = sum(row["parent"] != "" for row in rows)
    print(f"\n{name}: {len(rows):,} posts by {len({row['author'] for row in rows}):,} authors, {zero / len(rows):.1%} 0 on all, {parents / len(rows):.1%} with a parent\n")
    print("| characteristic | upholds | breaches | neither | blank |\n|---|---|---|---|---|")
    for slug in slugs:
        labels = [row[slug] for row in rows]
        print(f"| {slug} |" + "".join(f" {labels.count(label):,} |" for label in ("1", "-1", "0", "")))


def shape(name, rows):
    texts = [row["text"] for row in rows]
    lengths = sorted(len(text.split()) for text in texts)
    words = [word for text in texts for word in re.findall("[a-z']+", text.lower())][:N_WORDS]
    shares = [sum(bool(row.get("parent")) for row in rows)]
    shares += [sum(re.search(pattern, text) is not None for text in texts) for pattern in SHAPES.values()]
    cells = [len(rows), lengths[len(rows) // 2], lengths[len(rows) * 9 // 10], *(f"{n / len(rows):.2f}" for n in shares)]
    print(f"| {name} | " + " | ".join(map(str, cells)) + f" | {len(set(words)) / len(words):.3f} |")


written = {account: read(ROOT / "data" / f"{account}.csv") for account in ("professional", "organisation")}
for account, rows in written.items():
    counts(account, rows)
parents = {}
for row in (row for rows in written.values() for row in rows):
    parents.setdefault(row["text"], set()).add(row["parent"])
print(f"\n{sum(len(own) > 1 for own in parents.values())} sets of one reply under several parents\n")
print("| posts | n | median | 90 % | parent | " + " | ".join(SHAPES) + " | types/tokens |\n|" + "---|" * (len(SHAPES) + 6))
for name, rows in [*written.items(), *((pathlib.Path(path).name.split(".")[0], read(path)) for path in sys.argv[1:])]:
    shape(name, rows)
