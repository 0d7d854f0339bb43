"""The shipped model on real posts that were drawn at random from timelines: each labelled by one reader, AI, who did not see the tags.

    cargo build --release
    python3 benches/random_posts.py TIMELINES

TIMELINES is the folder of the real timelines, which are not in this repository; `random_posts.csv` beside this script holds labels and the
posts' numbers there, no texts. Scores each timeline whole, with and without `--adapt`, and prints F1 of each pole with 8 examples and more and
its average precision without, then how many judgements are right.
"""
import csv
import io
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent
SOCIABLE = ROOT / "target" / "release" / "sociable"
N_FIELDS = 3
LEAST = 8
csv.field_size_limit(1 << 30)


def scored(timeline, account, *flags):
    """Tags and probabilities by the posts' numbers."""
    path = pathlib.Path(sys.argv[1]) / f"{timeline}.csv.gz"
    done = subprocess.run([SOCIABLE, "score", "-q", path, "--account", account, *flags], check=True, stdout=subprocess.PIPE)
    return {row["id"]: row for row in csv.DictReader(io.StringIO(done.stdout.decode(), newline=""))}


def f1(tagged, holds):
    both = sum(t and h for t, h in zip(tagged, holds))
    return 2 * both / (sum(tagged) + sum(holds))


def average_precision(probabilities, holds):
    """Ties count as one threshold, as in scikit-learn."""
    total, n_above, hits = 0.0, 0, 0
    for threshold in sorted(set(probabilities), reverse=True):
        here = [h for p, h in zip(probabilities, holds) if p == threshold]
        n_above += len(here)
        hits += sum(here)
        total += sum(here) * hits / n_above
    return total / hits


codebook = json.loads(subprocess.run([SOCIABLE, "codebook", "--format", "json"], check=True, stdout=subprocess.PIPE).stdout)
tags = {(own["slug"], pole): own[pole]["tag"] for own in codebook["characteristic"] for pole in ("upholds", "breaches")}
with open(ROOT / "benches" / "random_posts.csv", newline="", encoding="utf-8") as rows:
    labelled = list(csv.DictReader(rows))
timelines = {(row["timeline"], row["account"]) for row in labelled}
expected = {timeline: scored(timeline, account) for timeline, account in timelines}
adapted = {timeline: scored(timeline, account, "--adapt") for timeline, account in timelines}
print("| tag | examples | F1 | F1 with `--adapt` | average precision |\n|---|---|---|---|---|")
for account in ("professional", "organisation"):
    figures = []
    for slug in list(labelled[0])[N_FIELDS:]:
        for pole, value in (("upholds", "1"), ("breaches", "-1")):
            tag = tags[slug, pole]
            rows = [row for row in labelled if row["account"] == account and row[slug]]
            rows = [row for row in rows if expected[row["timeline"]][row["id"]][tag]]
            holds = [row[slug] == value for row in rows]
            if sum(holds) < LEAST:
                continue
            of = [[posts[row["timeline"]][row["id"]] for row in rows] for posts in (expected, adapted)]
            both = [f1([tag in post["tags"].split(";") for post in posts], holds) for posts in of]
            figures.append(both)
            precision = average_precision([float(post[tag]) for post in of[0]], holds)
            print(f"| {tag} | {sum(holds)} | {both[0]:.3f} | {both[1]:.3f} | {precision:.3f} |")
    means = [sum(column) / len(column) for column in zip(*figures)]
    print(f"| *{account}s, mean* | | {means[0]:.3f} | {means[1]:.3f} | |")

right, better = [0, 0], {-1: 0, 0: 0, 1: 0}
n_judged = 0
for timeline, account in sorted(timelines):
    own = [0, 0]
    for row in labelled:
        for slug in list(labelled[0])[N_FIELDS:]:
            of = [posts[timeline][row["id"]] for posts in (expected, adapted)] if row["timeline"] == timeline else []
            if not of or not row[slug] or not of[0][tags[slug, "upholds"]]:
                continue
            n_judged += 1
            for at, post in enumerate(of):
                told = post["tags"].split(";")
                value = "1" if tags[slug, "upholds"] in told else "-1" if tags[slug, "breaches"] in told else "0"
                own[at] += value == row[slug]
    right = [sum(pair) for pair in zip(right, own)]
    better[(own[1] > own[0]) - (own[1] < own[0])] += 1
print(f"\nRight {right[0]} of {n_judged} judgements, with `--adapt` {right[1]}: better on {better[1]} timelines, the same on {better[0]}, worse on {better[-1]}.")
