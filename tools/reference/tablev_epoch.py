"""The twin of Table V over one epoch of real features: its losses in float64, and how far PyTorch's own float32 is from them.

    npm run build && node tools/export-epoch.mjs --data <RAVDESS> --out <file>     the batches, outside the repository
    python tools/reference/tablev_epoch.py <file>                                  writes test/fixtures/tablev/epoch.json

Adam at 1e-3, no dropout, batches of 32, starting from the weights that `formant train` starts from. Written: losses a step and their mean, in float64
and in float32; SHA-256 of batches and weights, and a checksum of each batch, but nothing of the features themselves.

The difference of two means is one draw of something that has either sign, and may be small by luck. So the float32 epoch is trained again with the
clips of each batch in other orders, which changes nothing but the order of sums (float64 moves by 1e-11), and the differences' root mean square over
`ORDERS` epochs is written as well: how large such a difference is.
"""

import argparse
import hashlib
import json
import os

import numpy as np
import torch
from safetensors import safe_open

from common import uniform, versions, write_json
from tablev_model import LENGTH, TableV

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
SEED, LR, ORDERS = 81, 1e-3, 12


def read(path):
    """Batches, labels, starting weights by their names, and the file's metadata."""
    with safe_open(path, "np") as f:
        arrays = {name: f.get_tensor(name) for name in f.keys()}
        return arrays.pop("x"), arrays.pop("labels"), arrays, {key: json.loads(text) for key, text in f.metadata().items()}


def epoch(x, labels, weights, dtype, order=0):
    """Losses of the steps. `order` 0 leaves each batch as it is; others permute its clips."""
    model = TableV().to(dtype)
    missing, unexpected = model.load_state_dict({n: torch.from_numpy(w).to(dtype) for n, w in weights.items()}, strict=False)
    assert not unexpected and all(n.endswith("num_batches_tracked") for n in missing), (missing, unexpected)
    model.train()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=LR)
    rng = np.random.default_rng(order)
    losses = []
    for batch, target in zip(x, labels):
        rows = rng.permutation(len(target)) if order else np.arange(len(target))
        optimizer.zero_grad(set_to_none=True)
        logits = model(torch.from_numpy(batch[rows]).to(dtype))
        loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(target[rows]).long())
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return np.array(losses)


def rms(values, axis=None):
    return np.sqrt(np.mean(np.square(values), axis=axis))


def sha256(array, dtype):
    return hashlib.sha256(np.ascontiguousarray(array.astype(dtype)).tobytes()).hexdigest()


def main(path):
    x, labels, weights, about = read(path)
    high = epoch(x, labels, weights, torch.float64)
    lows = np.stack([epoch(x, labels, weights, torch.float32, order) for order in range(ORDERS)])
    again = epoch(x, labels, weights, torch.float64, 1)
    gaps = lows.mean(axis=1) - high.mean()
    look = uniform(SEED, "checksum", x[0].shape).astype(np.float64)
    document = {
        "about": "One epoch of the Table V model on real features in PyTorch (tools/reference/tablev_epoch.py)",
        "versions": versions(), **about, "batch": x.shape[1], "lr": LR,
        "weights": {name: sha256(w, "<f4") for name, w in sorted(weights.items())},
        "batches": {
            "x": sha256(x, "<f4"), "labels": sha256(labels, "<i4"),
            "checksumSeed": SEED, "checksums": [float((batch * look).sum()) for batch in x.astype(np.float64)],
        },
        "float64": {"mean": high.mean(), "losses": high.tolist()},
        "float32": {"mean": lows[0].mean(), "losses": lows[0].tolist()},
        "gap": {
            "mean": abs(gaps[0]), "means": gaps.tolist(), "meanRms": rms(gaps), "stepsRms": rms(lows - high, axis=0).tolist(),
            "float64InAnotherOrder": abs(again.mean() - high.mean()),
        },
    }
    write_json("tablev/epoch.json", document)
    print("mean loss in float64", high.mean(), "in float32", lows[0].mean())
    print(json.dumps({k: np.round(v, 10).tolist() for k, v in document["gap"].items()}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("batches", help="what tools/export-epoch.mjs wrote")
    main(parser.parse_args().batches)
