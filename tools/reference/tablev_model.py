"""The paper's Table V model in PyTorch, with weights out of the counter-based generator. Imported by tablev.py."""

import math

import torch
import torch.nn as nn

from common import integers, uniform

LENGTH, CLASSES = 350, 7


class TableV(nn.Module):
    """Conv → ReLU three times, BatchNorm, Conv → ReLU, MaxPool 8, BiLSTM, Dense ReLU, BatchNorm, Dense ReLU, Dense.

    Input (N, 350, 1), output logits (N, 7). `width` 1 is the paper's model, 1/8 the small twin. BatchNorm has PyTorch's defaults (eps 1e-5,
    momentum 0.1, the running variance is the unbiased one). `bias_hh` is 0 and not trained.
    """

    def __init__(self, width=1.0, classes=CLASSES):
        super().__init__()
        c1, c2, c3, c4 = (int(width * c) for c in (16, 32, 64, 128))
        hidden, d1, d2 = int(width * 256), int(width * 128), int(width * 64)
        self.conv1 = nn.Conv1d(1, c1, 5, padding=2)
        self.conv2 = nn.Conv1d(c1, c2, 5, padding=2)
        self.conv3 = nn.Conv1d(c2, c3, 5, padding=2)
        self.bn1 = nn.BatchNorm1d(c3)
        self.conv4 = nn.Conv1d(c3, c4, 5, padding=2)
        self.lstm = nn.LSTM(c4, hidden, batch_first=True, bidirectional=True)
        self.fc1 = nn.Linear(2 * hidden, d1)
        self.bn2 = nn.BatchNorm1d(d1)
        self.fc2 = nn.Linear(d1, d2)
        self.fc3 = nn.Linear(d2, classes)
        for name, p in self.named_parameters():
            if "bias_hh" in name:
                p.requires_grad_(False)
                with torch.no_grad():
                    p.zero_()

    def forward(self, x, probe=None):
        """`probe(name, values)` is shown every value whose sign or order decides a branch: what goes into ReLU and max pooling."""
        probe = probe or (lambda name, values: None)

        def relu(name, values):
            probe(name, values)
            return torch.relu(values)

        h = x.transpose(1, 2)
        h = relu("conv1", self.conv1(h))
        h = relu("conv2", self.conv2(h))
        h = relu("conv3", self.conv3(h))
        h = self.bn1(h)
        h = self.conv4(h)
        probe("pool", h)
        h = torch.max_pool1d(torch.relu(h), 8)
        _, (last, _) = self.lstm(h.transpose(1, 2))
        h = torch.cat([last[0], last[1]], dim=1)
        h = relu("fc1", self.fc1(h))
        h = self.bn2(h)
        h = relu("fc2", self.fc2(h))
        return self.fc3(h)


def bounds(name, shape):
    """Range of a state_dict entry, None for what is 0. Weights are Glorot-uniform; everything else is off its usual start, to be seen."""
    if "bias_hh" in name or name.endswith("num_batches_tracked"):
        return None
    if name.endswith("running_mean"):
        return -0.2, 0.2
    if name.endswith("running_var") or (name.startswith("bn") and name.endswith("weight")):
        return 0.75, 1.25
    if name.endswith("bias") or "bias_ih" in name:
        return -0.1, 0.1
    if name.startswith("lstm"):
        fan_out, fan_in = shape[0] // 4, shape[1]  # four gates, each a matrix of its own
    else:
        receptive = shape[2] if len(shape) == 3 else 1
        fan_out, fan_in = shape[0] * receptive, shape[1] * receptive
    bound = math.sqrt(6.0 / (fan_in + fan_out))
    return -bound, bound


def specification(model):
    """List of {name, shape, low, high} (low and high None where the entry is 0), in state_dict order."""
    out = []
    for name, value in model.state_dict().items():
        shape = list(value.shape)
        b = bounds(name, shape)
        out.append({"name": name, "shape": shape, "low": b and b[0], "high": b and b[1]})
    return out


def fill(model, seed):
    """Overwrites the model's state with the generator's float32 values (exact in float64 too)."""
    state = {}
    for entry in specification(model):
        old = model.state_dict()[entry["name"]]
        if entry["low"] is None:
            state[entry["name"]] = torch.zeros_like(old)
        else:
            values = uniform(seed, entry["name"], entry["shape"], entry["low"], entry["high"])
            state[entry["name"]] = torch.from_numpy(values).to(old.dtype)
    model.load_state_dict(state)
    return model


def center_fc1(model, x):
    """Sets fc1.bias so that half of the samples activate each of its units.

    A unit that is active for a whole batch has a bias gradient of exactly 0 but for rounding noise (the BatchNorm behind it takes the mean away),
    which Adam's first steps blow up to the size of the learning rate: no two float32 engines would agree.
    """
    seen = {}
    model.train()
    kept = {n: t.clone() for n, t in model.state_dict().items()}
    with torch.no_grad():
        model(x, lambda name, values: seen.__setitem__(name, values.clone()))
        model.load_state_dict(kept)
        h = seen["fc1"].sort(dim=0).values
        middle = (h[len(h) // 2 - 1] + h[len(h) // 2]) / 2
        model.fc1.bias -= middle
        model.fc1.bias.copy_(model.fc1.bias.float())
    return model


def batch(seed, index, size, dtype=torch.float64):
    """Input (size, 350, 1), uniform in [-1.7, 1.7), and labels: streams `x<index>` and `labels<index>`."""
    x = uniform(seed, f"x{index}", (size, LENGTH, 1), -1.7, 1.7)
    y = integers(seed, f"labels{index}", (size,), CLASSES)
    return torch.from_numpy(x).to(dtype), torch.from_numpy(y).long()


def gap(a, b):
    """‖a − b‖₂ / ‖b‖₂ in float64."""
    a, b = a.detach().double(), b.detach().double()
    return float((a - b).norm() / b.norm())


def branch_margin(values64, values32):
    """How far every branch is from going the other way, in units of the layer's own float32 error (its r.m.s.).

    Relevant are: the sign of every value before a ReLU; before the pool the sign of each window's greatest value and, where that is
    positive, its lead over the second.
    """
    worst = math.inf
    for name, v64 in values64.items():
        error = float((values32[name].double() - v64).pow(2).mean().sqrt())
        if name == "pool":
            n, c, length = v64.shape
            top = v64[:, :, : length // 8 * 8].reshape(n, c, length // 8, 8).topk(2, dim=3).values
            first, second = top[..., 0], top[..., 1].clamp(min=0)
            lead = torch.where(first > 0, torch.minimum(first, first - second), -first)
            worst = min(worst, float(lead.min()) / error)
        else:
            worst = min(worst, float(v64.abs().min()) / error)
    return worst
