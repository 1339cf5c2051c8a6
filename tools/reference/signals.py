"""The test signals of the audio fixtures, float32, deterministic. Imported by the librosa and SciPy scripts; stored by librosa_features.py."""

import numpy as np

from common import uniform

SEED = 42
SR = 16000


def chirp(n=4001, sr=SR, start=60.0, end=7600.0):
    """0.8 · sin of the phase 2π (f₀ t + (f₁ − f₀) t² / 2T): a linear sweep."""
    t = np.arange(n) / sr
    return (0.8 * np.sin(2 * np.pi * (start * t + (end - start) * t * t / (2 * n / sr)))).astype(np.float32)


def vowel(n=4800, sr=SR, f0=137.0, formants=((730, 90), (1090, 110), (2440, 170)), noise=0.003, gain=0.5):
    """A vowel-like sum: harmonics k of f0 below 0.45 sr, each of amplitude Σ over formants 1 / (1 + ((k f0 − F) / B)²) / k, phase 0.7 k²,
    times an attack-and-decay envelope sin(π t / T), plus uniform noise; scaled so that the peak is `gain`."""
    t = np.arange(n) / sr
    y = np.zeros(n)
    k = 1
    while k * f0 < 0.45 * sr:
        amplitude = sum(1 / (1 + ((k * f0 - f) / b) ** 2) for f, b in formants) / k
        y += amplitude * np.sin(2 * np.pi * k * f0 * t + 0.7 * k * k)
        k += 1
    y = y / np.abs(y).max() * np.sin(np.pi * (np.arange(n) + 0.5) / n)
    y = gain * (y + noise * uniform(SEED, "vowel", (n,)))
    return y.astype(np.float32)


def impulse(n=1201, at=600):
    y = np.zeros(n, dtype=np.float32)
    y[at] = 1
    return y


def noise(n=3333, gain=0.3):
    return uniform(SEED, "noise", (n,), -gain, gain)


def pauses(n=7000):
    """Noise bursts with exact digital silence between: where dB floors and top_db bite."""
    y = noise(n, 0.2)
    y[1500:3500] = 0
    y[5000:] *= np.float32(1e-4)
    return y


def all_signals():
    return {
        "chirp": chirp(), "vowel": vowel(), "impulse": impulse(), "silence": np.zeros(2000, dtype=np.float32), "noise": noise(),
        "short": noise(100), "one": np.array([0.5], dtype=np.float32), "pauses": pauses(), "speech": vowel(9973, f0=211.0, noise=0.01, gain=0.9),
    }
