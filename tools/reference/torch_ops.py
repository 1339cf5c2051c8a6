"""Reference numbers of single ops, optimizers and schedulers from PyTorch in float64.

    python tools/reference/torch_ops.py          writes test/fixtures/torch/<op>.npz and .json

One .npz and one .json an op: the .json lists the cases with their attributes, the .npz holds the arrays as `<case>.<array>`. Inputs are
float32 numbers (stored as float32) out of the counter-based generator; results are float64. In all op files `dy` is the random cotangent
of the output `y`, and `d<input>` the gradient of sum(dy · y) with respect to that input. Layouts are PyTorch's own (channels first,
weights (Cout, Cin, K)); test/support/fixtures.ts has `permute` for channels-last engines.
"""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from common import Cases, integers, uniform

torch.set_num_threads(1)
SEED = 2025


def make(stream, shape, low=-1.0, high=1.0):
    """A float64 leaf with float32 values."""
    return torch.from_numpy(uniform(SEED, stream, shape, low, high)).double().requires_grad_()


def distinct(stream, shape):
    """As `make`, but all values differ by at least 1/count: no ties for max pooling, and none at 0."""
    count = int(np.prod(shape))
    order = np.argsort(uniform(SEED, stream, (count,)), kind="stable")
    values = ((order + 0.5) / count * 2 - 1).astype(np.float32)
    return torch.from_numpy(values.reshape(shape)).double().requires_grad_()


def differentiate(stream, inputs, y):
    """Arrays to store: the inputs as float32, y, its cotangent dy, and every input's gradient."""
    dy = torch.from_numpy(uniform(SEED, stream + ".dy", tuple(y.shape))).double()
    grads = torch.autograd.grad(y, list(inputs.values()), dy, allow_unused=True)
    out = {name: value.detach().float() for name, value in inputs.items()}
    out.update(y=y, dy=dy.float())
    out.update({"d" + name: (torch.zeros_like(value) if g is None else g) for (name, value), g in zip(inputs.items(), grads)})
    return out


def conv1d():
    cases = Cases("torch/conv1d", "F.conv1d: x (N, Cin, L), w (Cout, Cin, K), b (Cout). `padding` as given to PyTorch: a number or 'same'")
    table = [
        ("plain", 2, 3, 11, 5, 3, 1, 1, 0), ("same5", 2, 1, 17, 4, 5, 1, 1, "same"), ("same_even", 1, 2, 9, 3, 4, 1, 1, "same"),
        ("stride2", 3, 2, 13, 3, 3, 2, 1, 1), ("stride3_pad2", 1, 3, 20, 2, 5, 3, 1, 2), ("dilation2", 2, 2, 15, 3, 3, 1, 2, 0),
        ("dilation3_stride2", 2, 3, 19, 5, 3, 2, 3, 3), ("kernel1", 2, 5, 7, 3, 1, 1, 1, 0), ("single", 1, 1, 1, 1, 1, 1, 1, 0),
        ("longer_kernel_than_input", 1, 2, 3, 2, 5, 1, 1, 2), ("same_dilated", 1, 2, 12, 2, 3, 1, 2, "same"),
    ]
    for name, n, cin, length, cout, k, stride, dilation, padding in table:
        x, w, b = make(f"c1{name}x", (n, cin, length)), make(f"c1{name}w", (cout, cin, k)), make(f"c1{name}b", (cout,))
        y = F.conv1d(x, w, b, stride=stride, dilation=dilation, padding=padding)
        cases.add(name, {"stride": stride, "dilation": dilation, "padding": padding}, **differentiate("c1" + name, {"x": x, "w": w, "b": b}, y))
    cases.write()


