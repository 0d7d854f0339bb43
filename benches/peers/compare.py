#!/usr/bin/env python3
"""sociable against its peers on this machine, as Markdown: the tables of benches/RESULTS.md.

    python3 benches/peers/compare.py [--posts N] [--rounds N] [--parts peers,threads,size,start,training]

Wants cargo, Python with venv and pip, and g++; nothing else. Installs scikit-learn and Vowpal Wabbit from PyPI into target/peers,
builds fastText's own command-line program from its source distribution there, makes the posts (`cargo bench --bench
posts`: 201 bytes a row, by a seeded generator from our own written posts), trains every peer on the labels of
data/professional.csv, and runs all programs in turn, round after round, one thread each. Figures are of whole processes,
as the kernel counts them: CPU seconds (user and system), wall seconds, peak memory. A ratio is the median of the ratios
within each round. Every program writes all its probabilities, to a file; each has to write a row a post.

What each peer is spared: fastText, Vowpal Wabbit and scikit-learn read plain lines, prepared beforehand, where sociable reads CSV
and writes it back whole; none of them stems, explains or judges whether a post can be judged. fastText is compiled for this
processor (-march=native, as its makefile does), sociable for any of its kind.
"""
import argparse
import datetime
import filecmp
import glob
import json
import os
import platform
import statistics
import subprocess
import sys
import tarfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
WORK = os.path.join(ROOT, "target", "peers")
PYTHON = os.path.join(WORK, "venv", "bin", "python")
FASTTEXT = os.path.join(WORK, "fasttext")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
SOCIABLE = os.path.join(ROOT, "target", "release", "sociable")
OWN = "sociable score -t 1"
FLOOR = "the csv crate's bare parse"


def path(name):
    return os.path.join(WORK, name)


def run(command, **options):
    subprocess.run(command, check=True, cwd=ROOT, **options)


def install():
    """Peers from their registries, ours from here; the path of the program of benches/posts.rs."""
    os.makedirs(WORK, exist_ok=True)
    if not os.path.exists(PYTHON):
        run([sys.executable, "-m", "venv", path("venv")])
    pip = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run(pip + ["install", "scikit-learn", "vowpalwabbit", "setuptools", "wheel", "pybind11"])
    if not os.path.exists(FASTTEXT):
        run(pip + ["download", "--no-deps", "--no-build-isolation", "--no-binary", "fasttext", "-d", WORK, "fasttext==0.9.3"])
        with tarfile.open(path("fasttext-0.9.3.tar.gz")) as archive:
            archive.extractall(WORK, filter="data")
        sources = sorted(glob.glob(path("fasttext-0.9.3/src/*.cc")))
        # The flags of its makefile; <cstdint> is what newer compilers miss in it.
        flags = "-pthread -std=c++17 -include cstdint -march=native -O3 -funroll-loops -DNDEBUG".split()
        run(["g++", *flags, *sources, "-o", FASTTEXT])
    run(["cargo", "build", "--quiet", "--release", "--locked"])
    built = subprocess.run(
        "cargo build --quiet --release --locked --bench posts --message-format=json".split(),
        check=True, cwd=ROOT, stdout=subprocess.PIPE,
    )
    messages = (json.loads(line) for line in built.stdout.splitlines())
    return next(m["executable"] for m in messages if m.get("target", {}).get("name") == "posts" and m.get("executable"))


def learn(model, command):
    """Trains a peer, unless it was trained on the same labels before."""
    labels = os.path.join(ROOT, "data", "professional.csv")
    if not os.path.exists(path(model)) or os.path.getmtime(path(model)) < os.path.getmtime(labels):
        run(command)


def measure(command, output, stdin=None):
    """CPU seconds, wall seconds and peak MiB of a program."""
    env = os.environ | ONE_THREAD
    start = time.perf_counter()
    with open(output, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stdin=stdin, cwd=ROOT, env=env)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: ended with status {process.returncode}, expected 0")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024


def in_turn(programs, rounds):
    """For each program the measures of all rounds."""
    measures = {name: [] for name in programs}
    for at in range(rounds):
        for name, (command, output) in programs.items():
            measures[name].append(measure(command, output))
            print(f"round {at + 1}: {name} {measures[name][-1][0]:.2f} s", file=sys.stderr)
    return measures


def median(values):
    return statistics.median(list(values))


