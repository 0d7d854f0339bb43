"""Files for the peers: posts as plain lines, and the labels of data/professional.csv in each one's format.

    prepare.py POSTS.csv LINES.txt FOLDER

Run by compare.py.
"""
import csv
import os
import re
import sys

from labels import labelled


def one_line(text):
    return " ".join(text.split())


def vowpal(text):
    # Its format gives meaning to these two.
    return re.sub("[|:]", " ", text)


table, lines, folder = sys.argv[1:]
csv.field_size_limit(1 << 24)
with open(table, newline="", encoding="utf-8") as rows, open(lines, "w", encoding="utf-8") as plain:
    with open(lines + ".vw", "w", encoding="utf-8") as vw:
        for row in csv.DictReader(rows):
            text = one_line(row["text"])
            plain.write(text + "\n")
            vw.write("| " + vowpal(text) + "\n")
names, texts, tags = labelled()
fasttext = open(os.path.join(folder, "fasttext.txt"), "w", encoding="utf-8")
vw = open(os.path.join(folder, "vw.txt"), "w", encoding="utf-8")
with fasttext, vw:
    for text, own in zip(texts, tags):
        text = one_line(text)
        shown = [f"__label__{names[tag]}" for tag in own] or ["__label__none"]
        fasttext.write(" ".join(shown) + " " + text + "\n")
        vw.write(",".join(str(tag) for tag in own) + " | " + vowpal(text) + "\n")