def conv2d():
    cases = Cases("torch/conv2d", "F.conv2d: x (N, Cin, H, W), w (Cout, Cin, KH, KW), b (Cout). `padding` a pair or 'same'")
    table = [
        ("plain", 2, 3, 7, 5, 4, (3, 3), (1, 1), (1, 1), (0, 0)), ("same3", 1, 1, 9, 11, 3, (3, 3), (1, 1), (1, 1), "same"),
        ("stride2_pad1", 2, 2, 8, 7, 3, (3, 3), (2, 2), (1, 1), (1, 1)), ("oblong", 1, 2, 7, 13, 3, (2, 5), (1, 3), (1, 1), (1, 2)),
        ("dilated", 2, 2, 11, 9, 2, (3, 2), (1, 1), (2, 3), (2, 0)), ("kernel1", 2, 5, 3, 4, 3, (1, 1), (1, 1), (1, 1), (0, 0)),
        ("single", 1, 1, 1, 1, 1, (1, 1), (1, 1), (1, 1), (0, 0)), ("stride_over_kernel", 1, 3, 10, 8, 2, (2, 1), (3, 2), (1, 1), (0, 0)),
    ]
    for name, n, cin, h, w_, cout, k, stride, dilation, padding in table:
        x, w, b = make(f"c2{name}x", (n, cin, h, w_)), make(f"c2{name}w", (cout, cin, *k)), make(f"c2{name}b", (cout,))
        y = F.conv2d(x, w, b, stride=stride, dilation=dilation, padding=padding)
        cases.add(name, {"stride": stride, "dilation": dilation, "padding": padding}, **differentiate("c2" + name, {"x": x, "w": w, "b": b}, y))
    cases.write()


def pooling():
    cases = Cases("torch/pool1d", "F.max_pool1d and F.avg_pool1d: x (N, C, L) without ties; `op` says which; max also has `indices` into L")
    for name, shape, k, stride, padding in [
        ("plain", (2, 3, 12), 3, 3, 0), ("paper", (1, 4, 350), 8, 8, 0), ("overlap", (2, 3, 11), 3, 2, 0), ("padded", (2, 2, 9), 4, 3, 2),
        ("gap", (1, 5, 13), 2, 5, 0), ("whole", (3, 1, 7), 7, 7, 0), ("kernel1", (1, 2, 5), 1, 1, 0),
    ]:
        x = distinct(f"p1{name}", shape)
        attrs = {"kernelSize": k, "stride": stride, "padding": padding}
        y, indices = F.max_pool1d(x, k, stride, padding, return_indices=True)
        cases.add("max_" + name, {"op": "max", **attrs}, **differentiate("p1m" + name, {"x": x}, y), indices=indices)
        for include in (True, False):
            if not include and padding == 0:
                continue
            y = F.avg_pool1d(x, k, stride, padding, count_include_pad=include)
            suffix = "" if include else "_exclude_pad"
            cases.add("avg_" + name + suffix, {"op": "avg", **attrs, "countIncludePad": include}, **differentiate("p1a" + name, {"x": x}, y))
    cases.write()
    cases = Cases("torch/pool2d", "F.max_pool2d and F.avg_pool2d: x (N, C, H, W) without ties; max also has `indices` into H·W")
    for name, shape, k, stride, padding in [
        ("plain", (2, 3, 6, 8), (2, 2), (2, 2), (0, 0)), ("odd", (1, 2, 7, 9), (2, 2), (2, 2), (0, 0)), ("overlap", (2, 2, 7, 8), (3, 3), (2, 1), (0, 0)),
        ("padded", (1, 3, 5, 7), (3, 2), (2, 2), (1, 1)), ("oblong", (2, 1, 9, 5), (4, 1), (3, 2), (2, 0)),
    ]:
        x = distinct(f"p2{name}", shape)
        attrs = {"kernelSize": k, "stride": stride, "padding": padding}
        y, indices = F.max_pool2d(x, k, stride, padding, return_indices=True)
        cases.add("max_" + name, {"op": "max", **attrs}, **differentiate("p2m" + name, {"x": x}, y), indices=indices)
        for include in (True, False):
            if not include and padding == (0, 0):
                continue
            y = F.avg_pool2d(x, k, stride, padding, count_include_pad=include)
            suffix = "" if include else "_exclude_pad"
            cases.add("avg_" + name + suffix, {"op": "avg", **attrs, "countIncludePad": include}, **differentiate("p2a" + name, {"x": x}, y))
    cases.write()


