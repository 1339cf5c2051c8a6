import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeWav } from '../../../src/io/index.js';

let pitch = 100;

/** A short clip unlike any other one made here. */
export function clip(frames = 64): Uint8Array {
  pitch += 1;
  return encodeWav(
    Float32Array.from({ length: frames }, (_, i) => 0.5 * Math.sin((i * pitch) / 1000 + pitch)),
    16000,
  );
}

/** Writes files below a folder: the given bytes, or for a bare name a clip of its own. */
export function publish(root: string, files: (string | [string, Uint8Array])[]): void {
  for (const entry of files) {
    const [name, bytes] = typeof entry === 'string' ? [entry, clip()] : entry;
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
