import { readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../fixtures/io');

interface Expected {
  arrays: Record<string, { dtype: string; shape: number[]; values: (number | string | boolean)[] }>;
  audio: Record<string, { container: string; sampleRate: number; channels: number; samples: number[] }>;
}

/** What numpy, safetensors and soundfile read from the fixtures. */
export const expected = JSON.parse(readFileSync(path.join(FOLDER, 'expected.json'), 'utf8')) as Expected;

export const fixture = (name: string): string => path.join(FOLDER, name);

/** Values of the JSON as the elements of a typed array: infinities, NaN and 64-bit integers are text there. */
export function elements(entry: Expected['arrays'][string]): (number | bigint)[] {
  const wide = entry.dtype === 'int64' || entry.dtype === 'uint64';
  return entry.values.map((value) => {
    if (wide) return BigInt(value);
    if (value === 'nan') return NaN;
    if (value === 'inf') return Infinity;
    if (value === '-inf') return -Infinity;
    return Number(value);
  });
}
