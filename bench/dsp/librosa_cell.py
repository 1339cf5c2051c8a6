"""librosa on the CPU: python3 librosa_cell.py <processes> <runs>, paths on standard input. The last line is JSON, as worker.mjs prints it.

The same features as Formant's: 13 MFCC of 128 mel bands in dB, the bands, zero-crossing rate and RMS, frames of 512 every 256. Files are read by
soundfile, which is faster than librosa.load; one process a core, each with one thread, share the clips.
"""

import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import multiprocessing
import resource

import librosa
import numpy as np
import soundfile

SR, N_FFT, HOP, MELS, MFCC = 16000, 512, 256, 128, 13


def features(path):
    began = time.perf_counter()
    y, sr = soundfile.read(path, dtype="float32", always_2d=True)
    y = y.mean(axis=1)
    if sr != SR:
        y = librosa.resample(y, orig_sr=sr, target_sr=SR)
    decoded = time.perf_counter()
    mel = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=SR, n_fft=N_FFT, hop_length=HOP, n_mels=MELS))
    parts = [
        librosa.feature.mfcc(S=mel, n_mfcc=MFCC),
        mel,
        librosa.feature.zero_crossing_rate(y, frame_length=N_FFT, hop_length=HOP),
        librosa.feature.rms(y=y, frame_length=N_FFT, hop_length=HOP),
    ]
    result = np.ascontiguousarray(np.concatenate(parts).T, dtype=np.float32)
    return result, decoded - began, time.perf_counter() - decoded


def timed(path):
    """In a worker: only the shape goes back, so that nothing is spent on sending arrays."""
    result, decode, compute = features(path)
    return result.shape[0], decode, compute


def main():
    processes, runs = int(sys.argv[1]), int(sys.argv[2])
    files = sys.stdin.read().split("\n")
    files = [file for file in files if file]
    with multiprocessing.Pool(processes) as pool:
        pool.map(timed, files[: 4 * processes], chunksize=1)  # imports and caches
        walls, last = [], []
        for _ in range(runs):
            began = time.perf_counter()
            last = pool.map(timed, files, chunksize=8)
            walls.append(1000 * (time.perf_counter() - began))
    first = np.concatenate([features(file)[0] for file in files[:4]])
    parts = {"mfcc": first[:, :13], "mel": first[:, 13:141], "zcr": first[:, 141], "rms": first[:, 142]}
    result = {
        "about": f"librosa {librosa.__version__}, {processes} process{'' if processes == 1 else 'es'} of one thread",
        "clips": len(files),
        "frames": sum(one[0] for one in last),
        "walls": walls,
        "times": {
            "read": 0,
            "decode": 1000 * sum(one[1] for one in last) / processes,
            "device": 1000 * sum(one[2] for one in last) / processes,
        },
        "check": {name: float(np.abs(values).mean(dtype=np.float64)) for name, values in parts.items()},
        "peakBytes": 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
    }
    print("\n" + json.dumps(result))


if __name__ == "__main__":
    main()
