/**
 * Random numbers by counter: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). The
 * n-th number is a function of a 64-bit key (the seed) and n alone: invocations need no shared state, a dropout mask can be made again instead of
 * being kept, and a resumed run goes on with the next counter. The host class gives the same integers, bit for bit.
 *
 * Streams: `u32` and `uniform` at counter n use word n mod 4 of block (⌊n/4⌋, 0, 0, 0); `normal` at n uses block (n, 1, 0, 0), so that the two
 * never share bits.
 */
import { wgslMath } from './math.js';

const functions = `
fn philox4(counter: vec4<u32>, seed: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var key = seed;
  for (var round = 0u; round < 10u; round++) {
    let a = philox_multiply(0xd2511f53u, c.x);
    let b = philox_multiply(0xcd9e8d57u, c.z);
    c = vec4<u32>(b.y ^ c.y ^ key.x, b.x, a.y ^ c.w ^ key.y, a.x);
    key = key + vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}
/** Low and high word of a product. */
fn philox_multiply(a: u32, b: u32) -> vec2<u32> {
  let ah = a >> 16u; let al = a & 0xffffu; let bh = b >> 16u; let bl = b & 0xffffu;
  let mid = ah * bl + ((al * bl) >> 16u);
  let mid2 = al * bh + (mid & 0xffffu);
  return vec2<u32>(a * b, ah * bh + (mid >> 16u) + (mid2 >> 16u));
}
fn random_u32(key: vec2<u32>, counter: u32) -> u32 {
  let block = philox4(vec4<u32>(counter >> 2u, 0u, 0u, 0u), key);
  let low = select(block.x, block.y, (counter & 1u) == 1u);
  let high = select(block.z, block.w, (counter & 1u) == 1u);
  return select(low, high, (counter & 2u) == 2u);
}
/** In [0, 1), in steps of 2^-24. */
fn random_uniform(key: vec2<u32>, counter: u32) -> f32 {
  return f32(random_u32(key, counter) >> 8u) * 5.96046448e-8;
}`;

/** WGSL of `philox4`, `random_u32(key, counter)` and `random_uniform(key, counter)`, the latter in [0, 1) with 24 bits. */
export const philoxFunctions: string = functions.trim();

/**
 * WGSL of `random_normal(key, counter)`: standard normal numbers by Box and Muller ("A note on the generation of random normal deviates", 1958).
 * Needs `philoxFunctions` and the functions named in `philoxNormalNeeds` before it.
 */
export const philoxNormalFunction: string = `
fn random_normal(key: vec2<u32>, counter: u32) -> f32 {
  let block = philox4(vec4<u32>(counter, 1u, 0u, 0u), key);
  let u = f32((block.x >> 8u) + 1u) * 5.96046448e-8;
  // The angle is the whole word as a fraction of a turn: its nearest quadrant, and an exact rest of at most an eighth of a turn.
  let quadrant = (block.y + 0x20000000u) >> 30u;
  let rest = f32(bitcast<i32>(block.y - (quadrant << 30u))) * 1.46291808e-9;
  return sqrt(-2.0 * log_(u)) * trig_core_(rest, quadrant + 1u);
}`.trim();

/** Functions of math.ts that `random_normal` calls. */
export const philoxNormalNeeds: readonly string[] = ['log_', 'trig_core_'];

/** Everything a kernel needs to draw integers, uniform and normal numbers. */
export const randomFunctions: string = [wgslMath(...philoxNormalNeeds), philoxFunctions, philoxNormalFunction].join(
  '\n',
);

/** High word of a 32 × 32-bit product. */
function multiplyHigh(a: number, b: number): number {
  const ah = a >>> 16;
  const al = a & 0xffff;
  const bh = b >>> 16;
  const bl = b & 0xffff;
  const mid = ah * bl + ((al * bl) >>> 16);
  const mid2 = al * bh + (mid & 0xffff);
  return (ah * bh + Math.floor(mid / 0x10000) + Math.floor(mid2 / 0x10000)) >>> 0;
}

/** One block: four random words for a counter of four words and a key of two, written into `out`, so that long streams make no garbage. */
export function philoxBlock(counter: ArrayLike<number>, key0: number, key1: number, out: Uint32Array): void {
  let c0 = counter[0] >>> 0;
  let c1 = counter[1] >>> 0;
  let c2 = counter[2] >>> 0;
  let c3 = counter[3] >>> 0;
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** `philoxBlock` as a function of its arguments alone. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  const out = new Uint32Array(4);
  philoxBlock(counter, key[0], key[1], out);
  return [out[0], out[1], out[2], out[3]];
}

/** The host's side of the WGSL functions: same key, same counter, same number (normal numbers up to f32 rounding). */
export class Philox {
  readonly key: readonly [number, number];

  constructor(key0: number, key1: number) {
    this.key = [key0 >>> 0, key1 >>> 0];
  }

  /** 32 random bits for a counter in 0 … 2³² − 1. */
  uint32At(counter: number): number {
    return philox4x32([counter >>> 2, 0, 0, 0], this.key)[counter & 3];
  }

  /** A number in [0, 1), a multiple of 2⁻²⁴. */
  uniformAt(counter: number): number {
    return (this.uint32At(counter) >>> 8) / 0x1000000;
  }

  /** A standard normal number. */
  normalAt(counter: number): number {
    const [a, b] = philox4x32([counter >>> 0, 1, 0, 0], this.key);
    const u = ((a >>> 8) + 1) / 0x1000000;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos((2 * Math.PI * b) / 0x1_0000_0000);
  }
}
