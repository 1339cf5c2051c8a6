"""Whole-model parity: one full-size training step of Table V, ten Adam steps of its ⅛-width twin, and Adam alone.

    python tools/reference/tablev.py             writes test/fixtures/tablev/ (about 8 MB, under a minute)
    python tools/reference/tablev.py --search N  tries N seeds for both models and prints the best: how SEED_FULL and SEED_TWIN were found

All numbers are PyTorch's in float64. Inputs, labels and starting weights come from the counter-based generator (common.py), as float32
values. A seed serves when no branch (ReLU, max pooling) hangs on float32 rounding: `branch_margin` says how many times the layer's own
float32 error the closest branch is away. (The twin's fc1.bias is moved once, see `center_fc1`; its states are stored whole.) Written:

  full.json         seed, batch, width, specification of every state_dict entry (name, shape, low, high), loss, margin, PyTorch's own f32–f64 gaps
  full.safetensors  logits (32, 7) F64; grad.<name> F32; after.<running_mean|running_var names> F64: the running statistics after the step
  twin.json         the same, with a list of ten steps
  twin.safetensors  for k = 0 … 10: state.<k>.<name> (parameters and running statistics), m.<k>.<name>, v.<k>.<name> (Adam's moments), F32;
                    for k = 0 … 9: grad.<k>.<name> F32, logits.<k> (16, 7) F64, loss.<k> (1) F64. Step k starts from state k, which is exactly
                    float32: after each float64 step the new state is rounded to float32 and stored as state k + 1. Batch k: streams `x<k>`, `labels<k>`
  twin_state_dict.safetensors  state 10 as PyTorch itself would save it (with bias_hh and num_batches_tracked), and
  twin_eval.safetensors        `x` (16, 350, 1) F32 and the logits (16, 7) F64 of that state in evaluation mode
  adam.json/.npz    Adam alone on 1,000 numbers: case `adam` with arrays p0, g (10, 1000), p (10, 1000), m, v (10, 1000): after each step
"""

import argparse
import hashlib
import os

import numpy as np
import torch
from safetensors.numpy import save_file

from common import FIXTURES, Cases, uniform, versions, write_json
from tablev_model import TableV, batch, branch_margin, center_fc1, fill, gap, specification

torch.set_num_threads(2)
SEED_FULL, BATCH_FULL = 81, 32
SEED_TWIN, BATCH_TWIN, STEPS, WIDTH_TWIN = 74, 16, 10, 1 / 8
LR = 1e-3


def digest(values, dtype):
    """sha256 of the little-endian bytes: what a twin of the generator in another language is checked by."""
    return hashlib.sha256(np.ascontiguousarray(values.numpy().astype(dtype)).tobytes()).hexdigest()


def digests(seed, count, size):
    """Digests of the batches, inputs as float32 and labels as int32."""
    pairs = [batch(seed, k, size, torch.float32) for k in range(count)]
    return [{"x": digest(x, "<f4"), "labels": digest(y, "<i4")} for x, y in pairs]


def train_step(model, x, y, probe=None):
    """Logits, loss and gradients of one forward and backward pass in training mode (running statistics move)."""
    model.train()
    model.zero_grad(set_to_none=True)
    logits = model(x, probe)
    loss = torch.nn.functional.cross_entropy(logits, y)
    loss.backward()
    grads = {n: p.grad.detach().clone() for n, p in model.named_parameters() if p.requires_grad}
    return logits.detach(), loss.detach(), grads


def probed(model, x, y):
    values = {}
    out = train_step(model, x, y, lambda name, v: values.__setitem__(name, v.detach()))
    return out, values


def gaps(low, high):
    """PyTorch's own float32 against its float64: logits, loss, and the worst gradient with its name."""
    worst = max(((gap(low[2][n], high[2][n]), n) for n in high[2]))
    return {
        "logits": gap(low[0], high[0]),
        "loss": abs(float(low[1]) - float(high[1])) / abs(float(high[1])),
        "gradient": worst[0],
        "gradientName": worst[1],
    }


def running(model):
    return {n: v for n, v in model.state_dict().items() if n.endswith(("running_mean", "running_var"))}


def full_step(seed):
    high, low = (fill(TableV().to(t), seed) for t in (torch.float64, torch.float32))
    out64, v64 = probed(high, *batch(seed, 0, BATCH_FULL))
    out32, v32 = probed(low, *batch(seed, 0, BATCH_FULL, torch.float32))
    report = gaps(out32, out64)
    report["runningStatistics"] = max(gap(running(low)[n], v) for n, v in running(high).items())
    return high, out64, report, branch_margin(v64, v32)


