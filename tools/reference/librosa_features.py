"""Reference numbers of the audio front end from librosa, computed in float64.

    python tools/reference/librosa_features.py                      writes test/fixtures/librosa/*.npz and *.json
    python tools/reference/librosa_features.py --corpora <folder>   also real.npz: numbers of three clips of RAVDESS and TESS under <folder>
                                                                    (only hashes and features are kept, no audio)

Cases name their input in `attrs.signal`: an array of signals.npz (float32). librosa rounds to float32 in places unless told otherwise:
here the mel basis and RMS are asked for in float64, and the signals are passed as float64. Arrays keep librosa's layout (bins, frames),
except `frames` (T, 143) and `paper` (350).
"""

import argparse
import hashlib
import os
import warnings

import librosa
import numpy as np
import scipy.signal
import soundfile

from common import Cases
from signals import SR, all_signals

warnings.filterwarnings("ignore", message="n_fft=.*is too large")
SIGNALS = all_signals()
Y = {name: y.astype(np.float64) for name, y in SIGNALS.items()}
MFCC, MELS, N_FFT, HOP = 13, 128, 512, 256


def signals():
    cases = Cases("librosa/signals", "The input signals, float32 (tools/reference/signals.py has the formulae); sample rate 16 kHz")
    for name, y in SIGNALS.items():
        cases.add(name, {"sr": SR}, y=y)
    cases.write()


def frame():
    cases = Cases("librosa/frame", "librosa.util.frame(y, frame_length, hop_length): frames (frame_length, T)")
    for signal, length, hop in [("noise", 512, 256), ("noise", 400, 160), ("short", 100, 1), ("short", 7, 3), ("impulse", 256, 300)]:
        cases.add(f"{signal}_{length}_{hop}", {"signal": signal, "frameLength": length, "hopLength": hop},
                  frames=librosa.util.frame(SIGNALS[signal], frame_length=length, hop_length=hop))
    cases.write()


def stft():
    cases = Cases("librosa/stft", "librosa.stft: re, im (1 + nFft/2, T), and magnitude")
    table = [("vowel", 512, 256, 512, "hann", True, "constant"), ("chirp", 512, 256, 512, "hann", True, "reflect"), ("noise", 512, 160, 400, "hamming", True, "constant"),
             ("chirp", 256, 64, 256, "blackman", False, "constant"), ("vowel", 400, 160, 400, "hann", True, "constant"), ("noise", 400, 100, 400, "hamming", False, "constant"),
             ("chirp", 1024, 512, 1024, "hann", True, "reflect"), ("vowel", 1024, 256, 1000, "blackman", True, "constant"), ("impulse", 512, 256, 512, "hann", True, "constant"),
             ("silence", 256, 128, 256, "hann", True, "reflect"), ("short", 512, 256, 512, "hann", True, "constant"), ("short", 512, 256, 512, "hann", True, "reflect"),
             ("one", 256, 64, 256, "hann", True, "constant"), ("noise", 512, 333, 257, "hann", True, "constant"), ("short", 100, 33, 100, "hann", False, "constant")]
    for signal, n_fft, hop, win, window, center, pad in table:
        s = librosa.stft(Y[signal], n_fft=n_fft, hop_length=hop, win_length=win, window=window, center=center, pad_mode=pad)
        assert s.dtype == np.complex128
        name = f"{signal}_{n_fft}_{hop}_{win}_{window}_{'center' if center else 'left'}_{pad}"
        cases.add(name, {"signal": signal, "nFft": n_fft, "hopLength": hop, "winLength": win, "window": window, "center": center, "padMode": pad},
                  re=s.real, im=s.imag, magnitude=np.abs(s))
    cases.write()


def mel_filters():
    cases = Cases("librosa/mel_filters", "librosa.filters.mel in float64: weights (nMels, 1 + nFft/2); norm 'slaney' or null")
    table = [(16000, 512, 128, 0.0, None, False, "slaney"), (16000, 512, 128, 0.0, None, True, "slaney"), (16000, 512, 40, 0.0, None, False, None),
             (16000, 512, 40, 20.0, 7600.0, True, None), (16000, 400, 64, 50.0, 4000.0, False, "slaney"), (24414, 1024, 64, 0.0, None, False, "slaney"),
             (8000, 256, 20, 100.0, 3999.5, True, "slaney"), (22050, 2048, 13, 0.0, 11025.0, False, "slaney")]
    for sr, n_fft, n_mels, fmin, fmax, htk, norm in table:
        weights = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm, dtype=np.float64)
        frequencies = librosa.mel_frequencies(n_mels=n_mels + 2, fmin=fmin, fmax=fmax if fmax else sr / 2, htk=htk)
        cases.add(f"{sr}_{n_fft}_{n_mels}_{'htk' if htk else 'slaney'}_{norm or 'none'}_{fmin:g}_{fmax or 0:g}",
                  {"sr": sr, "nFft": n_fft, "nMels": n_mels, "fmin": fmin, "fmax": fmax, "htk": htk, "norm": norm}, weights=weights, frequencies=frequencies)
    cases.write()


