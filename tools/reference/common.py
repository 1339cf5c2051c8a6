"""What the reference scripts share: the counter-based generator, and how fixtures are written.

Not run by itself. test/support/generated.ts is the TypeScript twin of the generator: it must give the same bits.

The generator. A value depends only on (seed, stream name, index), so any array can be made again without storing it:

    mix(x)            = the 32-bit finaliser of MurmurHash3 (Austin Appleby, public domain)
    a                 = mix(seed + 0x9E3779B9)
    b                 = mix(fnv1a(name) + a)             fnv1a: the 32-bit FNV-1a hash of the name's bytes
    bits(index)       = mix(mix(index + a) ^ b)          all sums modulo 2**32
    unit(index)       = (bits >> 8) / 2**24              in [0, 1), exact in float32
    uniform(index)    = float32(low + (high - low) * unit)   computed in float64, rounded once
    integers(index)   = floor(unit * n)
"""

import json
import math
import os
import platform

import numpy as np

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
FIXTURES = os.path.join(ROOT, "test", "fixtures")
GOLDEN = 0x9E3779B9
MASK = 0xFFFFFFFF


def mix(x):
    """MurmurHash3's finaliser over a uint32 array."""
    x = np.asarray(x, dtype=np.uint64)
    x = x ^ (x >> np.uint64(16))
    x = (x * np.uint64(0x85EBCA6B)) & np.uint64(MASK)
    x = x ^ (x >> np.uint64(13))
    x = (x * np.uint64(0xC2B2AE35)) & np.uint64(MASK)
    return x ^ (x >> np.uint64(16))


def fnv1a(name):
    h = 0x811C9DC5
    for byte in name.encode("utf-8"):
        h = ((h ^ byte) * 0x01000193) & MASK
    return h


def bits(seed, name, count):
    """`count` uint32 words of the stream `name`."""
    a = int(mix((seed + GOLDEN) & MASK))
    b = int(mix((fnv1a(name) + a) & MASK))
    index = np.arange(count, dtype=np.uint64)
    return (mix(mix((index + np.uint64(a)) & np.uint64(MASK)) ^ np.uint64(b))).astype(np.uint32)


def unit(seed, name, count):
    """`count` float64 numbers in [0, 1), multiples of 2**-24."""
    return (bits(seed, name, count) >> 8).astype(np.float64) / 16777216.0


def uniform(seed, name, shape, low=-1.0, high=1.0):
    """float32 array of `shape`, uniform in [low, high)."""
    count = int(np.prod(shape, dtype=np.int64))
    return (low + (high - low) * unit(seed, name, count)).astype(np.float32).reshape(shape)


def integers(seed, name, shape, n):
    """int32 array of `shape` with values 0 … n − 1."""
    count = int(np.prod(shape, dtype=np.int64))
    return np.floor(unit(seed, name, count) * n).astype(np.int32).reshape(shape)


def versions():
    """The versions that wrote a fixture; kept in its JSON."""
    out = {"python": platform.python_version(), "numpy": np.__version__}
    for module in ("torch", "scipy", "librosa"):
        try:
            out[module] = __import__(module).__version__
        except ImportError:
            pass
    return out


def plain(value):
    """A JSON-ready copy: infinities and NaN become strings, numpy scalars become Python's."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else str(float(value))
    return value


def write_json(path, document):
    path = os.path.join(FIXTURES, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(plain(document), f, indent=1, ensure_ascii=False, allow_nan=False)
        f.write("\n")
    return path


class Cases:
    """Collects the cases of one op and writes `<path>.npz` (arrays `<case>.<array>`) and `<path>.json` (their attributes)."""

    def __init__(self, path, about):
        self.path, self.about = path, about
        self.arrays, self.cases = {}, []

    def add(self, name, attrs, **arrays):
        assert all(c["name"] != name for c in self.cases), name
        kept = {}
        for key, value in arrays.items():
            if hasattr(value, "detach"):
                value = value.detach().cpu().numpy()
            value = np.ascontiguousarray(value)
            if value.dtype == np.int64:
                value = value.astype(np.int32)
            if value.dtype == np.bool_:
                value = value.astype(np.uint8)
            kept[key] = list(value.shape)
            self.arrays[f"{name}.{key}"] = value
        self.cases.append({"name": name, "attrs": attrs, "arrays": kept})

    def write(self):
        path = os.path.join(FIXTURES, self.path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if self.arrays:
            np.savez_compressed(path + ".npz", **self.arrays)
        write_json(self.path + ".json", {"about": self.about, "versions": versions(), "cases": self.cases})
        print(f"{self.path}: {len(self.cases)} cases, {sum(a.nbytes for a in self.arrays.values()) / 1024:.0f} KiB of arrays")
