"""Reference numbers of time stretch, pitch shift and phase vocoder from librosa.effects, computed in float64.

    python tools/reference/librosa_effects.py        writes test/fixtures/librosa/effects.npz and effects.json

Inputs are arrays of signals.npz. Phases of bins that hold nothing but rounding errors are arbitrary, and a phase vocoder carries them on into
later frames; so signals with sound in every bin are stretched (the vowel holds noise, too), and the phase vocoder alone, which gets the
spectrogram itself, is asked for a sweep as well. `stretched` is rounded to float32.
"""

import librosa
import numpy as np

from common import Cases
from signals import SR, all_signals

Y = {name: y.astype(np.float64) for name, y in all_signals().items()}


def phase_vocoder(cases):
    for signal, n_fft, hop, rate in [("vowel", 256, 64, 0.8), ("chirp", 256, 64, 1.3), ("pauses", 128, 64, 1.7), ("noise", 128, 32, 2.0), ("short", 64, 16, 0.37), ("noise", 100, 25, 1.0)]:
        y = Y[signal][:1600]
        # The very numbers that the tests give to ours: float32.
        d = librosa.stft(y, n_fft=n_fft, hop_length=hop).astype(np.complex64).astype(np.complex128)
        out = librosa.phase_vocoder(d, rate=rate, hop_length=hop, n_fft=n_fft)
        cases.add(f"vocoder_{signal}_{rate:g}", {"kind": "vocoder", "rate": rate}, re=d.real.astype(np.float32), im=d.imag.astype(np.float32),
                  outRe=out.real.astype(np.float32), outIm=out.imag.astype(np.float32))


def time_stretch(cases):
    table = [("vowel", 512, 128, 0.8, "hann"), ("vowel", 512, 128, 1.25, "hann"), ("vowel", 512, 128, 1.0, "hann"), ("noise", 256, 64, 1.5, "hamming"), ("noise", 400, 100, 0.6, "hann"),
             ("speech", 2048, 512, 1.1, "hann"), ("noise", 512, 128, 2.5, "hann")]
    for signal, n_fft, hop, rate, window in table:
        out = librosa.effects.time_stretch(Y[signal], rate=rate, n_fft=n_fft, hop_length=hop, window=window)
        cases.add(f"stretch_{signal}_{n_fft}_{rate:g}", {"kind": "stretch", "signal": signal, "nFft": n_fft, "hopLength": hop, "window": window, "rate": rate},
                  stretched=out.astype(np.float32))


def pitch_shift(cases):
    for signal, steps, per_octave in [("vowel", 4, 12), ("vowel", -3, 12), ("speech", 1.5, 24)]:
        out = librosa.effects.pitch_shift(Y[signal], sr=SR, n_steps=steps, bins_per_octave=per_octave, n_fft=512, hop_length=128)
        cases.add(f"pitch_{signal}_{steps:g}_{per_octave}", {"kind": "pitch", "signal": signal, "nFft": 512, "hopLength": 128, "nSteps": steps, "binsPerOctave": per_octave},
                  shifted=out.astype(np.float32))


if __name__ == "__main__":
    cases = Cases("librosa/effects", "librosa.phase_vocoder of re + i·im (F, T); librosa.effects.time_stretch; librosa.effects.pitch_shift at 16 kHz")
    phase_vocoder(cases)
    time_stretch(cases)
    pitch_shift(cases)
    cases.write()
