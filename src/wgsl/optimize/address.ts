/** Indices as byte addresses. */
import { add, and, constant, isConst, u32 } from '../build.js';
import type { Expr, Memory } from '../ir.js';
import type { Graph } from './graph.js';
import type { Sum, Sums } from './linear.js';

/** Constants below go into an instruction's offset; buffers begin above it, so that the rest of an address cannot wrap below 0. */
const OFFSETS = 65536;
/** Every memory begins at a multiple of 2⁴ bytes. */
const ALIGNED = 4;
const LOW_BITS = 2 ** ALIGNED - 1;

export interface Address {
  readonly index: Expr;
  /** It is a byte address. */
  readonly bytes: boolean;
}

/**
 * The index of an access, given in words, in the order in which loops change its parts. Private memory stays in words: only the emitter knows where an
 * invocation's own lies.
 */
export function addressOf(graph: Graph, sums: Sums, memory: Memory, words: Sum, packed: boolean): Address {
  if (memory.kind === 'private') return { index: sums.build(words, packed), bytes: false };
  const base = graph.intern({ kind: 'base', type: 'u32', memory });
  const whole = wholeFours(sums, words);
  if (whole !== undefined) {
    const inside = sums.build(sums.scale(whole.inside, 4), packed, base);
    const masked = and(inside, constant(inside.type, ~LOW_BITS));
    return { index: graph.intern(add(masked, constant(inside.type, whole.plus * 4))), bytes: true };
  }
  const bytes = sums.scale(words, 4);
  if (bytes.plus < OFFSETS) return { index: sums.build(bytes, packed, base), bytes: true };
  const start = graph.intern(add(base, u32(bytes.plus)));
  return { index: sums.build({ terms: bytes.terms, plus: 0 }, packed, start), bytes: true };
}

/**
 * Of a sum with a term x & −4 that the innermost loop changes: all of the sum that can go under the mask, since it is a multiple of four words. As a base is one
 * too, base + 4·(… + (x & −4)) is (base + 4·(… + x)) & −16: what is invariant of x leaves the loop.
 */
function wholeFours(sums: Sums, { terms, plus }: Sum): { inside: Sum; plus: number } | undefined {
  if (plus * 4 >= OFFSETS || plus % 4 !== 0) return undefined;
  const found = terms.findIndex(({ factors, times }) => times === 1 && factors.length === 1 && isWholeFour(factors[0]));
  if (found < 0) return undefined;
  const [x] = terms[found].factors;
  if (x.kind !== 'binary') return undefined;
  const others = terms.filter((_, i) => i !== found);
  if (others.some((t) => sums.zerosOfTerm(t) < ALIGNED - 2)) return undefined;
  const level = sums.level(x);
  if (others.some((t) => t.factors.some((f) => sums.level(f) > level))) return undefined;
  return { inside: sums.plus({ terms: others, plus: 0 }, sums.of(x.a)), plus };
}

const isWholeFour = (e: Expr): boolean =>
  e.kind === 'binary' && e.op === 'and' && isConst(e.b) && e.b.value >>> 0 === 0xfffffffc;