def melspectrogram():
    cases = Cases("librosa/melspectrogram", "librosa.feature.melspectrogram (power 2 unless said): mel (nMels, T); db = power_to_db(mel, ref=1, top_db=80)")
    base = dict(n_fft=512, hop_length=256, n_mels=128, fmin=0.0, fmax=None, htk=False, norm="slaney", power=2.0, center=True, pad_mode="constant")
    table = [("vowel", {}), ("chirp", {}), ("noise", {}), ("pauses", {}), ("impulse", {}), ("silence", {}), ("short", {}), ("vowel", dict(htk=True)),
             ("vowel", dict(norm=None)), ("vowel", dict(htk=True, norm=None, n_mels=40)), ("chirp", dict(n_mels=40, fmin=80.0, fmax=7000.0)), ("chirp", dict(n_mels=64, n_fft=400, hop_length=160)),
             ("chirp", dict(n_mels=64, n_fft=1024, hop_length=200)), ("noise", dict(power=1.0, n_mels=40)), ("noise", dict(center=False, n_mels=64)),
             ("noise", dict(pad_mode="reflect", n_mels=40)), ("vowel", dict(n_fft=256, hop_length=64, n_mels=40, fmax=4000.0))]
    for signal, change in table:
        options = {**base, **change}
        mel = librosa.feature.melspectrogram(y=Y[signal], sr=SR, dtype=np.float64, **options)
        name = "_".join([signal] + [f"{k}={v}" for k, v in change.items()]).replace(".", "p")
        attrs = {"signal": signal, "sr": SR, "nFft": options["n_fft"], "hopLength": options["hop_length"], "nMels": options["n_mels"], "fmin": options["fmin"], "fmax": options["fmax"],
                 "htk": options["htk"], "norm": options["norm"], "power": options["power"], "center": options["center"], "padMode": options["pad_mode"]}
        cases.add(name, attrs, mel=mel, db=librosa.power_to_db(mel, ref=1.0, top_db=80))
    cases.write()


def decibels():
    cases = Cases("librosa/power_to_db", "librosa.power_to_db of `power`; ref a number or 'max'; topDb null for none")
    power = librosa.feature.melspectrogram(y=Y["pauses"], sr=SR, n_fft=512, hop_length=512, n_mels=20, dtype=np.float64)
    for name, ref, amin, top in [("default", 1.0, 1e-10, 80.0), ("max", "max", 1e-10, 80.0), ("no_top", 1.0, 1e-10, None), ("top40", 1.0, 1e-10, 40.0), ("ref_amin", 0.02, 1e-5, 80.0),
                                 ("max_no_top", "max", 1e-10, None)]:
        cases.add(name, {"ref": ref, "amin": amin, "topDb": top}, power=power, db=librosa.power_to_db(power, ref=np.max if ref == "max" else ref, amin=amin, top_db=top))
    magnitude = np.sqrt(power)
    for name, ref, top in [("amplitude", 1.0, 80.0), ("amplitude_max", "max", None)]:
        cases.add(name, {"amplitude": True, "ref": ref, "amin": 1e-5, "topDb": top}, power=magnitude, db=librosa.amplitude_to_db(magnitude, ref=np.max if ref == "max" else ref, top_db=top))
    cases.write()


def mfcc():
    cases = Cases("librosa/mfcc", "librosa.feature.mfcc, n_fft 512, hop 256 unless said: mfcc (nMfcc, T)")
    base = dict(n_mfcc=13, dct_type=2, norm="ortho", lifter=0, n_mels=128, n_fft=512, hop_length=256, htk=False)
    table = [("vowel", {}), ("chirp", {}), ("pauses", {}), ("silence", {}), ("short", {}), ("noise", dict(n_mfcc=20)), ("vowel", dict(n_mfcc=20, n_mels=40)), ("vowel", dict(dct_type=3)),
             ("vowel", dict(norm=None)), ("vowel", dict(dct_type=3, norm=None)), ("vowel", dict(lifter=22)), ("vowel", dict(lifter=13, n_mfcc=20)), ("vowel", dict(htk=True, n_mels=40)),
             ("noise", dict(n_fft=400, hop_length=160, n_mels=64)), ("noise", dict(n_mfcc=64, n_mels=64))]
    for signal, change in table:
        options = {**base, **change}
        value = librosa.feature.mfcc(y=Y[signal], sr=SR, dtype=np.float64, **options)
        attrs = {"signal": signal, "sr": SR, "nMfcc": options["n_mfcc"], "dctType": options["dct_type"], "norm": options["norm"], "lifter": options["lifter"], "nMels": options["n_mels"],
                 "nFft": options["n_fft"], "hopLength": options["hop_length"], "htk": options["htk"]}
        cases.add("_".join([signal] + [f"{k}={v}" for k, v in change.items()]), attrs, mfcc=value)
    cases.write()