def batch_norm():
    cases = Cases("torch/batch_norm", "F.batch_norm: x (N, C, …), statistics over every other axis; running_mean/var before, _after behind "
                  "(the running variance takes the unbiased batch variance). Case names: training or evaluation")
    for name, shape, momentum, eps in [("dense", (7, 5), 0.1, 1e-5), ("sequence", (3, 4, 11), 0.1, 1e-5), ("image", (2, 3, 5, 7), 0.1, 1e-5),
                                       ("keras", (5, 3, 6), 0.01, 1e-3), ("momentum1", (4, 2, 3), 1.0, 1e-5)]:
        c = shape[1]
        for training in (True, False):
            x, w, b = make(f"bn{name}x", shape, -2, 3), make(f"bn{name}w", (c,), 0.5, 1.5), make(f"bn{name}b", (c,))
            mean, var = make(f"bn{name}m", (c,)).detach(), make(f"bn{name}v", (c,), 0.5, 2).detach()
            before = {"running_mean": mean.float(), "running_var": var.float()}
            mean, var = mean.clone(), var.clone()
            y = F.batch_norm(x, mean, var, w, b, training=training, momentum=momentum, eps=eps)
            cases.add(f"{name}_{'training' if training else 'evaluation'}", {"training": training, "momentum": momentum, "eps": eps},
                      **differentiate("bn" + name, {"x": x, "w": w, "b": b}, y), **before, running_mean_after=mean, running_var_after=var)
    cases.write()


def lstm():
    cases = Cases("torch/lstm", "nn.LSTM, batch_first, bias_hh = 0: x (N, T, F), optional h0/c0 (D, N, H) and lengths (N) (packed); y (N, T, D·H), "
                  "0 behind a sequence's end; hn, cn (D, N, H), the states at each sequence's end. w_ih (4H, F), w_hh (4H, H), b_ih (4H) and _reverse, gates "
                  "i, f, g, o. Cotangents dy, dhn, dcn (dcn is 0 but in uni_state and bi_lengths_state); gradients of everything else")
    for name, n, t, f, h, bidirectional, lengths, start in [
        ("uni", 3, 5, 4, 3, False, None, False), ("bi", 3, 5, 4, 3, True, None, False), ("uni_state", 2, 4, 3, 5, False, None, True),
        ("bi_state", 2, 4, 3, 5, True, None, True), ("uni_lengths", 4, 7, 3, 2, False, [7, 1, 4, 5], False),
        ("bi_lengths", 4, 7, 3, 5, True, [3, 7, 1, 6], False), ("bi_lengths_state", 3, 6, 2, 4, True, [6, 2, 5], True),
        ("one_step", 2, 1, 3, 4, True, None, False), ("wide", 2, 9, 5, 17, True, None, False), ("single", 1, 1, 1, 1, False, None, False),
    ]:
        d = 2 if bidirectional else 1
        model = nn.LSTM(f, h, batch_first=True, bidirectional=bidirectional).double()
        arrays, weights = {}, {}
        for key, p in model.named_parameters():
            short = key.replace("weight_", "w_").replace("bias_", "b_").replace("_l0", "")
            with torch.no_grad():
                p.zero_() if "bias_hh" in key else p.copy_(make(f"lstm{name}{key}", tuple(p.shape), -0.6, 0.6))
            if "bias_hh" not in key:
                weights[short] = p
        inputs = {"x": make(f"lstm{name}x", (n, t, f))}
        state = None
        if start:
            inputs["h0"], inputs["c0"] = make(f"lstm{name}h0", (d, n, h)), make(f"lstm{name}c0", (d, n, h))
            state = (inputs["h0"], inputs["c0"])
        x = inputs["x"]
        if lengths:
            packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
            out, (hn, cn) = model(packed, state)
            y, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=t)
            arrays["lengths"] = np.array(lengths, dtype=np.int32)
        else:
            y, (hn, cn) = model(x, state)
        inputs.update(weights)
        cotangents = {k: torch.from_numpy(uniform(SEED, f"lstm{name}d{k}", tuple(v.shape))).double() for k, v in (("y", y), ("hn", hn), ("cn", cn))}
        if name not in ("uni_state", "bi_lengths_state"):
            cotangents["cn"].zero_()  # engines that give out no gradient of the last cell can still use these cases
        grads = torch.autograd.grad([y, hn, cn], list(inputs.values()), list(cotangents.values()))
        arrays.update({k: v.detach().float() for k, v in inputs.items()})
        arrays.update(y=y, hn=hn, cn=cn, **{"d" + k: v.float() for k, v in cotangents.items()})
        arrays.update({"d" + k: g for k, g in zip(inputs, grads)})
        cases.add(name, {"hidden": h, "bidirectional": bidirectional, "lengths": lengths}, **arrays)
    cases.write()


