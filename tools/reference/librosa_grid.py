"""librosa's numbers over a grid of parameters: the fixtures of docs/librosa-parity.md.

    python tools/reference/librosa_grid.py                      writes test/fixtures/librosa/grid.* and grid_signals.*
    python tools/reference/librosa_grid.py --corpora <folder>   also grid_real.*: numbers of real clips under <folder> (their path and hash, no audio)

A case holds the outcome of one function for one set of parameters in three precisions:

    expected      librosa in float64: float64 samples (float32 exactly), mel basis and RMS in float64. This is the truth.
    float32       librosa as people call it: float32 samples. Its transform is computed in float64 all the same (the window is float64), then rounded.
    transform32   only where there is a transform: as float32, with the window in float32 too, so that SciPy's pocketfft, which librosa calls, transforms in
                  float32 (NumPy's would do it in float64)

Of an output with more than KEPT elements about that many are stored, at the positions `at` in our order (frame by frame): half of them where the last of
these precisions is farthest from the truth, half anywhere. `attrs` keep the whole output's shape (T, rows), maximum, largest absolute value and norm.
"""

import argparse
import hashlib
import os
import warnings

import librosa
import numpy as np
import scipy.signal
import soundfile

from common import Cases, integers, uniform, unit
from signals import all_signals

warnings.filterwarnings("ignore", message="n_fft=.*is too large")
warnings.filterwarnings("ignore", message="Empty filters detected")
SEED, KEPT, SR = 7, 500, 16000


def voice(n=17601, sr=SR):
    """Source and filter: two syllables of Rosenberg glottal pulses whose pitch falls and wavers, through four formant resonators (they move from one vowel
    to another), then a fricative of high-passed noise, then breath 60 dB down. Peak 0.7."""
    t = np.arange(n) / sr
    pitch = 190 - 70 * t + 4 * np.sin(2 * np.pi * 5.5 * t)
    phase = np.cumsum(pitch / sr) % 1
    source = np.where(phase < 0.4, 0.5 * (1 - np.cos(np.pi * phase / 0.4)), np.where(phase < 0.56, np.cos(np.pi * (phase - 0.4) / 0.32), 0))
    source = np.diff(source, prepend=0) + 0.002 * uniform(SEED, "aspiration", (n,)).astype(np.float64)
    out = np.zeros(n)
    for formants, gate in (((730, 1090, 2440, 3400), t < 0.45), ((300, 2250, 2960, 3500), (t > 0.5) & (t < 0.8))):
        y = source * gate
        for f, width in zip(formants, (80, 100, 140, 200)):
            r = np.exp(-np.pi * width / sr)
            y = scipy.signal.lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * f / sr), r * r], y)
        out += y / np.abs(y).max()
    hiss = np.diff(uniform(SEED, "hiss", (n,)).astype(np.float64), n=2, prepend=[0, 0])
    out += 0.04 * hiss * ((t > 0.8) & (t < 0.98)) + 3e-4 * hiss * (t >= 0.98)
    return (0.7 * out / np.abs(out).max()).astype(np.float32)


def glide(n=8001, sr=SR, start=50.0, end=7900.0):
    """0.9 · sin of an exponential sweep."""
    t, rate = np.arange(n) / n, np.log(end / start)
    return (0.9 * np.sin(2 * np.pi * start * n / sr / rate * (np.exp(rate * t) - 1))).astype(np.float32)


def own_signals():
    tone = (0.99 * np.sin(2 * np.pi * 1000.3 * np.arange(4999) / SR)).astype(np.float32)
    clicks = np.zeros(3001, dtype=np.float32)
    clicks[[0, 700, 1501, 3000]] = 1, -1, 0.5, 0.25
    step = np.full(2500, 0.25, dtype=np.float32)
    step[1250:] = -0.25
    return {
        "voice": voice(), "glide": glide(), "tone": tone, "clicks": clicks, "dc": np.full(3001, 0.25, dtype=np.float32), "full": np.full(2000, -1, dtype=np.float32),
        "step": step, "whisper": (np.float32(2**-10) * voice()[3000:9001]).astype(np.float32), "hiss": uniform(SEED, "hiss signal", (5003,), -1, 1),
        "prime": uniform(SEED, "prime", (997,), -0.5, 0.5), "three": np.array([0.5, -0.25, 1], dtype=np.float32),
    }


