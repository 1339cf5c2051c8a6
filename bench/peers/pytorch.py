"""PyTorch on the CPU: python3 pytorch.py <workload> <seconds>. The last line is JSON, as worker.mjs prints it."""

import json
import resource
import sys
import time

STARTED = time.time() - time.process_time()
import numpy as np
import torch
from torch import nn


def wave(count, scale, phase=0.0):
    k = np.arange(count, dtype=np.float64)
    return torch.from_numpy((scale * np.sin(k * 1.7 + (k % 97) * k * 0.013 + phase)).astype(np.float32))


def matmul():
    a, b = wave(512 * 512, 1).view(512, 512), wave(512 * 512, 1, 1).view(512, 512)
    return lambda: a @ b


def conv1d():
    x = wave(32 * 350 * 64, 1).view(32, 350, 64).permute(0, 2, 1).contiguous()
    w = wave(5 * 64 * 128, 0.1, 1).view(5, 64, 128).permute(2, 1, 0).contiguous()
    return lambda: nn.functional.conv1d(x, w, padding=2)


def lstm():
    layer = nn.LSTM(128, 256, batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(wave(128 * 1024, 0.1, 1).view(128, 1024).T)
        layer.weight_hh_l0.copy_(wave(256 * 1024, 0.05, 2).view(256, 1024).T)
        layer.bias_ih_l0.zero_()
        layer.bias_hh_l0.zero_()
    x = wave(32 * 43 * 128, 1).view(32, 43, 128)
    return lambda: layer(x)[0]


class TableV(nn.Module):
    def __init__(self):
        super().__init__()
        conv = lambda i, o: nn.Sequential(nn.Conv1d(i, o, 5, padding=2), nn.ReLU())
        self.convs = nn.Sequential(
            conv(1, 16), conv(16, 32), conv(32, 64), nn.BatchNorm1d(64), conv(64, 128), nn.MaxPool1d(8)
        )
        self.lstm = nn.LSTM(128, 256, batch_first=True, bidirectional=True)
        self.head = nn.Sequential(
            nn.Linear(512, 128), nn.ReLU(), nn.BatchNorm1d(128), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 7)
        )

    def forward(self, x):
        states = self.lstm(self.convs(x).permute(0, 2, 1))[1][0]
        return self.head(torch.cat([states[0], states[1]], 1))


def step():
    torch.manual_seed(0)
    x = wave(32 * 350, 1).view(32, 1, 350)
    labels = torch.tensor([(i * 5) % 7 for i in range(32)])
    model = TableV()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def run():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss.detach().view(1)

    return run


def main(workload, seconds):
    with torch.set_grad_enabled(workload == "step"):
        run = globals()[workload]()
        result = run()
        first = (time.time() - STARTED) * 1000
        times = []
        until = time.perf_counter() + float(seconds)
        while len(times) < 3 or (time.perf_counter() < until and len(times) < 200):
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1000)
    print(
        json.dumps(
            {
                "about": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads",
                "medianMs": sorted(times)[len(times) // 2],
                "runs": len(times),
                "firstMs": first,
                "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "check": float(result.abs().double().mean()),
            }
        )
    )


main(*sys.argv[1:])