def softmax():
    cases = Cases("torch/softmax", "F.softmax and F.log_softmax of x over `dim`")
    for op, function in (("softmax", F.softmax), ("log_softmax", F.log_softmax)):
        for name, shape, dim, scale in [("rows", (5, 7), 1, 3), ("columns", (5, 7), 0, 3), ("middle", (2, 3, 5), 1, 3), ("wide", (2, 301), 1, 3),
                                        ("single", (3, 1), 1, 3), ("extreme", (4, 6), 1, 80)]:
            x = make(f"sm{name}", shape, -scale, scale)
            cases.add(f"{op}_{name}", {"op": op, "dim": dim}, **differentiate(f"sm{op}{name}", {"x": x}, function(x, dim=dim)))
    cases.write()


def losses():
    cases = Cases("torch/cross_entropy", "F.cross_entropy of logits x (N, K) with class numbers `target` (N) or, where `probabilities`, rows (N, K); `weight` (K) "
                  "optional. dy is 1 for mean and sum, a vector for none")
    for name, n, k, reduction, smoothing, weighted, ignored, soft in [
        ("mean", 5, 7, "mean", 0.0, False, None, False), ("sum", 5, 7, "sum", 0.0, False, None, False), ("none", 5, 7, "none", 0.0, False, None, False),
        ("smoothing", 6, 7, "mean", 0.1, False, None, False), ("weight", 6, 5, "mean", 0.0, True, None, False),
        ("weight_sum", 6, 5, "sum", 0.0, True, None, False), ("weight_smoothing", 9, 4, "mean", 0.2, True, None, False),
        ("ignore", 8, 3, "mean", 0.0, False, [1, 4, 7], False), ("ignore_weight_smoothing", 8, 3, "mean", 0.15, True, [0, 5], False),
        ("ignore_none", 6, 3, "none", 0.1, True, [2], False), ("probabilities", 5, 6, "mean", 0.0, False, None, True),
        ("probabilities_smoothing", 5, 6, "mean", 0.1, False, None, True), ("one_class", 3, 1, "mean", 0.0, False, None, False),
        ("single_row", 1, 7, "mean", 0.0, False, None, False), ("many_classes", 2, 301, "mean", 0.0, False, None, False),
    ]:
        x = make(f"ce{name}", (n, k), -4, 4)
        target = integers(SEED, f"ce{name}t", (n,), k).astype(np.int64)
        weight = make(f"ce{name}w", (k,), 0.25, 2).detach() if weighted else None
        if ignored:
            target[ignored] = -100
        extra = {}
        if soft:
            rows = uniform(SEED, f"ce{name}p", (n, k), 0, 1)
            rows = (rows / rows.sum(1, keepdims=True)).astype(np.float32)
            t = torch.from_numpy(rows).double()
            extra["target"] = rows
        else:
            t = torch.from_numpy(target)
            extra["target"] = target
        if weighted:
            extra["weight"] = weight.float()
        y = F.cross_entropy(x, t, weight=weight, label_smoothing=smoothing, reduction=reduction, ignore_index=-100)
        dy = torch.from_numpy(uniform(SEED, f"ce{name}dy", tuple(y.shape))).double() if reduction == "none" else torch.ones_like(y)
        (dx,) = torch.autograd.grad(y, [x], dy)
        cases.add(name, {"reduction": reduction, "labelSmoothing": smoothing, "ignoreIndex": -100, "probabilities": soft},
                  x=x.detach().float(), y=y, dy=dy.float(), dx=dx, **extra)
    cases.write()

    cases = Cases("torch/losses", "Losses by `op`: mse (x, target), bce_with_logits (x, target, optional pos_weight (K)), nll (log probabilities x, target), l1, huber")
    for reduction in ("mean", "sum", "none"):
        x, target = make("lsx", (4, 5), -3, 3), make("lst", (4, 5), 0, 1).detach()
        pos = make("lspw", (5,), 0.5, 3).detach()
        labels = torch.from_numpy(integers(SEED, "lsl", (4,), 5).astype(np.int64))
        logp = torch.log_softmax(make("lslp", (4, 5), -3, 3), 1).detach().float().double().requires_grad_()
        for op, value, inputs in [
            ("mse", F.mse_loss(x, target, reduction=reduction), {"x": x, "target": target}),
            ("bce_with_logits", F.binary_cross_entropy_with_logits(x, target, reduction=reduction), {"x": x, "target": target}),
            ("bce_with_logits_pos_weight", F.binary_cross_entropy_with_logits(x, target, pos_weight=pos, reduction=reduction), {"x": x, "target": target, "pos_weight": pos}),
            ("l1", F.l1_loss(x, target, reduction=reduction), {"x": x, "target": target}),
            ("huber", F.huber_loss(x, target, reduction=reduction), {"x": x, "target": target}),
            ("nll", F.nll_loss(logp, labels, reduction=reduction), {"x": logp, "target": labels}),
        ]:
            dy = torch.from_numpy(uniform(SEED, f"ls{op}dy", tuple(value.shape))).double() if reduction == "none" else torch.ones_like(value)
            (dx,) = torch.autograd.grad(value, [inputs["x"]], dy)
            stored = {k: (v if v.dtype == torch.int64 else v.detach().float()) for k, v in inputs.items()}
            cases.add(f"{op}_{reduction}", {"op": op, "reduction": reduction}, y=value, dy=dy.float(), dx=dx, **stored)
    cases.write()


