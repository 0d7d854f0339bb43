"""Reading an export beside Python's json module on the same file: CPU time and peak memory of whole processes.

    cargo build --release && python3 benches/exports.py target/release/sociable [MB]

The files are the written exports of tests/fixtures, repeated with identifiers of their own up to so many MB (100 if none are named); the
export of a folder in SOCIABLE_REAL_EXPORTS is repeated too. `import` parses, cleans, looks up parents and writes the table to /dev/null;
json.load builds its objects and nothing else. Median of three runs each.
"""

import json
import os
import statistics
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "tests", "fixtures", "exports")
REAL = os.environ.get("SOCIABLE_REAL_EXPORTS")


def measure(command):
    """CPU seconds and peak MiB of a command, which has to end well."""
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execvp(command[0], command)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, command
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def repeat(items, change, size):
    """JSON of the items again and again, each time with other identifiers, until the file has that size."""
    texts, total, turn = [], 0, 0
    while total < size:
        for item in items:
            texts.append(json.dumps(change(json.loads(json.dumps(item)), turn), ensure_ascii=False))
            total += len(texts[-1])
        turn += 1
    return ",\n".join(texts), len(texts)


def tweet(item, turn):
    inner = item.get("tweet", item)
    for key in ("id", "id_str", "in_reply_to_status_id", "in_reply_to_status_id_str"):
        if inner.get(key, "-1") != "-1":
            inner[key] += f"{turn:06}"
    return item


def activity(item, turn):
    if isinstance(item["object"], dict):
        item["object"]["id"] += f"-{turn}"
        if item["object"].get("inReplyTo"):
            item["object"]["inReplyTo"] += f"-{turn}"
    return item


def moved(item, turn):
    item["timestamp"] += turn
    return item


def load(path, start):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return json.loads(text[text.index(start) :])


def x(folder, size):
    body, n = repeat(load(os.path.join(folder, "data/tweets.js"), "["), tweet, size)
    return f"window.YTD.tweets.part0 = [{body}]", n


def mastodon(folder, size):
    body, n = repeat(load(os.path.join(folder, "outbox.json"), "{")["orderedItems"], activity, size)
    return '{"type":"OrderedCollection","orderedItems":[%s]}' % body, n


def facebook(folder, size):
    body, n = repeat(load(os.path.join(folder, "posts/your_posts_1.json"), "["), moved, size)
    return f"[{body}]", n


def cases():
    yield "X, written", "tweets.js", x, os.path.join(FIXTURES, "x/export"), "["
    yield "Mastodon, written", "outbox.json", mastodon, os.path.join(FIXTURES, "mastodon/export"), "{"
    yield "Facebook, written", "your_posts_1.json", facebook, os.path.join(FIXTURES, "facebook/export"), "["
    if REAL:
        yield "X, real", "tweets.js", x, os.path.join(REAL, "x"), "["
        yield "Mastodon, real", "outbox.json", mastodon, os.path.join(REAL, "mastodon"), "{"


def write(path, make, folder, size):
    """Makes a file in a process of its own: the peak memory of a child begins with that of its parent."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        text, n = make(folder, size)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.write(writing, str(n).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writing)
    return int(os.read(reading, 32))


def main():
    program = os.path.abspath(sys.argv[1])
    size = int(float(sys.argv[2]) * 1e6) if len(sys.argv) > 2 else 100_000_000
    python = "import json,sys; t = open(sys.argv[1], encoding='utf-8').read(); json.loads(t[t.index(sys.argv[2]):])"
    print("| export | MB | items | import MB/s | import MiB | json MB/s | json MiB | times as fast |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, file, make, source, start in cases():
            path = os.path.join(folder, file)
            n = write(path, make, source, size)
            megabytes = os.path.getsize(path) / 1e6
            ours = [measure([program, "-q", "--threads", "1", "import", path]) for _ in range(3)]
            theirs = [measure([sys.executable, "-c", python, path, start]) for _ in range(3)]
            us, them = (statistics.median(seconds for seconds, _ in runs) for runs in (ours, theirs))
            print(
                f"| {name} | {megabytes:.0f} | {n} | {megabytes / us:.0f} | {max(m for _, m in ours):.0f} "
                f"| {megabytes / them:.0f} | {max(m for _, m in theirs):.0f} | {them / us:.1f} |",
                flush=True,
            )


main()
