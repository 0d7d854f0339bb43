"""The shipped model on real posts that were drawn at random from timelines: labels by one AI reader who did not see the tags.

    cargo build --release
    python3 benches/random_posts.py TIMELINES

TIMELINES is the folder of the real timelines, which are not in this repository; `random_posts.csv` beside this script holds labels and the
posts' numbers there, no texts. Prints F1 and average precision of each pole with 8 examples and more, and their means.
"""
import csv
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent
SOCIABLE = ROOT / "target" / "release" / "sociable"
N_FIELDS = 3
LEAST = 8
csv.field_size_limit(1 << 30)

with open(ROOT / "benches" / "random_posts.csv", newline="", encoding="utf-8") as rows:
    labelled = list(csv.DictReader(rows))
posts = {}
for timeline in {row["timeline"] for row in labelled}:
    with gzip.open(pathlib.Path(sys.argv[1]) / f"{timeline}.csv.gz", "rt", newline="", encoding="utf-8") as rows:
        posts.update(((timeline, post["id"]), post) for post in csv.DictReader(rows))
slugs = list(labelled[0])[N_FIELDS:]
print("| tag | examples | F1 | average precision |\n|---|---|---|---|")
for account in ("professional", "organisation"):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "posts.csv"
        with open(path, "w", newline="", encoding="utf-8") as rows:
            table = csv.DictWriter(rows, ["id", "account", "author", "parent", "text", *slugs], extrasaction="ignore")
            table.writeheader()
            for row in labelled:
                if row["account"] == account:
                    table.writerow(posts[row["timeline"], row["id"]] | row)
        done = subprocess.run([SOCIABLE, "evaluate", path, "--format", "json", "-q"], check=True, stdout=subprocess.PIPE)
    evaluation = json.loads(done.stdout)
    for pole in (pole for characteristic in evaluation["characteristics"] for pole in characteristic["poles"]):
        if pole["support"] >= LEAST:
            print(f"| {pole['tag']} | {pole['support']} | {pole['f1']:.3f} | {pole['average_precision']:.3f} |")
    print(f"| *{account}s, mean* | | {evaluation['macro_f1_min_support_8']:.3f} | |")