def matmul():
    cases = Cases("torch/matmul", "torch.matmul(a, b) with PyTorch's broadcasting of the leading axes")
    for name, a, b in [("plain", (5, 7), (7, 3)), ("vector", (1, 11), (11, 1)), ("batched", (3, 4, 5), (3, 5, 2)), ("broadcast_right", (3, 4, 5), (5, 6)),
                       ("broadcast_left", (4, 5), (3, 5, 2)), ("broadcast_both", (2, 1, 3, 5), (1, 3, 5, 4)), ("long", (3, 257), (257, 5)), ("single", (1, 1), (1, 1)),
                       ("tiles", (33, 17), (17, 65))]:
        left, right = make(f"mm{name}a", a), make(f"mm{name}b", b)
        cases.add(name, {}, **differentiate("mm" + name, {"a": left, "b": right}, torch.matmul(left, right)))
    cases.write()


def embedding():
    cases = Cases("torch/embedding", "F.embedding: rows of w (V, D) chosen by indices; some rows repeat, some are never taken")
    for name, v, d, shape in [("flat", 7, 3, (11,)), ("matrix", 5, 4, (3, 6)), ("single", 1, 1, (1,))]:
        w = make(f"em{name}", (v, d))
        indices = integers(SEED, f"em{name}i", shape, v)
        y = F.embedding(torch.from_numpy(indices.astype(np.int64)), w)
        cases.add(name, {}, indices=indices, **differentiate("em" + name, {"w": w}, y))
    cases.write()