def delta():
    cases = Cases("librosa/delta", "librosa.feature.delta(x, width, order, mode) along the last axis (Savitzky–Golay, polyorder = order)")
    x = librosa.feature.mfcc(y=Y["vowel"], sr=SR, n_fft=512, hop_length=256, n_mfcc=5, dtype=np.float64)[:, :17]
    for width, order, mode in [(9, 1, "interp"), (9, 2, "interp"), (3, 1, "interp"), (3, 2, "interp"), (5, 1, "interp"), (5, 2, "interp"), (17, 1, "interp"), (9, 1, "nearest"),
                               (9, 2, "nearest"), (5, 1, "mirror"), (5, 1, "constant")]:
        cases.add(f"{width}_{order}_{mode}", {"width": width, "order": order, "mode": mode}, x=x, delta=librosa.feature.delta(x, width=width, order=order, mode=mode))
    cases.add("exact_length", {"width": 9, "order": 1, "mode": "interp"}, x=x[:, :9], delta=librosa.feature.delta(x[:, :9]))
    cases.write()


def energy():
    cases = Cases("librosa/energy", "librosa.feature.rms (zeros around when centred) and zero_crossing_rate (edge values around when centred): value (1, T)")
    for signal, length, hop, center in [("vowel", 512, 256, True), ("chirp", 512, 256, False), ("pauses", 512, 256, True), ("noise", 400, 160, True), ("silence", 512, 256, True),
                                        ("impulse", 512, 256, True), ("short", 512, 256, True), ("one", 64, 16, True), ("noise", 1024, 300, False), ("speech", 2048, 512, True)]:
        name = f"{signal}_{length}_{hop}_{'center' if center else 'left'}"
        attrs = {"signal": signal, "frameLength": length, "hopLength": hop, "center": center}
        value = librosa.feature.rms(y=Y[signal], frame_length=length, hop_length=hop, center=center, pad_mode="constant", dtype=np.float64)
        cases.add("rms_" + name, {"op": "rms", "padMode": "constant", **attrs}, value=value)
        cases.add("zcr_" + name, {"op": "zcr", "padMode": "edge", **attrs}, value=librosa.feature.zero_crossing_rate(Y[signal], frame_length=length, hop_length=hop, center=center))
    value = librosa.feature.rms(y=Y["noise"], frame_length=512, hop_length=256, center=True, pad_mode="reflect", dtype=np.float64)
    cases.add("rms_noise_reflect", {"op": "rms", "padMode": "reflect", "signal": "noise", "frameLength": 512, "hopLength": 256, "center": True}, value=value)
    # Samples at and near zero: librosa counts a sign as negative only below −1e-10.
    tricky = np.array([0, 0, 1, 0, -1, 0, 0, -1, 1, -1e-11, 1, -1e-9, 1, 1e-11, -1, -0.0, 5, -5, 0, 3] * 4, dtype=np.float64)
    cases.add("zcr_zeros", {"op": "zcr", "padMode": "edge", "frameLength": 16, "hopLength": 5, "center": True}, y=tricky,
              value=librosa.feature.zero_crossing_rate(tricky, frame_length=16, hop_length=5))
    cases.write()


def preemphasis():
    cases = Cases("librosa/preemphasis", "librosa.effects.preemphasis: y[n] − coef·y[n−1]; before the start stands 2·y[0] − y[1] (zi = null) or, with zi = 0, silence")
    for signal in ("vowel", "impulse", "short"):
        for coef in (0.97, 0.5):
            cases.add(f"{signal}_{coef:g}".replace(".", "p"), {"signal": signal, "coef": coef, "zi": None}, y=librosa.effects.preemphasis(Y[signal], coef=coef))
        cases.add(f"{signal}_zero", {"signal": signal, "coef": 0.97, "zi": 0}, y=librosa.effects.preemphasis(Y[signal], coef=0.97, zi=[0.0]))
    cases.write()


