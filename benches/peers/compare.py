#!/usr/bin/env python3
"""Posts a CPU second: sociable against fastText's probabilities and a bare CSV parse, in one run.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install fasttext-wheel 'numpy<2'
    cargo build --release && cargo build --release --bench parse
    /tmp/peers/bin/python benches/peers/compare.py [POSTS]

Makes POSTS (default 1,000,000) posts from our own written posts by a seeded generator, trains fastText (dim 16,
200,000 buckets, bigrams, one-vs-all) on the tags of data/professional.csv, then runs each program in turn, one thread
each, three rounds, and prints CPU seconds of the whole process (median) and ratios. fastText gets plain lines and runs
inside Python, whose own time (start, loop) is in its figure: on short lines that is a disadvantage of some per cent
against its own command line.
"""
import csv, os, random, resource, statistics, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
N = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
FASTTEXT = """
import sys, fasttext
model = fasttext.load_model(sys.argv[1])
with open(sys.argv[2], encoding='utf-8') as lines, open('/dev/null', 'w') as out:
    for line in lines:
        labels, probabilities = model.predict(line.rstrip('\\n'), k=-1)
        out.write(' '.join(f'{l} {p:.4f}' for l, p in zip(labels, probabilities)) + '\\n')
"""


def posts():
    for name in ("professional", "organisation"):
        with open(os.path.join(ROOT, "data", name + ".csv"), newline="", encoding="utf-8") as rows:
            yield from csv.DictReader(rows)


def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    folder = tempfile.mkdtemp(prefix="sociable-peers-")
    written = list(posts())
    texts = [row["text"] for row in written]
    words = [text.split() for text in texts]
    generator = random.Random(1)
    posts_csv, lines = os.path.join(folder, "posts.csv"), os.path.join(folder, "lines.txt")
    with open(posts_csv, "w", newline="", encoding="utf-8") as table, open(lines, "w", encoding="utf-8") as plain:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["id", "author", "text"])
        for at in range(N):
            # The start of one post and the end of another, so that bigrams vary.
            first, second = generator.choice(words), generator.choice(words)
            text = " ".join(first[: generator.randint(1, len(first))] + second[generator.randrange(len(second)):])
            writer.writerow([at, f"a{at % 997}", text])
            plain.write(text + "\n")
    import fasttext

    training = os.path.join(folder, "training.txt")
    slugs = list(written[0])[7:]
    with open(training, "w", encoding="utf-8") as out:
        for row in written:
            if row["account"] == "professional":
                labels = [f"__label__{s}{row[s]}" for s in slugs if row[s] in ("1", "-1")] or ["__label__none"]
                out.write(" ".join(labels) + " " + " ".join(row["text"].split()) + "\n")
    model = os.path.join(folder, "fasttext.bin")
    fasttext.train_supervised(training, dim=16, bucket=200_000, wordNgrams=2, loss="ova", thread=1, verbose=0).save_model(model)
    sociable = os.path.join(ROOT, "target", "release", "sociable")
    parse = max(
        (os.path.join(ROOT, "target", "release", "deps", f) for f in os.listdir(os.path.join(ROOT, "target", "release", "deps")) if f.startswith("parse-") and "." not in f),
        key=os.path.getmtime,
    )
    commands = {
        "csv crate, bare parse": [parse, posts_csv],
        "sociable score -t 1": [sociable, "score", "-q", "-t", "1", posts_csv],
        "fastText, all probabilities": [sys.executable, "-c", FASTTEXT, model, lines],
    }
    seconds = {name: [] for name in commands}
    for _ in range(3):
        for name, command in commands.items():
            seconds[name].append(cpu(command))
    own = statistics.median(seconds["sociable score -t 1"])
    print(f"{N:,} posts, {os.path.getsize(posts_csv) / 1e6:.0f} MB of CSV; CPU seconds of whole processes, median of 3")
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"{name:30} {median:8.2f} s {N / median:12,.0f} posts/CPU s   {median / own:6.2f} × ours")
    subprocess.run(["rm", "-r", folder], check=False)


main()
