/**
 * Says what bytes that are no WAV file really are, by the signatures that the formats begin with, so that the error names
 * the mistake (a text file, an MP3 renamed to .wav, …) rather than "bad header".
 */
export function describeBytes(bytes: Uint8Array): string {
  const start = latin1(bytes, 0, 64);
  if (start.startsWith('version https://git-lfs')) return 'a Git LFS pointer (run `git lfs pull` to get the audio)';
  if (start.startsWith('RIFX')) return 'a big-endian RIFX file';
  if (start.startsWith('RF64') || start.startsWith('BW64')) return 'a 64-bit WAV file (RF64)';
  if (start.startsWith('RIFF')) return `a RIFF file of type ${quote(start.slice(8, 12))}`;
  if (start.startsWith('FORM')) return `an IFF file of type ${quote(start.slice(8, 12))}`;
  if (start.startsWith('OggS')) return 'Ogg audio (Vorbis or Opus)';
  if (start.startsWith('fLaC')) return 'FLAC audio';
  if (start.startsWith('ID3') || isMpegFrame(bytes)) return 'MP3 audio';
  if (start.startsWith('caff')) return 'Core Audio (CAF)';
  if (start.startsWith('.snd')) return 'Sun/NeXT audio (AU)';
  if (start.startsWith('NIST_1A')) return 'NIST SPHERE audio';
  if (start.slice(4, 8) === 'ftyp') return 'MPEG-4 audio or video (M4A/MP4)';
  if (start.startsWith('\x1aE\xdf\xa3')) return 'Matroska or WebM';
  if (start.startsWith('PK\x03\x04')) return 'a ZIP archive';
  if (start.startsWith('\x00\x05\x16\x07')) return 'a macOS resource fork';
  if (bytes.length > 0 && bytes.subarray(0, 512).every((byte) => byte === 0)) return 'nothing but zero bytes';
  if (looksLikeText(bytes)) return 'a text file';
  return `unknown (first bytes ${[...bytes.subarray(0, 8)].map((b) => b.toString(16).padStart(2, '0')).join(' ')})`;
}

/** Bytes as characters of the same code, clipped to what is there. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** An identifier of four characters in quotes, with bytes that are no letters shown as codes. */
export function quote(id: string): string {
  return JSON.stringify(id);
}

/** An MPEG audio frame starts with eleven set bits, then a version, layer III, and a bit rate and sample rate that exist. */
function isMpegFrame(bytes: Uint8Array): boolean {
  if (bytes.length < 4 || bytes[0] !== 0xff || (bytes[1] & 0xe0) !== 0xe0) return false;
  const version = (bytes[1] >> 3) & 3;
  const layer = (bytes[1] >> 1) & 3;
  const bitRate = bytes[2] >> 4;
  const sampleRate = (bytes[2] >> 2) & 3;
  return version !== 1 && layer === 1 && bitRate !== 15 && sampleRate !== 3;
}

function looksLikeText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 512);
  return head.every((byte) => (byte >= 32 ? byte !== 127 : byte === 9 || byte === 10 || byte === 13));
}