def parts(y, dtype=np.float64):
    """13 MFCC, 128 log-mel, ZCR, RMS, each (rows, T)."""
    mel = librosa.feature.melspectrogram(y=y, sr=SR, n_fft=N_FFT, hop_length=HOP, n_mels=MELS, power=2.0, center=True, pad_mode="constant", dtype=dtype)
    log_mel = librosa.power_to_db(mel, ref=1.0, top_db=80)
    coefficients = librosa.feature.mfcc(S=log_mel, n_mfcc=MFCC)
    zcr = librosa.feature.zero_crossing_rate(y, frame_length=N_FFT, hop_length=HOP)
    rms = librosa.feature.rms(y=y, frame_length=N_FFT, hop_length=HOP, pad_mode="constant", dtype=dtype)
    return coefficients, log_mel, zcr, rms


def frames_of(y, dtype=np.float64):
    return np.concatenate(parts(y, dtype), axis=0).T


def paper_of(y):
    """350 numbers: means of 13 MFCC, 13 Δ, 13 ΔΔ, 128 log-mel, ZCR, RMS; their standard deviations (population) in the same order; then minimum, maximum,
    median, first quartile, third quartile (linear interpolation), range of ZCR; the same of RMS."""
    coefficients, log_mel, zcr, rms = parts(y)
    rows = np.concatenate([coefficients, librosa.feature.delta(coefficients), librosa.feature.delta(coefficients, order=2), log_mel, zcr, rms])
    extra = [f(v[0]) for v in (zcr, rms) for f in (np.min, np.max, np.median, lambda a: np.percentile(a, 25), lambda a: np.percentile(a, 75), np.ptp)]
    return np.concatenate([rows.mean(1), rows.std(1), extra])


def features():
    cases = Cases("librosa/features", "The application's two feature sets: sr 16000, n_fft 512, hop 256, 13 MFCC, 128 mels, power 2, power_to_db(ref=1, top_db=80), "
                  "zcr, rms over 512. `frames` (T, 143) = 13 MFCC, 128 log-mel, ZCR, RMS a frame, no pre-emphasis. `paper` (350): " + " ".join(paper_of.__doc__.split())
                  + " `paper_preemphasis` the same after librosa.effects.preemphasis(coef=0.97)")
    for signal in ("speech", "chirp", "pauses"):
        y = Y[signal]
        frames = frames_of(y)
        single = frames_of(SIGNALS[signal], np.float32)
        own = float(np.linalg.norm(single - frames) / np.linalg.norm(frames))
        cases.add(signal, {"signal": signal, "librosaFloat32Gap": own}, frames=frames, paper=paper_of(y), paper_preemphasis=paper_of(librosa.effects.preemphasis(y, coef=0.97)))
        print(f"features of {signal}: librosa's own float32 is {own:.1e} from its float64")
    cases.write()


def real(corpora):
    """First 40 frames of mel power and MFCC of three clips: what hashes identify, nobody needs to ship."""
    cases = Cases("librosa/real", "Real clips, looked up by name and sha256 in a local copy of the corpora: mel power (128, 40) and MFCC (13, 40) of the first 40 frames "
                  "(the MFCC's top_db is relative to the whole clip), at 16 kHz; a clip at another rate goes through scipy.signal.resample_poly first. samples: after resampling")
    wanted = ["RAVDESS/Actor_01/03-01-05-02-01-01-01.wav", "RAVDESS/Actor_02/03-01-04-01-02-01-02.wav"]
    folder = next(f for f in sorted(os.listdir(os.path.join(corpora, "TESS"))) if f.lower() == "oaf_angry")
    wanted.append(f"TESS/{folder}/" + sorted(os.listdir(os.path.join(corpora, "TESS", folder)))[0])
    for k, path in enumerate(wanted):
        with open(os.path.join(corpora, path), "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        y, sr = soundfile.read(os.path.join(corpora, path), dtype="float64")
        if sr != SR:
            g = int(np.gcd(SR, sr))
            y = scipy.signal.resample_poly(y, SR // g, sr // g)
        coefficients, _, _, _ = parts(y)
        mel = librosa.feature.melspectrogram(y=y, sr=SR, n_fft=N_FFT, hop_length=HOP, n_mels=MELS, dtype=np.float64)
        cases.add(f"clip{k}", {"path": path, "sha256": digest, "sr": sr, "samples": len(y)}, mel=mel[:, :40], mfcc=coefficients[:, :40])
    cases.write()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpora", help="folder that holds RAVDESS/ and TESS/")
    arguments = parser.parse_args()
    for write in (signals, frame, stft, mel_filters, melspectrogram, decibels, mfcc, delta, energy, preemphasis, features):
        write()
    if arguments.corpora:
        real(arguments.corpora)
