"""Whether more posts still pay: the model trained on a quarter, half, three quarters and all of the written authors.

    cargo build --release
    python3 benches/learning_curve.py [LABELLED.csv ...]

The authors of a smaller share are among those of each larger one: they are drawn by a hash of their names. Prints a table of
the macro-F1 over all poles out of fold (mean of the card's column) and, for each labelled file named, over its poles with 8 examples
and more. Takes as long as three trainings.
"""
import csv
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent
SOCIABLE = ROOT / "target" / "release" / "sociable"
FILES = [ROOT / "data" / f"{account}.csv" for account in ("professional", "organisation")]


def run(*arguments):
    done = subprocess.run([SOCIABLE, *arguments, "-q"], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def share(author):
    return int(hashlib.sha256(author.encode()).hexdigest()[:8], 16) / 2**32


def macro_f1(card):
    """The mean of the column F1 of the table that has one."""
    rows = [line.split(" | ") for line in card.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    header = next(row for row in rows if "F1" in row)
    f1s = [float(row[header.index("F1")]) for row in rows if len(row) == len(header) and row != header]
    return sum(f1s) / len(f1s)


measured = sys.argv[1:]
print("| posts | out of fold |" + "".join(f" {pathlib.Path(file).stem} |" for file in measured))
print("|---|---|" + "---|" * len(measured))
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for quarters in (1, 2, 3, 4):
        n_posts, parts = 0, []
        for file in FILES:
            with open(file, newline="", encoding="utf-8") as rows:
                header, *rows = csv.reader(rows)
            rows = [row for row in rows if share(row[header.index("author")]) < quarters / 4]
            n_posts += len(rows)
            parts.append(folder / file.name)
            with open(parts[-1], "w", newline="", encoding="utf-8") as part:
                csv.writer(part, lineterminator="\n").writerows([header, *rows])
        model = folder / "part.safetensors"
        run("train", *parts, "--prevalence", ROOT / "data" / "prevalence.toml", "-o", model)
        figures = [macro_f1(folder / "part.md")]
        for file in measured:
            figures.append(json.loads(run("evaluate", file, "--model", model, "--format", "json"))["macro_f1_min_support_8"])
        print(f"| {n_posts:,} |" + "".join(f" {figure:.3f} |" for figure in figures), flush=True)
