"""Writes test/fixtures/io: small files made by the formats' own libraries, and what those libraries read from them.

    python3 tools/reference/io_formats.py        (numpy, safetensors, soundfile)

expected.json: `arrays` gives, for each .npy/.npz/.safetensors entry, dtype, shape and values in row-major order as numpy sees
them; `audio` gives, for each sound file, what soundfile reads, mixed to mono by the mean over channels (librosa.to_mono).
"""

import os

import numpy as np
import soundfile
from safetensors.numpy import save_file

import common

FOLDER = os.path.join(common.FIXTURES, "io")
SEED = 11


def path(name):
    os.makedirs(FOLDER, exist_ok=True)
    return os.path.join(FOLDER, name)


def described(array):
    wide = array.astype(np.float32) if array.dtype == np.float16 else array
    # 64-bit integers as text: JSON readers round them.
    values = [str(v) if wide.dtype.kind in "iu" and wide.dtype.itemsize == 8 else v.item() for v in wide.ravel(order="C")]
    return {"dtype": wide.dtype.newbyteorder("=").name, "shape": list(array.shape), "values": values}


def sample_arrays():
    real = common.uniform(SEED, "real", (3, 5), -2, 2)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45, 3.4e38], dtype=np.float32)
    half = np.array([0, -0.0, 1, -2.5, 65504, 6e-8, 6.1e-5, 1 / 3, np.inf, -np.inf, np.nan], dtype=np.float16)
    return {
        "f4": real,
        "f4_special": special,
        "f8": real.astype(np.float64) / 3,
        "f2": half,
        "i4": np.array([[-(2**31), 2**31 - 1, 0], [7, -1, 5]], dtype=np.int32),
        "i8": np.array([-(2**63), 2**63 - 1, 42], dtype=np.int64),
        "u8": np.array([2**64 - 1, 0], dtype=np.uint64),
        "u1": np.arange(250, 256, dtype=np.uint8).reshape(2, 1, 3),
        "i1": np.array([-128, 127], dtype=np.int8),
        "i2": np.array([-32768, 32767, 1], dtype=np.int16),
        "bool": np.array([[True, False], [False, True]]),
        "scalar": np.array(2.5, dtype=np.float32),
        "empty": np.zeros((0, 4), dtype=np.float32),
    }


