"""The fits of `sociable train` in scikit-learn, on the same labels.

    retrain.py LABELLED.csv...

For each account: words and pairs of words counted once; for each of five folds by author the terms of the other four in three
posts and more, tf-idf, and for each head (breaches, neither, upholds; blank left out) lbfgs at three penalties, each begun where the
one before ended, log-loss on the fold; five more fits at the best penalty (`sociable` tries to do without context); then one fit on
all posts. Left out, all for scikit-learn's good: stems, cues and context, calibration, thresholds, out-of-fold figures.

Tolerances: `sociable` stops where the length of the gradient of the summed loss is below 0.001 in the search and 0.00002 in the last
fit, for each post of the head that is not of the commonest value; here its largest entry has to be, which asks for less. One thread.
"""
import csv
import sys

import numpy as np
from scipy.special import log_softmax
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

ALPHAS = [1.0, 0.3, 0.1]
N_FIELDS = 7
LEAST_POSTS = 3
SEARCH_TOLERANCE = 1e-3
FIT_TOLERANCE = 2e-5
LEAST_EXAMPLES = 10
n_fits = 0


def fitted(model, alpha, tolerance, x, y):
    """scikit-learn's loss is a mean, so that its penalty and tolerance are divided by the number of posts."""
    global n_fits
    n_fits += 1
    return model.set_params(C=1 / alpha, tol=tolerance / len(y)).fit(x, y)


def new_model():
    return LogisticRegression(solver="lbfgs", max_iter=1000, warm_start=True)


def loss(model, x, y):
    logits = model.decision_function(x)
    if logits.ndim == 1:
        logits = np.column_stack([np.zeros_like(logits), logits])
    return -log_softmax(logits, axis=1)[np.arange(len(y)), np.searchsorted(model.classes_, y)].sum()


for path in sys.argv[1:]:
    with open(path, newline="", encoding="utf-8") as rows:
        rows = list(csv.DictReader(rows))
    counts = CountVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b|[.,;:()\"!?]", dtype=np.float64).fit_transform(
        row["text"] for row in rows
    )
    authors = np.array([row["author"] for row in rows])
    folds = list(GroupKFold(n_splits=5).split(counts, groups=authors))

    def view(chosen):
        """The rows of all posts over the terms that these hold often enough."""
        often = counts[chosen].getnnz(axis=0) >= LEAST_POSTS
        tfidf = TfidfTransformer(sublinear_tf=True).fit(counts[chosen][:, often])
        return tfidf.transform(counts[:, often])

    views = [view(inside) for inside, _ in folds]
    whole = view(np.arange(len(rows)))
    for slug in list(rows[0])[N_FIELDS:]:
        labels = np.array([int(row[slug]) if row[slug] else 9 for row in rows])
        for value in (-1, 0, 1):
            if (labels == value).sum() < LEAST_EXAMPLES:
                labels[labels == value] = 9
        judged = labels != 9
        if len(set(labels[judged])) < 2:
            continue
        n_others = judged.sum() - np.unique(labels[judged], return_counts=True)[1].max()
        losses = dict.fromkeys(ALPHAS, 0.0)
        for (inside, outside), x in zip(folds, views):
            inside, outside = inside[judged[inside]], outside[judged[outside]]
            model = new_model()
            for alpha in ALPHAS:
                fitted(model, alpha, SEARCH_TOLERANCE * n_others, x[inside], labels[inside])
                losses[alpha] += loss(model, x[outside], labels[outside])
        best = min(ALPHAS, key=losses.get)
        for (inside, _), x in zip(folds, views):
            inside = inside[judged[inside]]
            fitted(new_model(), best, SEARCH_TOLERANCE * n_others, x[inside], labels[inside])
        fitted(new_model(), best, FIT_TOLERANCE * n_others, whole[judged], labels[judged])
print(f"it made {n_fits} fits")
