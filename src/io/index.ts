/** File formats: WAV (and AIFF, read only), .npy/.npz, safetensors; and files written whole or not at all. */
export { removeLeftovers, replaceFile, writeFileAtomic } from './atomic.js';
export { AudioFormatError, FileAccessError, FileFormatError } from './errors.js';
export { describeFsError, readBytes, type Source } from './files.js';
export {
  dtypeOf,
  ndarray,
  toFloat32,
  toNumbers,
  type ArrayData,
  type ArrayTypes,
  type DType,
  type NdArray,
} from './ndarray.js';
export { decodeNpy, encodeNpy, readNpy, writeNpy } from './npy.js';
export { readAhead, type FileRead } from './read-ahead.js';
export { readNpz, writeNpz } from './npz.js';
export { type Audio, type AudioInfo } from './pcm.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
  type Safetensors,
} from './safetensors.js';
export { crc32c } from './crc32c.js';
export { tensorBoardHeader, tensorBoardScalars, type ScalarEvent } from './tensorboard.js';
export { encodeWav, inspectWav, readWav, writeWav, type WavBitDepth } from './wav.js';
