"""scikit-learn as a scorer: sixteen logistic models over words and pairs of words.

    linear.py train tfidf|hashing MODEL
    linear.py score MODEL LINES > PROBABILITIES

`tfidf` is what its documentation leads to: TfidfVectorizer and OneVsRestClassifier(LogisticRegression). `hashing` is what one
who wants it fast would do: HashingVectorizer and one product with the weights of all models. Batches of 10,000 posts. Run by compare.py.
"""
import pickle
import sys

import numpy as np

from labels import labelled

BATCH = 10_000
N_TAGS = 16


def train(kind, path):
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    _, texts, tags = labelled()
    y = np.zeros((len(texts), N_TAGS), dtype=int)
    for row, own in zip(y, tags):
        row[own] = 1
    if kind == "tfidf":
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=3, dtype=np.float32)
    else:
        vectorizer = HashingVectorizer(ngram_range=(1, 2), n_features=1 << 18, alternate_sign=False, dtype=np.float32)
    model = OneVsRestClassifier(LogisticRegression(C=3, max_iter=1000)).fit(vectorizer.fit_transform(texts), y)
    weights = np.vstack([own.coef_ for own in model.estimators_]).T.astype(np.float32)
    intercepts = np.array([own.intercept_[0] for own in model.estimators_], dtype=np.float32)
    with open(path, "wb") as out:
        pickle.dump((vectorizer, model) if kind == "tfidf" else (vectorizer, weights, intercepts), out)


def score(path, lines):
    with open(path, "rb") as saved:
        vectorizer, *model = pickle.load(saved)
    row = ",".join(["%.4f"] * N_TAGS) + "\n"
    def write(batch):
        x = vectorizer.transform(batch)
        if len(model) == 1:
            probabilities = model[0].predict_proba(x)
        else:
            weights, intercepts = model
            probabilities = 1 / (1 + np.exp(-(x @ weights + intercepts)))
        sys.stdout.write(row * len(batch) % tuple(probabilities.ravel().tolist()))
    with open(lines, encoding="utf-8") as texts:
        batch = []
        for text in texts:
            batch.append(text)
            if len(batch) == BATCH:
                write(batch)
                batch = []
        if batch:
            write(batch)


{"train": train, "score": score}[sys.argv[1]](*sys.argv[2:])
