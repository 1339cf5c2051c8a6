"""Reference numbers of the further audio features from librosa, computed in float64: writes test/fixtures/librosa/more-*.npz and .json.

    python tools/reference/librosa_more.py [name …]      all of them, or those named (istft, griffin_lim, …)

Cases name their input in `attrs.signal`: an array of librosa/signals.npz. Arrays keep librosa's layout (bins, frames).
"""

import sys
import warnings

import librosa
import numpy as np
import scipy.fft

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


Y["dc"] = np.full(900, 0.25)
Y["tone"] = 0.7 * np.sin(2 * np.pi * 443.7 * np.arange(5000) / SR).astype(np.float32).astype(np.float64)
SPECTRA = [("vowel", 512, 256, {}), ("chirp", 400, 160, dict(win_length=300, window="hamming")), ("noise", 1024, 300, dict(center=False)), ("pauses", 512, 256, {}), ("short", 256, 50, dict(pad_mode="reflect")),
           ("one", 64, 16, {}), ("silence", 512, 256, {}), ("dc", 255, 100, {}), ("impulse", 512, 256, {})]


def attributes(signal, n_fft, hop, more):
    return {"signal": signal, "sr": SR, "nFft": n_fft, "hopLength": hop, "winLength": more.get("win_length", n_fft), "window": more.get("window", "hann"), "center": more.get("center", True),
            "padMode": more.get("pad_mode", "constant")}