def peers(posts, n, rounds):
    table, lines = path(f"posts-{n}.csv"), path(f"posts-{n}.txt")
    if not os.path.exists(table):
        run([posts, "write", "mixed", str(n), table])
    # Files and models of the peers are made by programs of their own: a big parent would count as memory of its children.
    run([PYTHON, os.path.join(HERE, "prepare.py"), table, lines, WORK])
    for name, options in (("small", ["-dim", "16", "-bucket", "200000"]), ("default", [])):
        train = [FASTTEXT, "supervised", "-input", path("fasttext.txt"), "-output", path(f"fasttext-{name}")]
        learn(f"fasttext-{name}.bin", train + ["-wordNgrams", "2", "-loss", "ova", "-thread", "1", "-verbose", "0", *options])
    vowpal = [PYTHON, "-m", "vowpalwabbit", "--quiet"]
    train = ["--multilabel_oaa", "16", "--probabilities", "--loss_function", "logistic", "--ngram", "2", "-b", "18"]
    learn("vw.model", vowpal + train + ["--passes", "5", "-c", "-k", "--cache_file", path("vw.cache"), "-d", path("vw.txt"), "-f", path("vw.model")])
    for kind in ("tfidf", "hashing"):
        learn(f"{kind}.pickle", [PYTHON, os.path.join(HERE, "linear.py"), "train", kind, path(f"{kind}.pickle")])
    programs = {
        FLOOR: ([posts, "parse", table], path("floor.out")),
        OWN: ([SOCIABLE, "score", "-q", "-t", "1", table], path("sociable.out")),
        "fastText, dim 16, 200k buckets": ([FASTTEXT, "predict-prob", path("fasttext-small.bin"), lines, "-1"], path("small.out")),
        "fastText, its defaults (dim 100, 2M buckets)": ([FASTTEXT, "predict-prob", path("fasttext-default.bin"), lines, "-1"], path("default.out")),
        "Vowpal Wabbit, multilabel_oaa, probabilities": (vowpal + ["--probabilities", "-t", "-i", path("vw.model"), "-d", f"{lines}.vw", "-p", path("vw.out")], os.devnull),
        "scikit-learn, TF-IDF (1-2), one-vs-rest": ([PYTHON, os.path.join(HERE, "linear.py"), "score", path("tfidf.pickle"), lines], path("tfidf.out")),
        "scikit-learn, hashing, one matrix product": ([PYTHON, os.path.join(HERE, "linear.py"), "score", path("hashing.pickle"), lines], path("hashing.out")),
    }
    measures = in_turn(programs, rounds)
    check_rows(posts, n)
    size = os.path.getsize(table) / 1e6
    print(f"\n## Peers\n\n{n:,} posts, {size:.0f} MB of CSV; one thread; {rounds} rounds, medians. {versions()}\n")
    print("| program | CPU s | posts a CPU second | wall s | peak MiB | CPU ÷ ours |\n|---|---|---|---|---|---|")
    for name, rows in measures.items():
        seconds, wall, memory = (median(column) for column in zip(*rows))
        ratio = median(row[0] / own[0] for row, own in zip(rows, measures[OWN]))
        print(f"| {name} | {seconds:.2f} | {n / seconds:,.0f} | {wall:.2f} | {memory:.0f} | {ratio:.2f} |")
    floor = median(own[0] / row[0] for row, own in zip(measures[FLOOR], measures[OWN]))
    print(f"\nOurs is {floor:.1f} times the bare parse.")


def check_rows(posts, n):
    """A row a post, with 16 probabilities, of every program; 17 of fastText, which has to have a label for none."""
    def count(name):
        with open(path(name), "rb") as lines:
            rows, last = 0, b""
            for line in lines:
                # Vowpal Wabbit puts an empty line behind each row.
                if line.strip():
                    rows, last = rows + 1, line
            return rows, last
    run([posts, "parse", path("sociable.out")], stdout=open(path("own.rows"), "wb"))
    found = {"sociable": int(open(path("own.rows")).read()), "floor": int(open(path("floor.out")).read())}
    for name, separator, expected in (("small", b"__label__", 17), ("default", b"__label__", 17), ("vw", b":", 16), ("tfidf", b".", 16), ("hashing", b".", 16)):
        found[name], last = count(f"{name}.out")
        if last.count(separator) != expected:
            raise SystemExit(f"{name}.out: found {last.count(separator)} probabilities in the last row, expected {expected}")
    for name, rows in found.items():
        if rows != n:
            raise SystemExit(f"{name}: found {rows} rows, expected {n}")