def pointwise():
    """Elementwise functions, where accuracy near 0, near 1 and at the ends matters. Gradients at kinks are left out."""
    cases = Cases("torch/pointwise", "Elementwise functions: case = function, x, y and dx (the derivative times dy)")
    wide = np.concatenate([np.linspace(-12, 12, 97), 10.0 ** np.arange(-8, 0), -(10.0 ** np.arange(-8, 0)), [88, -88, 100, -100]]).astype(np.float32)
    wide = wide[np.abs(wide) > 0]
    positive = np.concatenate([np.linspace(0.05, 12, 97), 10.0 ** np.arange(-30, 30, 3), 1 + 2.0 ** np.arange(-20, 0), 1 - 2.0 ** np.arange(-20, -1)]).astype(np.float32)
    unit = np.linspace(-0.99, 0.99, 61).astype(np.float32)
    functions = {
        "tanh": (torch.tanh, wide), "sigmoid": (torch.sigmoid, wide), "relu": (torch.relu, wide), "softplus": (F.softplus, wide), "gelu": (F.gelu, wide),
        "gelu_tanh": (lambda x: F.gelu(x, approximate="tanh"), wide), "elu": (F.elu, wide), "silu": (F.silu, wide), "erf": (torch.erf, wide),
        "leaky_relu": (lambda x: F.leaky_relu(x, 0.01), wide), "exp": (torch.exp, wide[np.abs(wide) < 80]), "sin": (torch.sin, wide), "cos": (torch.cos, wide),
        "abs": (torch.abs, wide), "log": (torch.log, positive), "log1p": (torch.log1p, positive), "sqrt": (torch.sqrt, positive), "rsqrt": (torch.rsqrt, positive),
        "reciprocal": (torch.reciprocal, positive), "asin": (torch.asin, unit), "expm1": (torch.expm1, wide[np.abs(wide) < 80]),
    }
    for name, (function, values) in functions.items():
        x = torch.from_numpy(values).double().requires_grad_()
        cases.add(name, {}, **differentiate("pw" + name, {"x": x}, function(x)))
    cases.write()


def optimizers():
    cases = Cases("torch/optimizers", "Ten steps on given gradients: p0 (37), g (10, 37), p (10, 37) after each step; `optimizer` and its options in PyTorch's names")
    count = 37
    p0 = uniform(SEED, "optp", (count,))
    g = uniform(SEED, "optg", (10, count))
    g[:, 7] = 0
    g[4, :] *= np.float32(100)
    table = [
        ("adam", torch.optim.Adam, dict(lr=1e-2)), ("adam_l2", torch.optim.Adam, dict(lr=1e-2, weight_decay=0.1)),
        ("adam_betas", torch.optim.Adam, dict(lr=3e-3, betas=(0.8, 0.95), eps=1e-4)), ("adam_amsgrad", torch.optim.Adam, dict(lr=1e-2, amsgrad=True)),
        ("adamw", torch.optim.AdamW, dict(lr=1e-2)), ("adamw_decay", torch.optim.AdamW, dict(lr=1e-2, weight_decay=0.3)),
        ("rmsprop", torch.optim.RMSprop, dict(lr=1e-2)), ("rmsprop_momentum", torch.optim.RMSprop, dict(lr=1e-2, momentum=0.9, alpha=0.9)),
        ("rmsprop_centered", torch.optim.RMSprop, dict(lr=1e-2, centered=True)),
        ("rmsprop_decay", torch.optim.RMSprop, dict(lr=1e-2, weight_decay=0.1, momentum=0.5, eps=1e-3)),
        ("sgd", torch.optim.SGD, dict(lr=0.1)), ("sgd_momentum", torch.optim.SGD, dict(lr=0.1, momentum=0.9)),
        ("sgd_nesterov", torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True)), ("sgd_decay", torch.optim.SGD, dict(lr=0.1, weight_decay=0.05)),
        ("sgd_nesterov_decay", torch.optim.SGD, dict(lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.05)),
        ("sgd_dampening", torch.optim.SGD, dict(lr=0.1, momentum=0.9, dampening=0.3)),
    ]
    for name, kind, options in table:
        p = nn.Parameter(torch.from_numpy(p0).double())
        optimizer = kind([p], **options)
        rows = []
        for k in range(10):
            p.grad = torch.from_numpy(g[k]).double()
            optimizer.step()
            rows.append(p.detach().clone())
        filled = {k: v for k, v in optimizer.param_groups[0].items() if k in ("lr", "betas", "eps", "weight_decay", "momentum", "alpha", "centered", "nesterov", "dampening", "amsgrad")}
        cases.add(name, {"optimizer": kind.__name__, "options": filled}, p0=p0, g=g, p=torch.stack(rows))
    cases.write()