def save(name, arrays):
    arrays = {k: np.ascontiguousarray(v.detach().numpy() if hasattr(v, "detach") else v) for k, v in arrays.items()}
    path = os.path.join(FIXTURES, "tablev", name)
    save_file(arrays, path)
    os.chmod(path, 0o644)
    print(f"tablev/{name}: {len(arrays)} arrays, {os.path.getsize(path) / 1024:.0f} KiB")


def write_full():
    start = fill(TableV(), SEED_FULL)
    model, (logits, loss, grads), report, margin = full_step(SEED_FULL)
    arrays = {"logits": logits}
    arrays.update({f"grad.{n}": g.float() for n, g in grads.items()})
    arrays.update({f"after.{n}": v for n, v in running(model).items()})
    save("full.safetensors", arrays)
    document = {
        "about": "One training-mode step of the Table V model in PyTorch float64 (tools/reference/tablev.py)",
        "versions": versions(), "seed": SEED_FULL, "batch": BATCH_FULL, "length": 350, "classes": 7, "width": 1,
        "batchNorm": {"eps": 1e-5, "momentum": 0.1}, "loss": float(loss), "branchMargin": margin, "pytorchGap": report,
        "batches": digests(SEED_FULL, 1, BATCH_FULL),
        "state": [{**e, "sha256": digest(start.state_dict()[e["name"]].float(), "<f4")} for e in specification(start)],
    }
    write_json("tablev/full.json", document)
    print("full: loss", float(loss), "margin", margin, report)


class AdamState:
    """A model with the moments of PyTorch's Adam, which can be set, stepped and rounded."""

    def __init__(self, model):
        self.model = model
        self.params = {n: p for n, p in model.named_parameters() if p.requires_grad}
        self.optimizer = torch.optim.Adam(self.params.values(), lr=LR)

    def load(self, state, m, v, step):
        dtype = next(iter(self.params.values())).dtype
        full = dict(self.model.state_dict())
        full.update({n: t.to(dtype) for n, t in state.items()})
        self.model.load_state_dict(full)
        for n, p in self.params.items():
            s = self.optimizer.state[p]
            s["step"] = torch.tensor(float(step))
            s["exp_avg"], s["exp_avg_sq"] = m[n].to(dtype).clone(), v[n].to(dtype).clone()

    def read(self):
        state = {n: t.clone() for n, t in self.model.state_dict().items() if not n.endswith("num_batches_tracked") and "bias_hh" not in n}
        m = {n: self.optimizer.state[p]["exp_avg"].clone() for n, p in self.params.items()}
        v = {n: self.optimizer.state[p]["exp_avg_sq"].clone() for n, p in self.params.items()}
        return state, m, v


def to_float32(values):
    return {n: t.float() for n, t in values.items()}


def twin_run(seed, stop=None):
    """Ten steps. `stop(report, margin)` may end a hopeless seed early; returns None then."""
    high = AdamState(center_fc1(fill(TableV(WIDTH_TWIN).double(), seed), batch(seed, 0, BATCH_TWIN)[0]))
    low = AdamState(TableV(WIDTH_TWIN))
    state = {n: t.float() for n, t in high.model.state_dict().items() if not n.endswith("num_batches_tracked") and "bias_hh" not in n}
    m = {n: torch.zeros_like(p, dtype=torch.float32) for n, p in high.params.items()}
    v = {n: torch.zeros_like(p, dtype=torch.float32) for n, p in high.params.items()}
    steps = []
    for k in range(STEPS):
        high.load(state, m, v, k)
        low.load(state, m, v, k)
        out64, v64 = probed(high.model, *batch(seed, k, BATCH_TWIN))
        out32, v32 = probed(low.model, *batch(seed, k, BATCH_TWIN, torch.float32))
        high.optimizer.step()
        low.optimizer.step()
        after64, after32 = high.read(), low.read()
        report = gaps(out32, out64)
        report["stateAfter"] = max(gap(after32[0][n], t) for n, t in after64[0].items())
        report["momentsAfter"] = max(gap(after32[i][n], t) for i in (1, 2) for n, t in after64[i].items())
        margin = branch_margin(v64, v32)
        steps.append({"before": (state, m, v), "out": out64, "gap": report, "margin": margin})
        if stop and stop(report, margin):
            return None
        state, m, v = (to_float32(part) for part in after64)
    return steps, (state, m, v), high