def versions():
    code = "import sklearn, vowpalwabbit; print(f'scikit-learn {sklearn.__version__}, Vowpal Wabbit {vowpalwabbit.__version__}')"
    shown = subprocess.run([PYTHON, "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return f"fastText 0.9.3, {shown}."


def threads(posts, n, rounds):
    table = path(f"posts-{n}.csv")
    if not os.path.exists(table):
        run([posts, "write", "mixed", str(n), table])
    one, two = ([SOCIABLE, "score", "-q", "-t", t, table] for t in ("1", "2"))
    measures = in_turn({"1": (one, path("one.out")), "2": (two, path("two.out"))}, rounds)
    # Not read whole: a program's peak memory would begin with what this one holds.
    if not filecmp.cmp(path("one.out"), path("two.out"), shallow=False):
        raise SystemExit("one thread and two wrote different bytes")
    print(f"\n## Threads\n\n{n:,} posts, {rounds} rounds in turn; the same bytes.\n\n| threads | wall s, median | least | CPU s | peak MiB |\n|---|---|---|---|---|")
    for name, rows in measures.items():
        seconds, wall, memory = (median(column) for column in zip(*rows))
        print(f"| {name} | {wall:.2f} | {min(row[1] for row in rows):.2f} | {seconds:.2f} | {memory:.0f} |")
    ratio = median(a[1] / b[1] for a, b in zip(measures["1"], measures["2"]))
    print(f"\nTwo threads take 1/{ratio:.2f} of the wall time of one.")


def size(posts, n, rounds):
    """Memory and time a post from few posts to many, which are made while they are read."""
    def score(n_posts, threads, output=os.devnull):
        writer = subprocess.Popen([posts, "write", "mixed", str(n_posts), "/dev/stdout"], stdout=subprocess.PIPE)
        measured = measure([SOCIABLE, "score", "-q", "-t", threads, "-"], output, writer.stdout)
        writer.stdout.close()
        if writer.wait() != 0:
            raise SystemExit("the posts could not be made")
        return measured
    sizes = [size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size <= n]
    start = {threads: [score(1, threads) for _ in range(5)] for threads in "12"}
    first = {threads: median(row[0] for row in rows) for threads, rows in start.items()}
    model = {threads: median(row[2] for row in rows) for threads, rows in start.items()}
    print(f"\n## Size\n\nPosts made while they are read, from standard input. A table of one post takes {first['1'] * 1000:.0f} ms of CPU and "
          f"{model['1']:.0f} MiB (two threads {model['2']:.0f}): program and model; the rest is what posts add. Median of up to {rounds}.\n")
    print("| posts | CPU µs a post after the start, 1 thread | MiB beyond, 1 thread | 2 threads |\n|---|---|---|---|")
    for n_posts in sizes:
        times = rounds if n_posts <= 1_000_000 else 1
        rows = {threads: [score(n_posts, threads) for _ in range(times)] for threads in "12"}
        a_post = median((row[0] - first["1"]) / n_posts * 1e6 for row in rows["1"])
        beyond = [median(row[2] for row in rows[threads]) - model[threads] for threads in "12"]
        print(f"| {n_posts:,} | {a_post:.2f} | {beyond[0]:.1f} | {beyond[1]:.1f} |")


def start(posts, n, rounds):
    command = [SOCIABLE, "explain", "You should really try yoga", "--parent", "Third night shift. Feet gone."]
    rows = [measure(command, path("explain.out")) for _ in range(10 * rounds)]
    walls = sorted(row[1] * 1000 for row in rows)
    print(f"\n## Start\n\n`sociable explain` of one text, {len(rows)} runs: {median(walls):.1f} ms of wall time (least {walls[0]:.1f}), "
          f"{median(row[0] for row in rows) * 1000:.1f} ms of CPU, {median(row[2] for row in rows):.0f} MiB.")


def training(posts, n, rounds):
    files = ["data/professional.csv", "data/organisation.csv"]
    rows = [path(os.path.basename(file).replace(".csv", ".svmlight")) for file in files]
    for file, written in zip(files, rows):
        run([posts, "rows", file, written])
    own = [SOCIABLE, "train", "-q", *files, "--prevalence", "data/prevalence.toml", "-o", path("trained.model")]
    peer = [PYTHON, os.path.join(HERE, "retrain.py"), *(f"{file}={written}" for file, written in zip(files, rows))]
    measures = in_turn({"own": (own, os.devnull), "peer": (peer, path("retrain.out"))}, max(1, rounds // 3))
    ratio = median(b[0] / a[0] for a, b in zip(measures["own"], measures["peer"]))
    print("\n## Training\n\nThe whole retraining of the shipped model, against its fits of the same rows in scikit-learn (what is counted and what "
          "is not stands in benches/peers/retrain.py).\n\n| program | CPU s | wall s | peak MiB |\n|---|---|---|---|")
    for name, shown in (("own", "`sociable train`, two cores"), ("peer", "scikit-learn, lbfgs, one core")):
        seconds, wall, memory = (median(column) for column in zip(*measures[name]))
        print(f"| {shown} | {seconds:.1f} | {wall:.1f} | {memory:.0f} |")
    print(f"\nscikit-learn takes {ratio:.1f} times the CPU; {open(path('retrain.out')).read().strip()}.")


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()
    load = os.getloadavg()[0]
    return f"{datetime.date.today()}, {name}, {os.cpu_count()} cores, load {load:.1f} before the run, {platform.system()}, commit {commit}"


def main():
    parts = {"peers": peers, "threads": threads, "size": size, "start": start, "training": training}
    parser = argparse.ArgumentParser(description="sociable against its peers")
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", default=",".join(parts), help="of %(default)s")
    parser.add_argument("--most", type=int, default=10_000_000, help="posts of the longest run of the part size")
    args = parser.parse_args()
    where = machine()
    posts = install()
    print(f"# Results\n\nMade by `python3 benches/peers/compare.py {' '.join(sys.argv[1:])}`".rstrip("` ") + f"`; {where}.")
    for name in args.parts.split(","):
        parts[name](posts, args.most if name == "size" else args.posts, args.rounds)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
