"""CPU time of scikit-learn's lbfgs on the posts of benches/training.rs, and the objective that it reaches.

    cargo bench --bench training -- --write /tmp/training.svm
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benches/training_sklearn.py /tmp/training.svm [TOL...]

Loading is left out of the time. The objective is the solver's: sum of log-losses + alpha/2 * ||w||^2.
"""

import resource
import sys
import time

import numpy as np
from scipy.special import logsumexp
from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import LogisticRegression

# The file's decimals are the shortest that give the f32 back.
x, y = load_svmlight_file(sys.argv[1], n_features=20_000, dtype=np.float32, zero_based=True)
x, y = x.astype(np.float64), y.astype(int)
tolerances = [float(t) for t in sys.argv[2:]] or [1e-4, 1e-5, 1e-6, 1e-7, 1e-9]
print(f"{x.shape[0]} posts x {x.shape[1]} columns, {x.nnz} entries, {len(set(y))} classes")
for alpha in (0.1, 1.0, 10.0):
    for tol in tolerances:
        before = time.process_time()
        model = LogisticRegression(C=1 / alpha, tol=tol, max_iter=10_000, solver="lbfgs").fit(x, y)
        seconds = time.process_time() - before
        logits = model.decision_function(x)
        loss = (logsumexp(logits, axis=1) - logits[np.arange(len(y)), y]).sum()
        loss += alpha / 2 * (model.coef_**2).sum()
        print(f"alpha {alpha} tol {tol:g}: {seconds:.3f} CPU s, {model.n_iter_[0]} iterations, loss {loss:.6f}")
print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
