"""Reference numbers for src/dsp/functionals.ts, from NumPy. Writes test/fixtures/numpy/functionals.{json,npz}.

Run from the project's root: python tools/reference/functionals.py
"""

import numpy as np

from common import Cases, uniform

PARTS = 8


def functionals(x):
    """x (T, F) → (F · 17 + 1)."""
    frames = len(x)
    changes = np.diff(x, axis=0) if frames > 1 else np.zeros((1, x.shape[1]))
    edges = np.arange(PARTS + 1) * frames // PARTS
    parts = [x[begin : max(begin + 1, end)].mean(0) for begin, end in zip(edges[:-1], edges[1:])]
    kinds = [
        x.mean(0),
        x.std(0),
        *np.percentile(x, [5, 25, 50, 75, 95], axis=0),
        np.abs(changes).mean(0),
        changes.std(0),
        *parts,
    ]
    return np.concatenate([*kinds, [frames]])


cases = Cases(
    "numpy/functionals",
    "x (T, F) is one clip's frames; y its functionals: mean, std, percentiles 5, 25, 50, 75, 95 (linear), mean and std of the differences of "
    "adjoining frames, the means of eight parts, each over the F features; then T",
)
for frames, features in [(1, 3), (2, 1), (7, 2), (8, 2), (9, 3), (61, 5)]:
    x = uniform(7, f"functionals{frames}", (frames, features), -30, 10)
    cases.add(f"{frames}x{features}", {}, x=x, y=functionals(x.astype(np.float64)))
cases.write()
