"""Reference numbers of the further audio features from librosa, computed in float64: writes test/fixtures/librosa/more-*.npz and .json.

    python tools/reference/librosa_more.py [name …]      all of them, or those named (istft, griffin_lim, …)

Cases name their input in `attrs.signal`: an array of librosa/signals.npz. Arrays keep librosa's layout (bins, frames).
"""

import sys
import warnings

import librosa
import numpy as np

from common import Cases, uniform
from signals import SR, all_signals

warnings.filterwarnings("ignore", message="n_fft=.*is too large")
SIGNALS = all_signals()
Y = {name: y.astype(np.float64) for name, y in SIGNALS.items()}


def istft():
    cases = Cases("librosa/more-istft", "librosa.istft of spectra (1 + nFft/2, T): y (L). Spectra are uniform in [-1, 1) from the counter-based generator (seed 7, streams `<case>.re` and "
                  "`<case>.im`, in the order (T, 1 + nFft/2)); no signal has such a transform. length null: not given")
    table = [(512, 256, 512, "hann", True, None, 9), (512, 128, 400, "hamming", True, None, 8), (256, 64, 256, "blackman", True, 1000, 17), (256, 64, 256, "hann", True, 500, 17),
             (256, 64, 256, "hann", True, 1500, 17), (255, 60, 255, "hann", True, 600, 11), (255, 60, 200, "hann", True, None, 11), (512, 128, 512, "hann", True, 100, 1),
             (256, 64, 256, "hann", True, 1, 1), (256, 64, 256, "hamming", False, None, 5), (256, 64, 256, "hamming", False, 400, 9), (256, 200, 256, "boxcar", False, 1000, 6),
             (256, 300, 256, "hann", True, 1201, 5), (400, 160, 400, "hamming", True, None, 7)]
    for n_fft, hop, win, window, center, length, frames in table:
        name = f"{n_fft}_{hop}_{win}_{window}_{'center' if center else 'left'}_{length or 'all'}_{frames}"
        shape = (frames, 1 + n_fft // 2)
        s = (uniform(7, name + ".re", shape).astype(np.float64) + 1j * uniform(7, name + ".im", shape)).T
        y = librosa.istft(s, n_fft=n_fft, hop_length=hop, win_length=win, window=window, center=center, length=length)
        cases.add(name, {"nFft": n_fft, "hopLength": hop, "winLength": win, "window": window, "center": center, "length": length, "frames": frames}, y=y)
    cases.write()


def padding():
    cases = Cases("librosa/more-padding", "numpy.pad(x, (amount, amount), mode) of x = 1 … n: y. Cases stft_…: librosa.stft of a signal padded so by n_fft // 2 (center=False), "
                  "which librosa.stft gives itself with center=True where it takes the mode: re, im (1 + nFft/2, T)")
    for mode in ("constant", "edge", "reflect", "symmetric", "wrap"):
        for n, amount in [(5, 2), (5, 4), (5, 5), (4, 11), (1, 3), (2, 7), (3, 30)]:
            cases.add(f"{mode}_{n}_{amount}", {"mode": mode, "n": n, "amount": amount}, y=np.pad(np.arange(1.0, n + 1), amount, mode=mode))
        for signal, n_fft, hop in [("chirp", 256, 500), ("short", 256, 40), ("one", 64, 16)]:
            s = librosa.stft(np.pad(Y[signal], n_fft // 2, mode=mode), n_fft=n_fft, hop_length=hop, center=False)
            if mode != "wrap" and signal != "one":
                assert np.allclose(s, librosa.stft(Y[signal], n_fft=n_fft, hop_length=hop, pad_mode=mode), atol=1e-12)
            cases.add(f"stft_{mode}_{signal}", {"mode": mode, "signal": signal, "nFft": n_fft, "hopLength": hop}, re=s.real, im=s.imag)
    cases.write()


def griffin_lim():
    cases = Cases("librosa/more-griffin-lim", "librosa.griffinlim of |librosa.stft(signal)|, init None: y (L), in float64. length null: not given")
    table = [("vowel", 256, 64, 256, "hann", True, None, 1, 0.99, "constant"), ("vowel", 256, 64, 256, "hann", True, None, 4, 0.99, "constant"), ("chirp", 256, 100, 200, "hamming", True, 4001, 3, 0.5, "reflect"),
             ("vowel", 128, 32, 128, "hamming", False, None, 3, 0.99, "constant"), ("noise", 255, 60, 255, "hann", True, 3333, 2, 0.0, "constant"), ("pauses", 256, 64, 256, "hann", True, None, 2, 0.99, "constant"),
             ("silence", 256, 64, 256, "hann", True, None, 2, 0.99, "constant"), ("short", 64, 16, 64, "hann", True, 100, 0, 0.99, "constant"), ("one", 64, 16, 64, "hann", True, 1, 2, 0.99, "constant")]
    for signal, n_fft, hop, win, window, center, length, n_iter, momentum, pad in table:
        y = Y[signal][:1500] if length is None else Y[signal]
        magnitude = np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop, win_length=win, window=window, center=center)).astype(np.float32).astype(np.float64)
        out = librosa.griffinlim(magnitude, n_iter=n_iter, n_fft=n_fft, hop_length=hop, win_length=win, window=window, center=center, length=length, momentum=momentum, pad_mode=pad, init=None)
        name = f"{signal}_{n_fft}_{hop}_{win}_{window}_{'center' if center else 'left'}_{length or 'all'}_{n_iter}_{momentum:g}_{pad}"
        cases.add(name, {"signal": signal, "nFft": n_fft, "hopLength": hop, "winLength": win, "window": window, "center": center, "length": length, "nIter": n_iter, "momentum": momentum, "padMode": pad},
                  magnitude=magnitude.astype(np.float32), y=out)
    cases.write()


WRITERS = [istft, padding, griffin_lim]

if __name__ == "__main__":
    for write in WRITERS:
        if len(sys.argv) == 1 or write.__name__ in sys.argv[1:]:
            write()