OWN = own_signals()
SIGNALS = {**all_signals(), **OWN}


def positions(name, values, single):
    """Where half of KEPT elements are worst in float32, and half anywhere."""
    worst = np.argsort(-np.abs(single - values), axis=None, kind="stable")[: KEPT // 2]
    return np.unique(np.concatenate([worst, integers(SEED, name, (KEPT // 2,), values.size)])).astype(np.int32)


class Grid(Cases):
    def run(self, op, label, attrs, compute, transform=False):
        """`compute(precision)` gives librosa's (rows, T)."""
        name = f"{op}_{len(self.cases):03d}"
        values = compute("float64").T
        assert values.dtype == np.float64 and np.isfinite(values).all(), name
        stored = {"expected": values}
        for precision in ("float32", "transform32") if transform else ("float32",):
            stored[precision] = compute(precision).T
            assert stored[precision].dtype == np.float32 and stored[precision].shape == values.shape, (name, precision)
        if values.size > KEPT:
            at = positions(name, values, list(stored.values())[-1])
            stored = {"at": at, **{key: np.ascontiguousarray(array).reshape(-1)[at] for key, array in stored.items()}}
        whole = {"shape": list(values.shape), "maximum": values.max(), "largest": np.abs(values).max(), "euclidean": np.linalg.norm(values)}
        self.add(name, {"op": op, "label": label, **attrs, **whole}, **stored)


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


def words(options):
    return ", ".join(f"{k}={v:g}" if isinstance(v, float) else f"{k}={v}" for k, v in options.items())


def samples(y, precision):
    return y.astype(np.float64) if precision == "float64" else y


def spectral(options, precision):
    """librosa's options for a transform in this precision."""
    n_fft = options.get("n_fft", 2048)
    window, length = options.get("window", "hann"), options.get("win_length") or n_fft
    if precision == "transform32":
        window = librosa.filters.get_window(window, length, fftbins=True).astype(np.float32)
    return {**options, "window": window}


def mel_of(y, sr, options, precision):
    return librosa.feature.melspectrogram(y=samples(y, precision), sr=sr, dtype=np.float64 if precision == "float64" else np.float32, **spectral(options, precision))


def stft_case(grid, source, y, options):
    length = options.get("win_length") or options.get("n_fft", 2048)
    window = librosa.filters.get_window(options.get("window", "hann"), length, fftbins=True)
    grid.run("stft", words(options), {**source, **{camel(k): v for k, v in options.items()}, "fullScale": np.abs(window).sum()},
             lambda p: np.abs(librosa.stft(samples(y, p), **spectral(options, p))), transform=True)


def mel_case(grid, source, y, options):
    grid.run("melspectrogram", words(options), {**source, **{camel(k): v for k, v in options.items()}}, lambda p: mel_of(y, source["sr"], options, p), transform=True)


def db_case(grid, source, y, options, ref=1.0, top_db=80.0):
    """Mel bands in dB."""
    def compute(p):
        return librosa.power_to_db(mel_of(y, source["sr"], options, p), ref=np.max if ref == "max" else ref, top_db=top_db)
    own = {"ref": ref, "top_db": top_db}
    grid.run("log_mel", words({**options, **own}), {**source, **{camel(k): v for k, v in {**options, **own}.items()}}, compute, transform=True)


def mfcc_of(y, sr, options, precision):
    own = {k: options[k] for k in ("n_mfcc", "dct_type", "norm", "lifter") if k in options}
    rest = {k: v for k, v in options.items() if k not in own and k != "mel_norm"}
    mel = mel_of(y, sr, {**rest, "norm": options.get("mel_norm", "slaney")}, precision)
    return librosa.feature.mfcc(S=librosa.power_to_db(mel), **own)


def mfcc_case(grid, source, y, options):
    grid.run("mfcc", words(options), {**source, **{camel(k): v for k, v in options.items()}}, lambda p: mfcc_of(y, source["sr"], options, p), transform=True)


def mfcc_delta_case(grid, source, y, options, **fit):
    grid.run("mfcc_delta", words({**options, **fit}), {**source, **{camel(k): v for k, v in {**options, **fit}.items()}},
             lambda p: librosa.feature.delta(mfcc_of(y, source["sr"], options, p), **fit), transform=True)


def energy_case(grid, op, source, y, options):
    def compute(p):
        if op == "rms":
            return librosa.feature.rms(y=samples(y, p), dtype=np.float64 if p == "float64" else np.float32, **options)
        return librosa.feature.zero_crossing_rate(samples(y, p), **options).astype(np.float64 if p == "float64" else np.float32)
    grid.run(op, words(options), {**source, **{camel(k): v for k, v in options.items()}}, compute)


def frames_case(grid, source, y, options):
    """The application's features of a frame: 13 MFCC, mel bands in dB, ZCR, RMS."""
    n_fft, hop, coef = options["n_fft"], options["hop_length"], options.get("preemphasis", 0)

    def compute(p):
        x = samples(y, p)
        if coef:
            x = librosa.effects.preemphasis(x, coef=coef)
        bands = librosa.power_to_db(mel_of(x, source["sr"], dict(n_fft=n_fft, hop_length=hop, n_mels=128), p))
        energy = librosa.feature.rms(y=x, frame_length=n_fft, hop_length=hop, dtype=x.dtype)
        crossings = librosa.feature.zero_crossing_rate(x, frame_length=n_fft, hop_length=hop)
        return np.concatenate([librosa.feature.mfcc(S=bands, n_mfcc=13), bands, crossings, energy]).astype(x.dtype)
    loudest = compute("float64")[13:141].max()
    grid.run("frames", words(options), {**source, **{camel(k): v for k, v in options.items()}, "loudest": loudest}, compute, transform=True)


def signals():
    cases = Cases("librosa/grid_signals", "More input signals, float32 (tools/reference/librosa_grid.py has the formulae); sample rate 16 kHz")
    for name, y in OWN.items():
        cases.add(name, {"sr": SR}, y=y)
    cases.write()


STFT = [
    ("voice", dict(n_fft=256, hop_length=64)), ("voice", dict(n_fft=400, hop_length=160)), ("voice", dict(n_fft=512, hop_length=256)), ("voice", dict(n_fft=1024, hop_length=256)),
    ("voice", dict(n_fft=2048, hop_length=512)), ("voice", dict(n_fft=512, hop_length=160, win_length=400)), ("voice", dict(n_fft=2048, hop_length=441, win_length=1764, window="hamming")),
    ("voice", dict(n_fft=1024, hop_length=333, win_length=777, window="blackman")), ("voice", dict(n_fft=512, hop_length=128, window="boxcar")),
    ("voice", dict(n_fft=400, hop_length=100, window="hamming", center=False)), ("voice", dict(n_fft=512, hop_length=256, pad_mode="reflect")),
    ("voice", dict(n_fft=1024, hop_length=512, pad_mode="edge")), ("voice", dict(n_fft=256, hop_length=100, pad_mode="symmetric")),
    ("glide", dict(n_fft=256, hop_length=128, window="blackman")), ("glide", dict(n_fft=512, hop_length=512)), ("glide", dict(n_fft=1024, hop_length=200, center=False)),
    ("glide", dict(n_fft=2048, hop_length=1024, window="blackman")), ("glide", dict(n_fft=400, hop_length=400, window="boxcar", center=False)), ("chirp", dict(n_fft=512, hop_length=700)),
    ("tone", dict(n_fft=512, hop_length=256)), ("tone", dict(n_fft=2048, hop_length=300, window="blackman", pad_mode="reflect")), ("tone", dict(n_fft=1024, hop_length=256, window="boxcar")),
    ("impulse", dict(n_fft=256, hop_length=64, window="boxcar")), ("clicks", dict(n_fft=512, hop_length=128)), ("clicks", dict(n_fft=400, hop_length=160, pad_mode="reflect")),
    ("clicks", dict(n_fft=1024, hop_length=256, window="hamming", pad_mode="symmetric")), ("silence", dict(n_fft=512, hop_length=256)), ("hiss", dict(n_fft=256, hop_length=64, window="hamming")),
    ("hiss", dict(n_fft=512, hop_length=256, win_length=256)), ("hiss", dict(n_fft=1024, hop_length=1024, center=False)), ("hiss", dict(n_fft=2048, hop_length=512, window="boxcar")),
    ("noise", dict(n_fft=400, hop_length=160)), ("dc", dict(n_fft=512, hop_length=256)), ("dc", dict(n_fft=1024, hop_length=300, window="boxcar", center=False)),
    ("full", dict(n_fft=256, hop_length=100, pad_mode="reflect")), ("full", dict(n_fft=512, hop_length=256, window="boxcar", pad_mode="edge")), ("step", dict(n_fft=400, hop_length=160, window="blackman")),
    ("whisper", dict(n_fft=512, hop_length=256)), ("pauses", dict(n_fft=1024, hop_length=256)), ("prime", dict(n_fft=512, hop_length=131)), ("prime", dict(n_fft=997, hop_length=100, center=False)),
    ("prime", dict(n_fft=1000, hop_length=250)), ("short", dict(n_fft=512, hop_length=128)), ("short", dict(n_fft=2048, hop_length=512, pad_mode="reflect")),
    ("three", dict(n_fft=400, hop_length=160, pad_mode="reflect")), ("three", dict(n_fft=256, hop_length=1, pad_mode="edge")), ("one", dict(n_fft=512, hop_length=256)),
    ("one", dict(n_fft=1024, hop_length=256, pad_mode="reflect")), ("one", dict(n_fft=256, hop_length=64, pad_mode="symmetric")),
]

MEL = [
    ("voice", dict(n_fft=512, hop_length=256, n_mels=128)), ("voice", dict(n_fft=512, hop_length=256, n_mels=128, htk=True)), ("voice", dict(n_fft=512, hop_length=256, n_mels=80, norm=None)),
    ("voice", dict(n_fft=400, hop_length=160, n_mels=40, htk=True, norm=None)), ("voice", dict(n_fft=400, hop_length=160, n_mels=80, fmin=60.0, fmax=7600.0)),
    ("voice", dict(n_fft=1024, hop_length=256, n_mels=64, norm=1)), ("voice", dict(n_fft=1024, hop_length=256, n_mels=64, norm=2, htk=True)), ("voice", dict(n_fft=1024, hop_length=256, n_mels=20, norm=np.inf)),
    ("voice", dict(n_fft=2048, hop_length=512, n_mels=128)), ("voice", dict(n_fft=2048, hop_length=512, n_mels=80, htk=True, fmin=20.0, fmax=8000.0)), ("voice", dict(n_fft=256, hop_length=80, n_mels=20, fmin=100.0, fmax=4000.0)),
    ("voice", dict(n_fft=512, hop_length=160, win_length=400, n_mels=40, window="hamming", power=1.0)), ("voice", dict(n_fft=512, hop_length=256, n_mels=64, power=1.0)),
    ("voice", dict(n_fft=512, hop_length=256, n_mels=64, power=1.5)), ("voice", dict(n_fft=512, hop_length=256, n_mels=40, center=False)), ("voice", dict(n_fft=512, hop_length=256, n_mels=40, pad_mode="reflect")),
    ("voice", dict(n_fft=1024, hop_length=320, n_mels=128, window="blackman", pad_mode="edge")), ("voice", dict(n_fft=512, hop_length=128, n_mels=20, window="boxcar")),
    ("glide", dict(n_fft=512, hop_length=256, n_mels=128)), ("glide", dict(n_fft=1024, hop_length=256, n_mels=40, power=1.0)), ("glide", dict(n_fft=2048, hop_length=512, n_mels=64, window="blackman")),
    ("chirp", dict(n_fft=400, hop_length=160, n_mels=80)), ("tone", dict(n_fft=512, hop_length=256, n_mels=40)), ("clicks", dict(n_fft=512, hop_length=256, n_mels=64)),
    ("impulse", dict(n_fft=256, hop_length=64, n_mels=20, htk=True)), ("silence", dict(n_fft=400, hop_length=160, n_mels=40)), ("hiss", dict(n_fft=512, hop_length=256, n_mels=128)),
    ("hiss", dict(n_fft=1024, hop_length=512, n_mels=80, htk=True, norm=None)), ("dc", dict(n_fft=512, hop_length=256, n_mels=40)), ("whisper", dict(n_fft=512, hop_length=256, n_mels=128)),
    ("pauses", dict(n_fft=512, hop_length=256, n_mels=64)), ("prime", dict(n_fft=512, hop_length=131, n_mels=40)), ("short", dict(n_fft=512, hop_length=256, n_mels=40)),
    ("three", dict(n_fft=256, hop_length=64, n_mels=20)), ("one", dict(n_fft=512, hop_length=256, n_mels=128)),
]

LOG_MEL = [
    ("voice", dict(n_fft=512, hop_length=256, n_mels=128), {}), ("voice", dict(n_fft=512, hop_length=256, n_mels=128), dict(ref="max")), ("voice", dict(n_fft=512, hop_length=256, n_mels=128), dict(top_db=None)),
    ("voice", dict(n_fft=1024, hop_length=256, n_mels=80, htk=True, norm=None), {}), ("voice", dict(n_fft=2048, hop_length=512, n_mels=128), dict(ref="max", top_db=60.0)),
    ("voice", dict(n_fft=400, hop_length=160, n_mels=40), dict(ref=0.02)), ("voice", dict(n_fft=256, hop_length=64, n_mels=20), {}), ("voice", dict(n_fft=512, hop_length=160, win_length=400, window="hamming", n_mels=64), {}),
    ("chirp", dict(n_fft=512, hop_length=256, n_mels=128), {}), ("chirp", dict(n_fft=512, hop_length=256, n_mels=40, fmin=80.0, fmax=7000.0), {}),
    ("chirp", dict(n_fft=400, hop_length=160, n_mels=64), {}), ("chirp", dict(n_fft=1024, hop_length=200, n_mels=64), {}), ("vowel", dict(n_fft=256, hop_length=64, n_mels=40, fmax=4000.0), {}),
    ("glide", dict(n_fft=512, hop_length=256, n_mels=64), {}), ("glide", dict(n_fft=2048, hop_length=512, n_mels=128, window="blackman"), {}), ("tone", dict(n_fft=512, hop_length=256, n_mels=40), {}),
    ("tone", dict(n_fft=1024, hop_length=256, n_mels=40, window="blackman"), {}), ("clicks", dict(n_fft=512, hop_length=256, n_mels=128), {}), ("hiss", dict(n_fft=512, hop_length=256, n_mels=128), {}),
    ("whisper", dict(n_fft=512, hop_length=256, n_mels=80), {}), ("pauses", dict(n_fft=512, hop_length=256, n_mels=64), {}), ("silence", dict(n_fft=512, hop_length=256, n_mels=64), {}),
    ("dc", dict(n_fft=512, hop_length=256, n_mels=40), {}), ("short", dict(n_fft=512, hop_length=256, n_mels=40), {}), ("one", dict(n_fft=512, hop_length=256, n_mels=40), dict(ref="max")),
]

B = dict(n_fft=512, hop_length=256)
MFCC = [
    ("voice", dict(n_mfcc=13, **B)), ("voice", dict(n_mfcc=20, **B)), ("voice", dict(n_mfcc=40, **B)), ("voice", dict(n_mfcc=13, n_mels=20, **B)), ("voice", dict(n_mfcc=13, n_mels=40, **B)),
    ("voice", dict(n_mfcc=20, n_mels=64, **B)), ("voice", dict(n_mfcc=40, n_mels=80, **B)), ("voice", dict(n_mfcc=13, dct_type=1, **B)), ("voice", dict(n_mfcc=13, dct_type=3, **B)),
    ("voice", dict(n_mfcc=13, dct_type=1, norm=None, **B)), ("voice", dict(n_mfcc=13, dct_type=2, norm=None, **B)), ("voice", dict(n_mfcc=13, dct_type=3, norm=None, **B)),
    ("voice", dict(n_mfcc=13, lifter=22, **B)), ("voice", dict(n_mfcc=20, lifter=22, n_mels=40, htk=True, **B)), ("voice", dict(n_mfcc=20, lifter=22, dct_type=3, **B)), ("voice", dict(n_mfcc=40, lifter=40, n_mels=40, **B)),
    ("voice", dict(n_mfcc=13, n_fft=400, hop_length=160, n_mels=40, window="hamming")), ("voice", dict(n_mfcc=13, n_fft=256, hop_length=128, n_mels=20, fmin=80.0, fmax=4000.0)),
    ("voice", dict(n_mfcc=20, n_fft=1024, hop_length=256)), ("voice", dict(n_mfcc=20, n_fft=2048, hop_length=512)), ("voice", dict(n_mfcc=13, htk=True, mel_norm=None, **B)),
    ("voice", dict(n_mfcc=13, center=False, **B)), ("voice", dict(n_mfcc=13, pad_mode="reflect", **B)), ("glide", dict(n_mfcc=13, **B)), ("glide", dict(n_mfcc=20, n_fft=2048, hop_length=512)),
    ("tone", dict(n_mfcc=13, **B)), ("clicks", dict(n_mfcc=13, **B)), ("hiss", dict(n_mfcc=40, lifter=22, **B)), ("whisper", dict(n_mfcc=13, **B)), ("pauses", dict(n_mfcc=20, **B)),
    ("silence", dict(n_mfcc=13, **B)), ("dc", dict(n_mfcc=13, **B)), ("prime", dict(n_mfcc=20, n_mels=64, **B)), ("short", dict(n_mfcc=13, **B)), ("one", dict(n_mfcc=13, n_mels=40, **B)),
]

RMS = [
    ("voice", dict(frame_length=512, hop_length=256)), ("voice", dict(frame_length=400, hop_length=160)), ("voice", dict(frame_length=2048, hop_length=512)), ("voice", dict(frame_length=1024, hop_length=333, center=False)),
    ("voice", dict(frame_length=256, hop_length=64, pad_mode="reflect")), ("voice", dict(frame_length=512, hop_length=256, pad_mode="edge")), ("voice", dict(frame_length=512, hop_length=256, pad_mode="wrap")),
    ("voice", dict(frame_length=512, hop_length=256, pad_mode="symmetric")), ("glide", dict(frame_length=512, hop_length=100)), ("clicks", dict(frame_length=256, hop_length=128)), ("hiss", dict(frame_length=1024, hop_length=512)),
    ("dc", dict(frame_length=512, hop_length=256)), ("full", dict(frame_length=400, hop_length=160, center=False)), ("silence", dict(frame_length=512, hop_length=256)), ("whisper", dict(frame_length=512, hop_length=256)),
    ("prime", dict(frame_length=255, hop_length=77, center=False)), ("short", dict(frame_length=512, hop_length=256)), ("three", dict(frame_length=64, hop_length=1, pad_mode="wrap")),
    ("three", dict(frame_length=64, hop_length=16, pad_mode="reflect")), ("one", dict(frame_length=512, hop_length=256)),
]

ZCR = [
    ("voice", dict(frame_length=512, hop_length=256)), ("voice", dict(frame_length=400, hop_length=160)), ("voice", dict(frame_length=2048, hop_length=512)), ("voice", dict(frame_length=1024, hop_length=333, center=False)),
    ("voice", dict(frame_length=512, hop_length=256, threshold=0.01)), ("glide", dict(frame_length=256, hop_length=64)), ("clicks", dict(frame_length=256, hop_length=128)), ("hiss", dict(frame_length=1024, hop_length=512)),
    ("step", dict(frame_length=512, hop_length=100)), ("dc", dict(frame_length=512, hop_length=256)), ("full", dict(frame_length=400, hop_length=160, center=False)), ("silence", dict(frame_length=512, hop_length=256)),
    ("whisper", dict(frame_length=512, hop_length=256)), ("prime", dict(frame_length=254, hop_length=77)), ("short", dict(frame_length=512, hop_length=256)), ("one", dict(frame_length=64, hop_length=16)),
]

DELTA = [dict(width=w, order=o, mode=m) for w, o, m in [
    (3, 1, "interp"), (3, 2, "interp"), (5, 1, "interp"), (5, 2, "interp"), (7, 1, "interp"), (9, 1, "interp"), (9, 2, "interp"), (9, 3, "interp"), (11, 2, "interp"), (15, 1, "interp"), (21, 2, "interp"), (41, 1, "interp"),
    (3, 1, "nearest"), (5, 2, "nearest"), (9, 1, "nearest"), (9, 2, "nearest"), (3, 2, "mirror"), (9, 1, "mirror"), (9, 2, "mirror"), (5, 1, "constant"), (9, 1, "constant"), (9, 2, "constant"), (5, 1, "wrap"), (9, 2, "wrap")]]

# (which function, shape, options) of powers and amplitudes u·2^−e out of the generator: every size down to 2^−56, and zeros.
DECIBELS = [
    ("power", (40, 64), dict(ref=1.0)), ("power", (40, 64), dict(ref="max")), ("power", (40, 64), dict(ref=1.0, top_db=None)), ("power", (40, 64), dict(ref="max", top_db=None)), ("power", (40, 64), dict(ref=0.02, top_db=40.0)),
    ("power", (40, 64), dict(ref=1.0, amin=1e-5)), ("power", (40, 64), dict(ref=1e-6, amin=1e-16, top_db=None)), ("power", (40, 64), dict(ref=100.0, top_db=0.0)), ("power", (1, 1), dict(ref=1.0)), ("power", (7, 1), dict(ref="max", top_db=20.0)),
    ("amplitude", (40, 64), dict(ref=1.0)), ("amplitude", (40, 64), dict(ref="max")), ("amplitude", (40, 64), dict(ref=1.0, top_db=None)), ("amplitude", (40, 64), dict(ref=0.1, amin=1e-7, top_db=100.0)), ("amplitude", (40, 64), dict(ref="max", amin=1e-3, top_db=None)),
]


def levels(name, shape):
    """float32 values u·2^−e, u in [0, 1), e in 0 … 32; 0 where e comes out as 33."""
    count = int(np.prod(shape))
    e = integers(SEED, name + " exponent", (count,), 34)
    return np.where(e == 33, 0, unit(SEED, name, count) * 2.0 ** -e).astype(np.float32).reshape(shape)


def decibel_case(grid, kind, shape, options):
    convert = librosa.power_to_db if kind == "power" else librosa.amplitude_to_db
    ref = np.max if options["ref"] == "max" else options["ref"]
    values = levels(f"{kind}_to_db_{len(grid.cases):03d}", shape).T
    grid.run(f"{kind}_to_db", words(options), {"signal": "levels", "shapeIn": list(shape), **{camel(k): v for k, v in options.items()}},
             lambda p: convert(samples(values, p), **{**options, "ref": ref}))


def delta_case(grid, options):
    x = uniform(SEED, f"delta_{len(grid.cases):03d}", (43, 13), -40, 40).T
    grid.run("delta", words(options), {"signal": "uniform", **options}, lambda p: librosa.feature.delta(samples(x, p), **options))


def synthetic():
    grid = Grid("librosa/grid", " ".join(__doc__.split()))
    for table, case in ((STFT, stft_case), (MEL, mel_case), (MFCC, mfcc_case)):
        for signal, options in table:
            case(grid, {"signal": signal, "sr": SR}, SIGNALS[signal], options)
    for sr, n_mels in ((8000, 40), (22050, 128), (48000, 64)):
        mel_case(grid, {"signal": "voice", "sr": sr}, SIGNALS["voice"], dict(n_fft=1024, hop_length=256, n_mels=n_mels))
    for signal, options, change in LOG_MEL:
        db_case(grid, {"signal": signal, "sr": SR}, SIGNALS[signal], options, **change)
    for kind, shape, options in DECIBELS:
        decibel_case(grid, kind, shape, options)
    for options in DELTA:
        delta_case(grid, options)
    for width, order, mode in ((9, 1, "interp"), (9, 2, "interp"), (5, 1, "nearest"), (3, 2, "interp")):
        mfcc_delta_case(grid, {"signal": "voice", "sr": SR}, SIGNALS["voice"], dict(n_mfcc=13, **B), width=width, order=order, mode=mode)
    for op, table in (("rms", RMS), ("zcr", ZCR)):
        for signal, options in table:
            energy_case(grid, op, {"signal": signal}, SIGNALS[signal], options)
    for signal in ("voice", "glide", "pauses", "dc", "silence", "prime", "short", "one"):
        for change in ({}, dict(preemphasis=0.97)):
            if not (signal == "one" and change):  # librosa.effects.preemphasis needs two samples
                frames_case(grid, {"signal": signal, "sr": SR}, SIGNALS[signal], {**B, **change})
    grid.write()


REAL = [
    "RAVDESS/Actor_01/03-01-05-02-01-01-01.wav", "RAVDESS/Actor_14/03-01-04-01-02-01-14.wav", "RAVDESS/Actor_07/03-01-02-01-01-01-07.wav", "TESS/OAF_angry/*", "TESS/YAF_sad/*",
    "originals/RAVDESS/Actor_01/03-01-01-01-01-01-01.wav", "originals/RAVDESS/Actor_20/03-01-06-01-01-02-20.wav",
]


def real(corpora):
    grid = Grid("librosa/grid_real", "As grid.json, of real clips at their own rates, mixed to mono by the mean of the channels; looked up by path and SHA-256 in a local copy of the corpora")
    for path in REAL:
        if path.endswith("*"):
            path = path[:-1] + sorted(os.listdir(os.path.join(corpora, path[:-2])))[0]
        with open(os.path.join(corpora, path), "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        y, sr = soundfile.read(os.path.join(corpora, path), dtype="float64", always_2d=True)
        y = y.mean(axis=1).astype(np.float32)
        source = {"signal": f"{path.split('/')[-1]}, {sr} Hz", "path": path, "sha256": digest, "sr": sr, "samples": len(y)}
        n_fft = 512 if sr < 20000 else 1024
        framing = dict(n_fft=n_fft, hop_length=n_fft // 2)
        stft_case(grid, source, y, framing)
        mel_case(grid, source, y, dict(**framing, n_mels=128))
        db_case(grid, source, y, dict(**framing, n_mels=128))
        db_case(grid, source, y, dict(n_fft=2048, hop_length=512, n_mels=80, htk=True, pad_mode="reflect"), ref="max")
        mfcc_case(grid, source, y, dict(**framing, n_mfcc=13))
        mfcc_case(grid, source, y, dict(**framing, n_mfcc=20, n_mels=40, lifter=22))
        mfcc_delta_case(grid, source, y, dict(**framing, n_mfcc=13), width=9, order=1, mode="interp")
        for op in ("rms", "zcr"):
            energy_case(grid, op, source, y, dict(frame_length=n_fft, hop_length=n_fft // 2))
        frames_case(grid, source, y, framing)
        frames_case(grid, source, y, dict(**framing, preemphasis=0.97))
    grid.write()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpora", help="folder that holds RAVDESS/, TESS/ and originals/")
    arguments = parser.parse_args()
    signals()
    synthetic()
    if arguments.corpora:
        real(arguments.corpora)
