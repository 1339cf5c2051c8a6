/** A spectrogram as a small PNG in a data URI: the one raster picture of the report. */
import { zlibSync } from 'fflate';

/** Dark to bright, evenly in lightness: from black over violet and orange to a pale yellow. Five of the colours, the rest between. */
const STOPS = [
  [8, 8, 29],
  [80, 18, 123],
  [182, 54, 121],
  [251, 136, 97],
  [252, 253, 191],
] as const;

/** 256 colours, three bytes each. */
function palette(): Uint8Array {
  const colours = new Uint8Array(256 * 3);
  for (let level = 0; level < 256; level++) {
    const at = (level / 255) * (STOPS.length - 1);
    const below = Math.min(Math.floor(at), STOPS.length - 2);
    for (let c = 0; c < 3; c++) {
      colours[3 * level + c] = Math.round(STOPS[below][c] + (at - below) * (STOPS[below + 1][c] - STOPS[below][c]));
    }
  }
  return colours;
}

/**
 * A spectrogram in decibels, low frequencies at the bottom, time to the right.
 * @param frames (T, bands) row by row. @param range decibels below the loudest that are drawn. Default 70
 * @returns `data:image/png;base64,…`, T × bands pixels
 */
export function spectrogramPicture(frames: ArrayLike<number>, bands: number, range = 70): string {
  const width = frames.length / bands;
  let loudest = -Infinity;
  for (let i = 0; i < frames.length; i++) if (frames[i] > loudest) loudest = frames[i];
  // Every row begins with the byte of its filter: none.
  const rows = new Uint8Array(bands * (width + 1));
  for (let band = 0; band < bands; band++) {
    const row = (bands - 1 - band) * (width + 1) + 1;
    for (let t = 0; t < width; t++) {
      const level = 1 - (loudest - frames[t * bands + band]) / range;
      rows[row + t] = Math.round(255 * Math.min(1, Math.max(0, level)));
    }
  }
  return palettePng(rows, width, bands, palette());
}

/**
 * A PNG of 256 colours as a data URI.
 * @param rows (height, 1 + width): each row a 0 and then its pixels, from the top
 * @param colours 256 · 3 bytes, red, green and blue
 */
export function palettePng(rows: Uint8Array, width: number, height: number, colours: Uint8Array): string {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  // 8 bits a pixel, by palette.
  header.set([8, 3], 8);
  const png = Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', zlibSync(rows, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ]);
  return `data:image/png;base64,${png.toString('base64')}`;
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = name.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** PNG's checksum (ISO 3309), bit by bit: the pictures are small. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
