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


WRITERS = [istft]

if __name__ == "__main__":
    for write in WRITERS:
        if len(sys.argv) == 1 or write.__name__ in sys.argv[1:]:
            write()