def write_npy(expected):
    arrays = sample_arrays()
    for name, array in arrays.items():
        np.save(path(f"{name}.npy"), array)
        expected[f"{name}.npy"] = described(array)
    cube = common.uniform(SEED, "cube", (2, 3, 5))
    np.save(path("fortran.npy"), np.asfortranarray(cube))
    np.save(path("big_endian.npy"), cube.astype(">f8"))
    np.save(path("big_endian_fortran.npy"), np.asfortranarray(cube.astype(">f4")))
    expected["fortran.npy"] = described(cube)
    expected["big_endian.npy"] = described(cube.astype(">f8"))
    expected["big_endian_fortran.npy"] = described(cube)
    for version in ((2, 0), (3, 0)):
        with open(path(f"version{version[0]}.npy"), "wb") as file:
            np.lib.format.write_array(file, cube, version=version)
        expected[f"version{version[0]}.npy"] = described(cube)
    # What cannot be read: text, records, complex numbers.
    np.save(path("text.npy"), np.array(["angry", "sad"]))
    np.save(path("record.npy"), np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
    np.save(path("complex.npy"), np.zeros(2, dtype=np.complex64))


def write_npz(expected):
    arrays = {"x": common.uniform(SEED, "x", (4, 3)), "labels": np.array([0, 6, 3], dtype=np.int64)}
    np.savez(path("plain.npz"), **arrays)
    np.savez_compressed(path("compressed.npz"), **arrays)
    for name in ("plain.npz", "compressed.npz"):
        for key, array in arrays.items():
            expected[f"{name}/{key}"] = described(array)


def write_safetensors(expected):
    arrays = {k: v for k, v in sample_arrays().items() if k not in ("empty",)}
    save_file(arrays, path("arrays.safetensors"), metadata={"format": "np", "title": "Tensoren für Prüfungen"})
    for key, array in arrays.items():
        expected[f"arrays.safetensors/{key}"] = described(array)
    # numpy has no bfloat16: the bits are written by hand, in the layout that the format's page gives.
    bits = np.array([0x3F80, 0xC040, 0x0000, 0x7F80, 0x0001], dtype="<u2")
    header = '{"x":{"dtype":"BF16","shape":[5],"data_offsets":[0,10]}}'.encode()
    header += b" " * (-len(header) % 8)
    with open(path("bf16.safetensors"), "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header + bits.tobytes())
    expected["bf16.safetensors/x"] = described((bits.astype(np.uint32) << 16).view(np.float32))


def write_audio(expected):
    frames = 37
    for name, rate, channels, kind, subtype, endian in (
        ("pcm8.wav", 8000, 1, "WAV", "PCM_U8", None),
        ("pcm16.wav", 16000, 1, "WAV", "PCM_16", None),
        ("pcm16_stereo.wav", 44100, 2, "WAV", "PCM_16", None),
        ("pcm16_5ch.wav", 48000, 5, "WAV", "PCM_16", None),
        ("pcm24.wav", 96000, 1, "WAV", "PCM_24", None),
        ("pcm24_stereo_extensible.wav", 24414, 2, "WAVEX", "PCM_24", None),
        ("pcm32.wav", 22050, 1, "WAV", "PCM_32", None),
        ("float32_stereo.wav", 16000, 2, "WAV", "FLOAT", None),
        ("float32_extensible.wav", 16000, 1, "WAVEX", "FLOAT", None),
        ("float64.wav", 16000, 1, "WAV", "DOUBLE", None),
        ("aiff8.wav", 8000, 1, "AIFF", "PCM_S8", None),
        ("aiff16.wav", 24414, 1, "AIFF", "PCM_16", None),
        ("aiff16_stereo.wav", 44100, 2, "AIFF", "PCM_16", None),
        ("aiff24.wav", 48000, 1, "AIFF", "PCM_24", None),
        ("aiff32.wav", 48000, 1, "AIFF", "PCM_32", None),
        ("aifc_sowt.wav", 16000, 1, "AIFF", "PCM_16", "LITTLE"),
        ("aifc_sowt24.wav", 16000, 1, "AIFF", "PCM_24", "LITTLE"),
        ("aifc_float.wav", 16000, 2, "AIFF", "FLOAT", None),
        ("aifc_double.wav", 16000, 1, "AIFF", "DOUBLE", None),
    ):
        # libsndfile writes the padding byte of an odd AIFF sound chunk as one more sample: keep 8 bits even there.
        count = frames + 1 if subtype == "PCM_S8" else frames
        samples = common.uniform(SEED, name, (count, channels))
        samples[0], samples[1], samples[2] = 1, -1, 0
        soundfile.write(path(name), samples, rate, format=kind, subtype=subtype, endian=endian)
        read, rate_read = soundfile.read(path(name), dtype="float32", always_2d=True)
        assert rate_read == rate and read.shape == (count, channels)
        info = soundfile.info(path(name))
        expected[name] = {
            "container": "aiff" if info.format == "AIFF" else "wav",
            "sampleRate": rate,
            "channels": channels,
            "samples": [float(v) for v in np.mean(read, axis=1)],
        }
    # Real audio of kinds that are refused, under a .wav name.
    tone = common.uniform(SEED, "tone", (800,), -0.1, 0.1)
    for name, kind, subtype in (
        ("ulaw.wav", "WAV", "ULAW"),
        ("alaw.wav", "WAV", "ALAW"),
        ("ima_adpcm.wav", "WAV", "IMA_ADPCM"),
        ("ms_adpcm.wav", "WAV", "MS_ADPCM"),
        ("gsm.wav", "WAV", "GSM610"),
        ("flac.wav", "FLAC", "PCM_16"),
        ("ogg.wav", "OGG", "VORBIS"),
        ("mp3.wav", "MP3", "MPEG_LAYER_III"),
        ("caf.wav", "CAF", "PCM_16"),
        ("au.wav", "AU", "PCM_16"),
        ("rf64.wav", "RF64", "PCM_16"),
        ("aifc_ulaw.wav", "AIFF", "ULAW"),
    ):
        soundfile.write(path(name), tone, 8000, format=kind, subtype=subtype)
    soundfile.write(path("rifx.wav"), tone, 8000, format="WAV", subtype="PCM_16", endian="BIG")


def main():
    for old in os.listdir(FOLDER) if os.path.isdir(FOLDER) else []:
        os.remove(path(old))
    arrays, audio = {}, {}
    write_npy(arrays)
    write_npz(arrays)
    write_safetensors(arrays)
    write_audio(audio)
    versions = {**common.versions(), "soundfile": soundfile.__version__}
    common.write_json("io/expected.json", {"about": __doc__.strip(), "versions": versions, "arrays": arrays, "audio": audio})


if __name__ == "__main__":
    main()
