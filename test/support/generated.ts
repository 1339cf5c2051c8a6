/**
 * The counter-based generator of the reference scripts (tools/reference/common.py), bit for bit: a value depends only on seed, stream name and
 * index, so fixtures need not store inputs or starting weights. The integer hash is MurmurHash3's finaliser (Austin Appleby, public domain).
 */

function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The 32-bit FNV-1a hash of the text's UTF-8 bytes. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The stream's words: a function from index to 32 random bits. */
export function bits(seed: number, stream: string): (index: number) => number {
  const a = mix(seed + 0x9e3779b9);
  const b = mix(fnv1a(stream) + a);
  return (index) => mix(mix(index + a) ^ b);
}

/** `count` numbers in [0, 1), multiples of 2⁻²⁴. */
export function unit(seed: number, stream: string, count: number): Float64Array {
  const word = bits(seed, stream);
  return Float64Array.from({ length: count }, (_, i) => (word(i) >>> 8) / 0x1000000);
}

/** `count` float32 numbers, uniform in [low, high): computed in float64, rounded once. */
export function uniform(seed: number, stream: string, count: number, low = -1, high = 1): Float32Array {
  return Float32Array.from(unit(seed, stream, count), (u) => low + (high - low) * u);
}

/** `count` whole numbers 0 … n − 1. */
export function integers(seed: number, stream: string, count: number, n: number): Int32Array {
  return Int32Array.from(unit(seed, stream, count), (u) => Math.floor(u * n));
}