def schedulers():
    cases = Cases("torch/schedulers", "Learning rates: `lr` holds the rate before step 0, then after every scheduler.step(). ReduceLROnPlateau is fed `metrics`")

    def run(name, build, options, count, metrics=None, lr=0.1):
        p = nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([p], lr=lr)
        scheduler = build(optimizer, **options)
        rates = [optimizer.param_groups[0]["lr"]]
        for k in range(count):
            optimizer.step()
            scheduler.step(metrics[k]) if metrics is not None else scheduler.step()
            rates.append(optimizer.param_groups[0]["lr"])
        arrays = {"lr": np.array(rates, dtype=np.float64)}
        if metrics is not None:
            arrays["metrics"] = np.array(metrics, dtype=np.float64)
        cases.add(name, {"scheduler": build.__name__, "lr": lr, "options": options}, **arrays)

    s = torch.optim.lr_scheduler
    run("one_cycle", s.OneCycleLR, dict(max_lr=0.3, total_steps=41), 40)
    run("one_cycle_linear", s.OneCycleLR, dict(max_lr=0.3, total_steps=20, anneal_strategy="linear", pct_start=0.25), 19)
    run("one_cycle_three_phase", s.OneCycleLR, dict(max_lr=1.0, total_steps=30, three_phase=True, pct_start=0.4), 29)
    run("one_cycle_factors", s.OneCycleLR, dict(max_lr=1e-2, total_steps=17, div_factor=10.0, final_div_factor=100.0), 16)
    run("cosine", s.CosineAnnealingLR, dict(T_max=20), 20)
    run("cosine_floor_beyond", s.CosineAnnealingLR, dict(T_max=7, eta_min=0.01), 23)
    run("step", s.StepLR, dict(step_size=3, gamma=0.5), 12)
    run("exponential", s.ExponentialLR, dict(gamma=0.9), 12)
    falling = [1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.8, 0.80001, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    run("plateau", s.ReduceLROnPlateau, dict(patience=2), len(falling), falling)
    run("plateau_cooldown", s.ReduceLROnPlateau, dict(patience=1, factor=0.5, cooldown=2, min_lr=0.01), len(falling), falling)
    run("plateau_max_abs", s.ReduceLROnPlateau, dict(mode="max", patience=1, threshold=0.05, threshold_mode="abs", factor=0.3), len(falling), [1 - v for v in falling])
    run("plateau_relative", s.ReduceLROnPlateau, dict(patience=0, threshold=0.1, threshold_mode="rel"), 8, [1.0, 0.95, 0.89, 0.82, 0.8, 0.7, 0.62, 0.5])
    cases.write()


def clipping():
    cases = Cases("torch/clip_grad", "clip_grad_norm_ over two tensors a (4, 5) and b (7): `norm` before, a and b after (a_after, b_after); clip_grad_value_ likewise")
    for name, max_norm, norm_type in [("above", 1.0, 2.0), ("below", 100.0, 2.0), ("max", 0.25, float("inf")), ("one", 2.0, 1.0)]:
        a, b = nn.Parameter(torch.zeros(4, 5).double()), nn.Parameter(torch.zeros(7).double())
        a.grad, b.grad = make("clipa", (4, 5)).detach(), make("clipb", (7,), -3, 3).detach()
        before = {"a": a.grad.float(), "b": b.grad.float()}
        norm = nn.utils.clip_grad_norm_([a, b], max_norm, norm_type)
        cases.add("norm_" + name, {"maxNorm": max_norm, "normType": norm_type}, **before, norm=norm.reshape(1), a_after=a.grad, b_after=b.grad)
    a.grad, b.grad = make("clipa", (4, 5)).detach(), make("clipb", (7,), -3, 3).detach()
    before = {"a": a.grad.float(), "b": b.grad.float()}
    nn.utils.clip_grad_value_([a, b], 0.5)
    cases.add("value", {"clipValue": 0.5}, **before, a_after=a.grad, b_after=b.grad)
    cases.write()


def initializers():
    """The bound or standard deviation that each initializer must have, measured from nothing: PyTorch's own formulae, and fans."""
    cases = Cases("torch/initializers", "Bounds (uniform) or standard deviations (normal) of PyTorch's initializers for weights of a shape; `measured` is the largest absolute "
                  "value or the standard deviation of a sample of PyTorch's, as a check that the formula is the one PyTorch uses")
    torch.manual_seed(0)
    for shape in [(64, 48), (32, 16, 5), (12, 8, 3, 5), (1, 7)]:
        weight = torch.empty(shape, dtype=torch.float64)
        fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(weight)
        name = "x".join(map(str, shape))
        for gain_name, gain in [("linear", 1.0), ("relu", nn.init.calculate_gain("relu")), ("tanh", nn.init.calculate_gain("tanh"))]:
            for init, bound in [("xavier_uniform", gain * (6 / (fan_in + fan_out)) ** 0.5), ("xavier_normal", gain * (2 / (fan_in + fan_out)) ** 0.5),
                                ("kaiming_uniform", gain * (3 / fan_in) ** 0.5), ("kaiming_normal", gain / fan_in**0.5)]:
                if init.startswith("xavier"):
                    getattr(nn.init, init + "_")(weight, gain=gain)
                else:
                    getattr(nn.init, init + "_")(weight, nonlinearity=gain_name)
                measured = float(weight.abs().max() if init.endswith("uniform") else weight.std())
                assert measured <= bound * (1 if init.endswith("uniform") else 1.6) and (weight.numel() < 100 or measured > 0.9 * bound), (init, shape, measured, bound)
                cases.add(f"{init}_{gain_name}_{name}", {"initializer": init, "gain": gain, "nonlinearity": gain_name, "shape": shape, "fanIn": fan_in,
                          "fanOut": fan_out, "bound": bound, "measured": measured})
    for module, shape in [(nn.Linear(48, 64), (64, 48)), (nn.Conv1d(16, 32, 5), (32, 16, 5)), (nn.Conv2d(8, 12, (3, 5)), (12, 8, 3, 5)), (nn.LSTM(12, 25), (100, 12))]:
        values = [p.detach() for p in module.parameters()]
        bound = (25 if isinstance(module, nn.LSTM) else int(np.prod(shape[1:]))) ** -0.5
        measured = max(float(v.abs().max()) for v in values)
        assert 0.9 * bound < measured <= bound, (module, bound, measured)
        cases.add(f"default_{type(module).__name__}", {"initializer": "default", "module": type(module).__name__, "shape": shape, "bound": bound, "measured": measured})
    cases.write()


if __name__ == "__main__":
    for write in (conv1d, conv2d, pooling, batch_norm, lstm, softmax, losses, matmul, embedding, pointwise, optimizers, schedulers, clipping, initializers):
        write()
