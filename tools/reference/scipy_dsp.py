"""Reference numbers from SciPy: windows, FFT, DCT, polyphase resampling.

    python tools/reference/scipy_dsp.py          writes test/fixtures/scipy/*.npz and *.json
"""

import numpy as np
import scipy.fft
import scipy.signal

from common import Cases, uniform
from signals import chirp, noise, vowel

SEED = 7


def windows():
    cases = Cases("scipy/windows", "scipy.signal.get_window(name, n, fftbins=periodic): w (n)")
    for name in ("hann", "hamming", "blackman"):
        for n in (1, 2, 3, 5, 8, 31, 400, 512):
            for periodic in (True, False):
                cases.add(f"{name}_{n}_{'periodic' if periodic else 'symmetric'}", {"window": name, "n": n, "periodic": periodic},
                          w=scipy.signal.get_window(name, n, fftbins=periodic))
    cases.write()


def fft():
    cases = Cases("scipy/fft", "scipy.fft.fft of x (n) complex: x_re, x_im, y_re, y_im; op rfft: x real, y (n/2 + 1)")
    for n in [*range(1, 65), 97, 100, 101, 127, 128, 240, 256, 257, 331, 400, 509, 512]:
        re, im = uniform(SEED, f"re{n}", (n,)), uniform(SEED, f"im{n}", (n,))
        y = scipy.fft.fft(re.astype(np.float64) + 1j * im.astype(np.float64))
        cases.add(f"fft{n}", {"op": "fft", "n": n}, x_re=re, x_im=im, y_re=y.real, y_im=y.imag)
    for n in [1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 60, 64, 97, 256, 400, 512, 1000, 1009, 1024]:
        x = uniform(SEED, f"real{n}", (n,))
        y = scipy.fft.rfft(x.astype(np.float64))
        cases.add(f"rfft{n}", {"op": "rfft", "n": n}, x=x, y_re=y.real, y_im=y.imag)
    cases.write()


def dct():
    cases = Cases("scipy/dct", "scipy.fft.dct(x, type, norm): x (n), y (n); norm 'ortho' or null")
    for n in (1, 2, 5, 13, 40, 128):
        x = uniform(SEED, f"dct{n}", (n,))
        for kind in (2, 3):
            for norm in ("ortho", None):
                cases.add(f"dct{kind}_{n}_{norm or 'none'}", {"type": kind, "n": n, "norm": norm}, x=x, y=scipy.fft.dct(x.astype(np.float64), type=kind, norm=norm))
    cases.write()


def resample():
    cases = Cases("scipy/resample_poly", "scipy.signal.resample_poly(x, up, down), window ('kaiser', 5.0), rates already divided by their greatest common divisor. `taps`: the filter "
                  "firwin(20·max(up, down) + 1, 1 / max(up, down), kaiser 5) before its gain `up`, every `tapStep`-th of `tapCount`")
    table = [("44100_16000", chirp(2205, 44100, 100, 20000), 44100, 16000), ("24414_16000", vowel(2442, 24414), 24414, 16000), ("48000_16000", vowel(3001, 48000), 48000, 16000),
             ("16000_8000", noise(999), 16000, 8000), ("8000_16000", noise(500), 8000, 16000), ("16000_44100", noise(321), 16000, 44100), ("96000_16000", noise(1501), 96000, 16000),
             ("48000_16000_short", noise(5), 48000, 16000), ("44100_16000_one", noise(1), 44100, 16000)]
    for name, x, source, target in table:
        g = int(np.gcd(source, target))
        up, down = target // g, source // g
        most = max(up, down)
        taps = scipy.signal.firwin(20 * most + 1, 1 / most, window=("kaiser", 5.0))
        step = 1 if len(taps) < 1000 else (11 if len(taps) < 20000 else 499)
        y = scipy.signal.resample_poly(x.astype(np.float64), up, down)
        cases.add(name, {"from": source, "to": target, "up": up, "down": down, "tapStep": step, "tapCount": len(taps)}, x=x, y=y, taps=taps[::step])
    cases.write()


if __name__ == "__main__":
    for write in (windows, fft, dct, resample):
        write()
