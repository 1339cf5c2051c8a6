/** A picture's levels as colours. */
import { palettePng } from '../report/picture.js';
import type { Image } from './types.js';

/**
 * Levels from `low` to `high` as a PNG, the lowest row at the bottom.
 * @param repeat pixels of height of each row: viewers smooth what they enlarge, and rows are to stay apart
 */
export function imageUrl(
  { columns, rows, values }: Image,
  low: number,
  high: number,
  colours: Uint8Array,
  repeat = 1,
): string {
  const height = rows * repeat;
  const pixels = new Uint8Array(height * (columns + 1));
  for (let y = 0; y < height; y++) {
    const row = rows - 1 - Math.floor(y / repeat);
    for (let c = 0; c < columns; c++) {
      const level = (values[c * rows + row] - low) / (high - low || 1);
      pixels[y * (columns + 1) + 1 + c] = Math.round(255 * Math.min(1, Math.max(0, level)));
    }
  }
  return palettePng(pixels, columns, height, colours);
}