def single_magnitudes(y, n_fft, hop, win_length=None, window="hann", center=True, pad_mode="constant"):
    """Magnitudes by SciPy's transform in float32 (librosa's own works in float64 and rounds afterwards): what float32 can do."""
    y = y.astype(np.float32)
    frames = librosa.util.frame(np.pad(y, n_fft // 2, mode=pad_mode) if center else y, frame_length=n_fft, hop_length=hop)
    w = librosa.util.pad_center(librosa.filters.get_window(window, win_length or n_fft), size=n_fft).astype(np.float32)
    spectrum = scipy.fft.rfft(frames * w[:, None], axis=0)
    assert spectrum.dtype == np.complex64
    return np.abs(spectrum).astype(np.float64)


def spectral():
    cases = Cases("librosa/more-spectral", "float32Gap: the largest difference that SciPy's transform in float32 makes, the rest being float64. librosa.feature.spectral_*: value (1, T), contrast (nBands + 1, T), at 16 kHz; signals of librosa/signals and dc, 900 times 0.25")
    feature = librosa.feature
    table = {"centroid": (feature.spectral_centroid, [{}]), "bandwidth": (feature.spectral_bandwidth, [{}, dict(p=1), dict(p=3.5), dict(norm=False)]),
             "rolloff": (feature.spectral_rolloff, [{}, dict(roll_percent=0.1), dict(roll_percent=0.99)]), "flatness": (feature.spectral_flatness, [{}, dict(power=1.0), dict(power=1.5, amin=1e-4)]),
             "contrast": (feature.spectral_contrast, [{}, dict(n_bands=4, fmin=300.0, quantile=0.3), dict(n_bands=5, quantile=0.1, linear=True)])}
    names = {"p": "p", "norm": "norm", "roll_percent": "rollPercent", "amin": "amin", "power": "power", "n_bands": "nBands", "fmin": "fmin", "quantile": "quantile", "linear": "linear"}
    for op, (function, settings) in table.items():
        for signal, n_fft, hop, more in SPECTRA:
            for change in settings:
                if op == "contrast" and n_fft < 200:
                    continue
                # Of the less usual settings, some signals only.
                if change is not settings[0] and signal not in ("vowel", "chirp", "pauses", "silence"):
                    continue
                given = {} if op == "flatness" else {"sr": SR}
                value = function(y=Y[signal], n_fft=n_fft, hop_length=hop, **more, **change, **given)
                name = "_".join([op, signal, str(n_fft)] + [f"{k}={v}" for k, v in change.items()])
                single = function(S=single_magnitudes(Y[signal], n_fft, hop, **more), n_fft=n_fft, **change, **given) if n_fft % 2 == 0 else function(
                    S=single_magnitudes(Y[signal], n_fft, hop, **more), **change, **({} if op == "flatness" else {"sr": SR, "freq": np.arange(1 + n_fft // 2) * SR / n_fft}))
                gap = float(np.abs(single - value).max())
                print(f"{name}: {gap:.1e}")
                cases.add(name, {"op": op, "float32Gap": gap, "options": {names[k]: v for k, v in change.items()}, **attributes(signal, n_fft, hop, more)}, value=value)
    cases.write()


def chroma():
    cases = Cases("librosa/more-chroma", "Cases filter_…: librosa.filters.chroma in float64: weights (nChroma, 1 + nFft/2). Cases stft_…: librosa.feature.chroma_stft at 16 kHz: value (nChroma, T). "
                  "norm null: none. Cases tuning_…: librosa.estimate_tuning of y (and `power`: of the power spectrogram) with its defaults for hops: attrs.tuning; signals also dc and tone, "
                  "5000 samples of 0.7 sin(2 pi 443.7 t / 16000) in float32")
    for sr, n_fft, more in [(16000, 512, {}), (22050, 2048, {}), (16000, 400, dict(tuning=0.3)), (16000, 512, dict(n_chroma=24, base_c=False)), (16000, 513, dict(ctroct=4.0, octwidth=1.0)),
                            (16000, 512, dict(octwidth=None, norm=1.0)), (16000, 512, dict(norm=None)), (16000, 512, dict(norm=np.inf)), (16000, 256, dict(n_chroma=13, tuning=-0.2)), (16000, 256, dict(n_chroma=7))]:
        options = {"n_chroma": 12, "tuning": 0.0, "ctroct": 5.0, "octwidth": 2, "norm": 2, "base_c": True, **more}
        name = "_".join(["filter", str(sr), str(n_fft)] + [f"{k}={v}" for k, v in more.items()])
        cases.add(name, {"sr": sr, "nFft": n_fft, "nChroma": options["n_chroma"], "tuning": options["tuning"], "ctroct": options["ctroct"], "octwidth": options["octwidth"], "norm": options["norm"],
                         "baseC": options["base_c"]}, weights=librosa.filters.chroma(sr=sr, n_fft=n_fft, dtype=np.float64, **options))
    for signal, n_fft, hop, more in SPECTRA:
        for norm, tuning, n_chroma in [(np.inf, 0.0, 12), (2, 0.17, 12), (1, 0.0, 24), (None, 0.0, 12)]:
            if norm is not np.inf and signal not in ("vowel", "pauses", "silence"):
                continue
            value = librosa.feature.chroma_stft(y=Y[signal], sr=SR, n_fft=n_fft, hop_length=hop, norm=norm, tuning=tuning, n_chroma=n_chroma, dtype=np.float64, **more)
            cases.add(f"stft_{signal}_{n_fft}_{norm}_{tuning:g}_{n_chroma}", {"norm": norm, "tuning": tuning, "nChroma": n_chroma, **attributes(signal, n_fft, hop, more)}, value=value)
    for signal, n_fft, more in [("vowel", 2048, {}), ("speech", 1024, {}), ("tone", 2048, {}), ("tone", 2048, dict(resolution=0.05, bins_per_octave=24)), ("chirp", 512, {}), ("silence", 512, {}), ("noise", 1024, {}), ("dc", 512, {})]:
        warnings.simplefilter("ignore")
        power = np.abs(librosa.stft(Y[signal], n_fft=n_fft)) ** 2
        options = {"resolution": 0.01, "bins_per_octave": 12, **more}
        cases.add("_".join(["tuning", signal, str(n_fft)] + [f"{k}={v}" for k, v in more.items()]),
                  {"signal": signal, "sr": SR, "nFft": n_fft, "resolution": options["resolution"], "binsPerOctave": options["bins_per_octave"],
                   "tuning": librosa.estimate_tuning(y=Y[signal], sr=SR, n_fft=n_fft, **options), "power": librosa.estimate_tuning(S=power, sr=SR, n_fft=n_fft, **options)})
    cases.write()


def yin():
    cases = Cases("librosa/more-yin", "librosa.yin at 16 kHz: f0 (T), in float64. Signals also dc and tone (see more-chroma), and sweep: 6000 samples whose frequency goes from 100 to 400 Hz, "
                  "0.5 (sin p + 0.5 sin 2p) + 0.2, p = 2 pi (100 t + 300 t^2 / (2 d)), d = 6000 / 16000, in float32")
    t = np.arange(6000) / SR
    p = 2 * np.pi * (100 * t + 300 * t * t / (2 * 6000 / SR))
    sweep = (0.5 * (np.sin(p) + 0.5 * np.sin(2 * p)) + 0.2).astype(np.float32)
    Y["sweep"] = sweep.astype(np.float64)
    cases.add("input", {}, sweep=sweep, tone=Y["tone"].astype(np.float32))
    for signal, fmin, fmax, length, hop, threshold, center, pad in [
            ("sweep", 60, 500, 1024, 256, 0.1, True, "constant"), ("sweep", 80, 1000, 600, 100, 0.05, False, "constant"), ("vowel", 65, 2093, 1024, None, 0.1, True, "constant"),
            ("vowel", 65, 400, 512, 128, 0.2, True, "reflect"), ("tone", 200, 8000, 512, 128, 0.1, True, "constant"), ("speech", 65, 800, 1024, 256, 0.1, True, "edge"),
            ("noise", 100, 1000, 512, 256, 0.1, True, "constant"), ("pauses", 100, 1000, 512, 256, 0.1, True, "constant"), ("silence", 65, 2093, 1024, None, 0.1, True, "constant"),
            ("dc", 100, 1000, 512, 128, 0.1, False, "constant"), ("short", 200, 2000, 255, 64, 0.1, True, "constant"), ("one", 200, 2000, 256, 64, 0.1, True, "constant"),
            ("sweep", 3000, 5300, 64, 512, 0.1, False, "constant")]:
        f0 = librosa.yin(Y[signal], fmin=fmin, fmax=fmax, sr=SR, frame_length=length, hop_length=hop, trough_threshold=threshold, center=center, pad_mode=pad)
        cases.add(f"{signal}_{fmin}_{fmax}_{length}_{hop or 'quarter'}_{threshold:g}_{'center' if center else 'left'}_{pad}",
                  {"signal": signal, "sr": SR, "fmin": fmin, "fmax": fmax, "frameLength": length, "hopLength": hop, "troughThreshold": threshold, "center": center, "padMode": pad}, f0=f0)
    cases.write()


def effects():
    cases = Cases("librosa/more-effects", "Cases split_…: librosa.effects.split: intervals (n, 2). Cases mu_…: of x, compressed = librosa.mu_compress(x, mu, quantize), expanded = librosa.mu_expand(compressed). "
                  "Cases deemphasis_…: librosa.effects.deemphasis(y, coef): out")
    for signal, top, length, hop, ref in [("pauses", 40, 512, 128, "max"), ("pauses", 60, 512, 128, "max"), ("pauses", 20, 2048, 512, "max"), ("vowel", 20, 256, 64, "max"), ("silence", 60, 512, 128, "max"),
                                          ("impulse", 60, 100, 30, "max"), ("noise", 60, 512, 128, "max"), ("one", 60, 512, 128, "max"), ("vowel", 3, 256, 64, 2.0), ("pauses", 30, 512, 128, 0.1)]:
        intervals = librosa.effects.split(Y[signal], top_db=top, frame_length=length, hop_length=hop, ref=np.max if ref == "max" else ref)
        cases.add(f"split_{signal}_{top}_{length}_{hop}_{ref}", {"signal": signal, "topDb": top, "frameLength": length, "hopLength": hop, "ref": ref}, intervals=intervals)
    x = np.concatenate([uniform(11, "mu", (300,)), np.array([0, 1, -1, 0.5, -0.5, 1e-3, -1e-3, 1e-6], dtype=np.float32)])
    for mu, quantize in [(255, True), (255, False), (15, True), (100.5, True), (2, False)]:
        compressed = librosa.mu_compress(x.astype(np.float64), mu=mu, quantize=quantize)
        cases.add(f"mu_{mu}_{quantize}", {"mu": mu, "quantize": quantize}, x=x, compressed=compressed, expanded=librosa.mu_expand(compressed, mu=mu, quantize=quantize))
    for signal, coef in [("vowel", 0.97), ("noise", 0.5), ("short", 1.0), ("chirp", 0.9999), ("noise", -0.7)]:
        cases.add(f"deemphasis_{signal}_{coef:g}", {"signal": signal, "coef": coef}, out=librosa.effects.deemphasis(Y[signal][:2500], coef=coef))
    cases.write()


def windows():
    cases = Cases("librosa/more-windows", "librosa.filters.get_window(window, n, fftbins=periodic): w (n); beta: of ('kaiser', beta)")
    for window in ("hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop", "bartlett", "cosine", "boxcar", ("kaiser", 0.0), ("kaiser", 5.0), ("kaiser", 14.0)):
        beta = None if isinstance(window, str) else window[1]
        name = window if isinstance(window, str) else window[0]
        for n, periodic in [(1, True), (2, True), (16, True), (17, True), (17, False), (2, False), (40, False)]:
            cases.add(f"{name}{'' if beta is None else f'_{beta:g}'}_{n}_{'periodic' if periodic else 'symmetric'}", {"window": name, "beta": beta, "n": n, "periodic": periodic},
                      w=librosa.filters.get_window(window, n, fftbins=periodic))
    cases.write()


WRITERS = [windows, istft, padding, griffin_lim, spectral, chroma, yin, effects]

if __name__ == "__main__":
    for write in WRITERS:
        if len(sys.argv) == 1 or write.__name__ in sys.argv[1:]:
            write()
