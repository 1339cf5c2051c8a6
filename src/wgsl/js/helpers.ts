/** What the written JavaScript calls: operations that JavaScript has no operator for. Exact as ir.ts has them. */

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);

export const helpers = {
  fround: Math.fround,
  imul: Math.imul,
  divI: (a: number, b: number): number => (b === 0 ? a : (a / b) | 0),
  divU: (a: number, b: number): number => (b === 0 ? a : (a / b) >>> 0),
  remI: (a: number, b: number): number => (b === 0 ? 0 : (a % b) | 0),
  remU: (a: number, b: number): number => (b === 0 ? 0 : a % b),
  remF: (a: number, b: number): number => Math.fround(a - Math.fround(b * Math.trunc(Math.fround(a / b)))),
  /** As WebAssembly's pmin and pmax. */
  min: (a: number, b: number): number => (b < a ? b : a),
  max: (a: number, b: number): number => (a < b ? b : a),
  sqrt: (a: number): number => Math.fround(Math.sqrt(a)),
  nearest(a: number): number {
    const down = Math.floor(a);
    const rest = a - down;
    if (!(rest > 0)) return a;
    const up = rest > 0.5 || (rest === 0.5 && down % 2 !== 0);
    return up ? Math.ceil(a) : down;
  },
  ones(a: number): number {
    let count = 0;
    for (let bits = a >>> 0; bits !== 0; bits = (bits & (bits - 1)) >>> 0) count++;
    return count;
  },
  trailing: (a: number): number => (a === 0 ? 32 : 31 - Math.clz32(a & -a)),
  toI: (a: number): number => (a >= 2147483647 ? 2147483647 : a <= -2147483648 ? -2147483648 : Math.trunc(a) | 0),
  toU: (a: number): number => (a >= 4294967295 ? 4294967295 : a <= 0 ? 0 : Math.trunc(a) >>> 0),
  bitsI(a: number): number {
    floats[0] = a;
    return words[0] | 0;
  },
  bitsU(a: number): number {
    floats[0] = a;
    return words[0];
  },
  asF(a: number): number {
    words[0] = a;
    return floats[0];
  },
  /** A choice both of whose sides were evaluated. */
  pick: <T>(condition: boolean, yes: T, no: T): T => (condition ? yes : no),
  splat: <T>(value: T): T[] => [value, value, value, value],
  map1: <A, R>(a: readonly A[], f: (a: A) => R): R[] => [f(a[0]), f(a[1]), f(a[2]), f(a[3])],
  map2: <A, B, R>(a: readonly A[], b: readonly B[], f: (a: A, b: B) => R): R[] => [
    f(a[0], b[0]),
    f(a[1], b[1]),
    f(a[2], b[2]),
    f(a[3], b[3]),
  ],
  /** Lanes of two fours, one after the other. */
  join: <T>(a: readonly T[], b: readonly T[]): T[] => [...a, ...b],
  any: (a: readonly boolean[]): boolean => a[0] || a[1] || a[2] || a[3],
  all: (a: readonly boolean[]): boolean => a[0] && a[1] && a[2] && a[3],
  insert<T>(a: readonly T[], lane: number, value: T): T[] {
    const copy = a.slice();
    copy[lane & 3] = value;
    return copy;
  },
} as const;

export type Helpers = typeof helpers;
