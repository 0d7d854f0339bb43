"""The fits of `sociable train` in scikit-learn, of the very same rows with the same labels and penalties.

    retrain.py LABELLED.csv=ROWS.svmlight...

ROWS are what `cargo bench --bench posts -- rows LABELLED ROWS` writes. For each head (breaches, neither, upholds; blank left
out): for each of five folds by author lbfgs at three penalties, each begun where the one before ended, log-loss on the fold; five
more fits at the best penalty without context, each begun where the fit with context ended; then one fit on all posts. Columns are
scaled so that one penalty is that of `src/training/contrast.rs` for each of them.

Left out, all for scikit-learn's good: reading posts and making rows, calibration, thresholds, out-of-fold figures, the model file. The
vocabulary is that of all posts, in each fold too.

Tolerances: `sociable` stops where the length of the gradient of the summed loss is below 0.001 in the search and 0.00002 in the last
fit, for each post of the head that is not of the commonest value; here its largest entry has to be, which asks for less. One thread.
"""
import copy
import csv
import sys

import numpy as np
import scipy.sparse as sparse
from scipy.special import log_softmax
from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

ALPHAS = [3.0, 1.0, 0.3]
N_FIELDS = 7
N_CONTEXT = 36
N_DENSE = 64
SEARCH_TOLERANCE = 1e-3
FIT_TOLERANCE = 2e-5
LEAST_EXAMPLES = 10
MOST = 400
n_fits = 0


def scaled(x, y):
    """Columns divided by the root of their penalty factor."""
    sums = np.array([np.asarray(abs(x[y == value]).sum(axis=0)).ravel()[:-N_DENSE] + 1 for value in np.unique(y)])
    totals, own = sums.sum(axis=1, keepdims=True), sums.sum(axis=0)
    ratios = sums / totals / ((own - sums) / (totals.sum() - totals))
    contrasts = abs(np.log(ratios)).max(axis=0)
    factors = np.minimum(np.sqrt((contrasts**2).mean()) / contrasts, MOST)
    return sparse.diags(np.concatenate([factors**-0.5, np.ones(N_DENSE)]))


def fitted(model, alpha, tolerance, x, y):
    """A fit that begins where `model` ended. scikit-learn's loss is a mean, so that its penalty and tolerance are divided by the
    number of posts."""
    global n_fits
    n_fits += 1
    return copy.deepcopy(model).set_params(C=1 / alpha, tol=tolerance / len(y)).fit(x, y)


def loss(model, x, y):
    logits = model.decision_function(x)
    if logits.ndim == 1:
        logits = np.column_stack([np.zeros_like(logits), logits])
    return -log_softmax(logits, axis=1)[np.arange(len(y)), np.searchsorted(model.classes_, y)].sum()


new = LogisticRegression(solver="lbfgs", max_iter=1000, warm_start=True)
for pair in sys.argv[1:]:
    labelled, path = pair.split("=")
    with open(labelled, newline="", encoding="utf-8") as rows:
        rows = list(csv.DictReader(rows))
    x, _ = load_svmlight_file(path, zero_based=True)
    is_context = np.zeros(x.shape[1])
    is_context[-N_DENSE - N_CONTEXT : -N_DENSE] = 1
    folds = list(GroupKFold(n_splits=5).split(x, groups=[row["author"] for row in rows]))
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
        searches = []
        for inside, outside in folds:
            inside, outside = inside[judged[inside]], outside[judged[outside]]
            y = labels[inside]
            scale = scaled(x[inside], y)
            models = [new]
            for alpha in ALPHAS:
                models.append(fitted(models[-1], alpha, SEARCH_TOLERANCE * n_others, x[inside] @ scale, y))
                losses[alpha] += loss(models[-1], x[outside] @ scale, labels[outside])
            searches.append((inside, outside, scale, dict(zip(ALPHAS, models[1:]))))
        best = min(ALPHAS, key=losses.get)
        without = 0.0
        for inside, outside, scale, models in searches:
            scale = scale @ sparse.diags(1 - is_context)
            model = fitted(models[best], best, SEARCH_TOLERANCE * n_others, x[inside] @ scale, labels[inside])
            without += loss(model, x[outside] @ scale, labels[outside])
        scale = scaled(x[judged], labels[judged])
        if without < losses[best]:
            scale = scale @ sparse.diags(1 - is_context)
        fitted(new, best, FIT_TOLERANCE * n_others, x[judged] @ scale, labels[judged])
        print(f"{slug}: penalty {best}, context {without >= losses[best]}", file=sys.stderr, flush=True)
print(f"it made {n_fits} fits")