def write_twin():
    steps, last, run = twin_run(SEED_TWIN)
    arrays, notes = {}, []
    for k, (state, m, v) in enumerate([s["before"] for s in steps] + [last]):
        for prefix, part in (("state", state), ("m", m), ("v", v)):
            arrays.update({f"{prefix}.{k}.{n}": t for n, t in part.items()})
    for k, s in enumerate(steps):
        logits, loss, grads = s["out"]
        arrays[f"logits.{k}"], arrays[f"loss.{k}"] = logits, loss.reshape(1)
        arrays.update({f"grad.{k}.{n}": g.float() for n, g in grads.items()})
        notes.append({"loss": float(loss), "branchMargin": s["margin"], "pytorchGap": s["gap"]})
        print("twin step", k, "loss", float(loss), "margin", round(s["margin"], 1), s["gap"])
    save("twin.safetensors", arrays)
    worst = {key: max(n["pytorchGap"][key] for n in notes) for key in ("logits", "loss", "gradient", "stateAfter", "momentsAfter")}
    assert worst["gradient"] < 3e-5 and worst["logits"] < 1e-5, worst
    document = {
        "about": "Ten Adam steps of the ⅛-width Table V model in PyTorch float64, each from a float32 state (tools/reference/tablev.py)",
        "versions": versions(), "seed": SEED_TWIN, "batch": BATCH_TWIN, "length": 350, "classes": 7, "width": WIDTH_TWIN,
        "batchNorm": {"eps": 1e-5, "momentum": 0.1}, "adam": {"lr": LR, "betas": [0.9, 0.999], "eps": 1e-8},
        "pytorchGap": worst, "steps": notes, "batches": digests(SEED_TWIN, STEPS, BATCH_TWIN),
        "state": specification(run.model),
    }
    write_json("tablev/twin.json", document)

    run.load(*last, STEPS)
    saved = {n: (t if n.endswith("num_batches_tracked") else t.float()) for n, t in run.model.state_dict().items()}
    save("twin_state_dict.safetensors", saved)
    run.model.eval()
    x, _ = batch(SEED_TWIN, 0, BATCH_TWIN)
    save("twin_eval.safetensors", {"x": x.float(), "logits": run.model(x)})


def write_adam():
    """Gradients over eight orders of magnitude, some exactly 0, one element never moved: eps, bias correction and zeros are all seen."""
    count, seed = 1000, 11
    scale = np.float32(10.0) ** np.repeat(np.arange(-7, 1), count // 8).astype(np.float32)
    p0 = uniform(seed, "p", (count,))
    g = uniform(seed, "g", (STEPS, count)) * scale
    g[:, ::97] = 0
    g[3:6, 5::50] = 0
    result, gap32 = {}, None
    for dtype in (torch.float64, torch.float32):
        p = torch.nn.Parameter(torch.from_numpy(p0.copy()).to(dtype))  # a copy: float32 would share p0's memory
        optimizer = torch.optim.Adam([p], lr=LR)
        rows = {"p": [], "m": [], "v": []}
        for k in range(STEPS):
            p.grad = torch.from_numpy(g[k]).to(dtype)
            optimizer.step()
            s = optimizer.state[p]
            for key, value in (("p", p), ("m", s["exp_avg"]), ("v", s["exp_avg_sq"])):
                rows[key].append(value.detach().clone())
        result[dtype] = {key: torch.stack(value) for key, value in rows.items()}
    high, low = result[torch.float64], result[torch.float32]
    start = torch.from_numpy(p0).double()
    gap32 = {"p": gap(low["p"], high["p"]), "update": gap(low["p"][-1].double() - start, high["p"][-1] - start)}
    cases = Cases("tablev/adam", "Adam alone: parameters and moments after each of ten given gradients, PyTorch float64")
    cases.add("adam", {"lr": LR, "betas": [0.9, 0.999], "eps": 1e-8, "pytorchGap": gap32}, p0=p0, g=g, **high)
    cases.write()
    print("adam alone: PyTorch's own gap", gap32)


def search(count):
    found = []
    for seed in range(count):
        _, _, report, margin = full_step(seed)
        found.append((margin, seed, report["gradient"], report["logits"]))
    found.sort(reverse=True)
    print("full: margin, seed, gradient gap, logits gap")
    for row in found[:8]:
        print("  ", row)
    found = []
    for seed in range(count):
        done = twin_run(seed, lambda report, margin: not (report["gradient"] < 1e-5 and report["stateAfter"] < 1e-5 and margin > 4))
        if done:
            reports = [s["gap"] for s in done[0]]
            found.append((max(r["stateAfter"] for r in reports), max(r["gradient"] for r in reports), min(s["margin"] for s in done[0]), seed, max(r["loss"] for r in reports)))
    found.sort()
    print("twin: worst gap of the state after a step, worst gradient gap, least margin, seed, worst loss gap")
    for row in found[:8]:
        print("  ", row)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--search", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.search:
        search(arguments.search)
    else:
        write_full()
        write_twin()
        write_adam()
