/**
 * Whole-number arithmetic as sums: every index is a sum of terms, each a product of values times a number, plus a number, all modulo 2³². Sums are only
 * opened where that parts what a loop changes from what it does not (or takes a number out): the parts that stay the same then leave the loop.
 */
import { add, and, constant, extract, isConst, isPacked, mul, shl, splat, sub, u32 } from '../build.js';
import type { Expr } from '../ir.js';
import type { Graph } from './graph.js';

interface Term {
  /** Scalars before fours, those that change in outer loops before those of inner ones. Not empty. */
  readonly factors: readonly Expr[];
  /** As a signed number; not 0. */
  readonly times: number;
}

export interface Sum {
  readonly terms: readonly Term[];
  /** As an unsigned number. */
  readonly plus: number;
}

/** Sums of more terms stay closed. */
const MANY_TERMS = 12;

export class Sums {
  private readonly known = new Map<Expr, Sum>();

  /** `floor`: values outside of so many loops are all taken alike. */
  constructor(
    private readonly graph: Graph,
    private readonly floor: number,
  ) {}

  /** Of an i32 or u32 (or four of them) in the graph. */
  of(e: Expr): Sum {
    const known = this.known.get(e);
    if (known !== undefined) return known;
    const sum = this.open(e);
    this.known.set(e, sum);
    return sum;
  }

  /** How many loops are around the innermost place that the value waits for. */
  level(e: Expr): number {
    return Math.max(this.floor, this.graph.node(e).early.region.loops);
  }

  plus(a: Sum, b: Sum): Sum {
    const terms = [...a.terms];
    for (const term of b.terms) {
      const at = terms.findIndex((t) => sameFactors(t, term));
      if (at < 0) terms.push(term);
      else {
        const times = (terms[at].times + term.times) | 0;
        if (times === 0) terms.splice(at, 1);
        else terms[at] = { factors: term.factors, times };
      }
    }
    return { terms, plus: (a.plus + b.plus) >>> 0 };
  }

  minus(a: Sum, b: Sum): Sum {
    return this.plus(a, this.scale(b, -1));
  }

  scale(a: Sum, by: number): Sum {
    const terms: Term[] = [];
    for (const { factors, times } of a.terms) {
      const product = Math.imul(times, by);
      if (product !== 0) terms.push({ factors, times: product });
    }
    return { terms, plus: Math.imul(a.plus, by) >>> 0 };
  }

  /** Low bits that are 0 in every term. */
  zerosOfTerm({ factors, times }: Term): number {
    return factors.reduce((zeros, f) => zeros + this.zeros(f), trailingZeros(times));
  }

  /** One lane of a sum of fours. */
  lane(sum: Sum, lane: number): Sum {
    let all: Sum = { terms: [], plus: sum.plus };
    for (const { factors, times } of sum.terms) {
      let product: Sum | undefined = { terms: [], plus: times >>> 0 };
      const parts = factors.map((f) => (isPacked(f.type) ? this.intern(extract(f, lane)) : f));
      for (const part of parts) product &&= this.multiply(product, this.of(part));
      all = this.plus(all, product ?? { terms: [{ factors: this.ordered(parts), times }], plus: 0 });
    }
    return all;
  }

  /** How many low bits of a value are always 0. */
  zeros(e: Expr): number {
    const node = this.graph.node(e);
    return (node.zeros ??= Math.min(32, this.findZeros(e)));
  }

  private open(e: Expr): Sum {
    switch (e.kind) {
      case 'const':
        return { terms: [], plus: e.value >>> 0 };
      case 'bitcast':
        return e.a.type === 'f32' || e.a.type === 'vec4f' ? single(e) : this.of(e.a);
      case 'splat':
        return this.of(e.a);
      case 'unary':
        return e.op === 'neg' ? this.scale(this.of(e.a), -1) : single(e);
      case 'binary':
        return this.openBinary(e);
      default:
        return single(e);
    }
  }

  private openBinary(e: Expr & { kind: 'binary' }): Sum {
    const { a, b } = e;
    switch (e.op) {
      case 'add':
        return this.closed(e, this.plus(this.of(a), this.of(b)));
      case 'sub':
        return this.closed(e, this.minus(this.of(a), this.of(b)));
      case 'shl':
        return isConst(b) ? this.times(a, 1 << (b.value & 31)) : single(e);
      case 'mul':
        if (isConst(b)) return this.times(a, b.value | 0);
        return this.closed(e, this.multiply(this.of(a), this.of(b)));
      case 'and':
        if (isConst(b)) {
          const zeros = trailingZeros(b.value);
          if (b.value >>> 0 === (-1 << zeros) >>> 0 && zeros > 0) return this.masked(a, zeros, e);
        }
        return single(e);
      default:
        return single(e);
    }
  }

  private times(a: Expr, by: number): Sum {
    // (x >> k) · by is (x without its k low bits) · (by >> k), if nothing is lost of `by`.
    if (a.kind === 'binary' && a.op === 'shr' && isConst(a.b) && (a.type === 'u32' || a.type === 'vec4u')) {
      const k = a.b.value & 31;
      if (k > 0 && trailingZeros(by) >= k) return this.scale(this.masked(a.a, k), by >> k);
    }
    return this.scale(this.of(a), by);
  }

  /** x & −2ᵏ: what is a multiple of 2ᵏ anyway comes out of it. `e`: the whole, if it is in the graph. */
  private masked(x: Expr, k: number, e?: Expr): Sum {
    const sum = this.of(x);
    const even = sum.terms.filter((t) => this.zerosOfTerm(t) >= k);
    const mask = (-1 << k) >>> 0;
    if (even.length === sum.terms.length) return { terms: even, plus: (sum.plus & mask) >>> 0 };
    // Only the whole number of 2ᵏ of the constant: its low bits carry.
    const plus = (sum.plus & mask) >>> 0;
    if (even.length === 0 && plus === 0) return single(e ?? this.intern(and(x, constant(x.type, mask))));
    const rest = this.build(
      { terms: sum.terms.filter((t) => !even.includes(t)), plus: sum.plus & ~mask },
      isPacked(x.type),
    );
    return this.plus({ terms: even, plus }, single(this.intern(and(rest, constant(rest.type, mask)))));
  }

  private multiply(a: Sum, b: Sum): Sum | undefined {
    if (a.terms.length === 0) return this.scale(b, a.plus);
    if (b.terms.length === 0) return this.scale(a, b.plus);
    if (this.highest(b) > this.highest(a)) [a, b] = [b, a];
    // `b` as one term, `a` opened.
    const one = b.terms.length === 1 && b.plus === 0 ? b.terms[0] : this.term(b);
    if (one === undefined) return undefined;
    const terms: Term[] = [];
    for (const group of this.groups(a)) {
      const t = group.length === 1 ? group[0] : this.term({ terms: group, plus: 0 });
      if (t === undefined) return undefined;
      terms.push({ factors: this.ordered([...t.factors, ...one.factors]), times: Math.imul(t.times, one.times) });
    }
    if (a.plus !== 0) terms.push({ factors: one.factors, times: Math.imul(a.plus, one.times) });
    return terms.reduce<Sum>((sum, t) => (t.times === 0 ? sum : this.plus(sum, { terms: [t], plus: 0 })), NOTHING);
  }

  /** A sum as one term of one factor. */
  private term(sum: Sum): Term | undefined {
    const e = this.build(sum, sum.terms.some(isPackedTerm));
    return e.kind === 'const' ? undefined : { factors: [e], times: 1 };
  }

  /** The sum, unless it parts nothing: then `e` itself, as one. */
  private closed(e: Expr, sum: Sum | undefined): Sum {
    if (sum === undefined || sum.terms.length > MANY_TERMS) return single(e);
    if (sum.terms.length < 2) {
      const [term] = sum.terms;
      const plain = sum.plus === 0 && sum.terms.length === 1 && term.times === 1;
      return plain && term.factors.every((f) => this.level(f) === this.levelOf(term)) ? single(e) : sum;
    }
    const level = this.levelOf(sum.terms[0]);
    const packed = isPackedTerm(sum.terms[0]);
    const mixed = sum.terms.some((t) => this.levelOf(t) !== level || isPackedTerm(t) !== packed);
    if (mixed) return sum;
    if (sum.plus === 0) return single(e);
    return this.plus(single(this.build({ terms: sum.terms, plus: 0 }, packed)), { terms: [], plus: sum.plus });
  }

  /**
   * A value of the sum's terms, outer levels first, the number last (so that it may go into an instruction's offset). `start`: begins with this scalar
   * instead of nothing. Scalars are added up before fours.
   */
  build(sum: Sum, packed: boolean, start?: Expr): Expr {
    let total = start;
    const fours: Expr[] = [];
    for (const group of this.groups(sum)) {
      const value = this.group(group);
      if (isPacked(value.type)) fours.push(value);
      else total = total === undefined ? value : this.intern(add(total, value));
    }
    if (!packed) return this.intern(total === undefined ? u32(sum.plus) : add(total, u32(sum.plus)));
    if (total !== undefined) {
      const level = this.level(total);
      const at = fours.findIndex((four) => this.level(four) > level);
      fours.splice(at < 0 ? fours.length : at, 0, this.intern(splat(total)));
    }
    const all = fours.reduce<Expr | undefined>((a, b) => (a === undefined ? b : this.intern(add(a, b))), undefined);
    const number = constant('vec4u', sum.plus);
    return this.intern(all === undefined ? number : add(all, number));
  }

  /** Terms of one level, and all scalars or all fours, together; in order of the levels, scalars first. */
  private groups(sum: Sum): Term[][] {
    const groups = new Map<number, Term[]>();
    for (const term of sum.terms) {
      const key = 2 * this.levelOf(term) + (isPackedTerm(term) ? 1 : 0);
      const group = groups.get(key);
      if (group) group.push(term);
      else groups.set(key, [term]);
    }
    return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
  }

  private group(terms: readonly Term[]): Expr {
    const ordered = terms.length === 1 ? terms : [...terms].sort((a, b) => this.compare(a, b));
    const times = ordered[0].times;
    // 4·x + 4·y as 4·(x + y).
    const factored = ordered.length > 1 && ordered.every((t) => t.times === times);
    let total: Expr | undefined;
    for (const term of ordered) {
      const t = factored ? { ...term, times: 1 } : term;
      const negative = t.times < 0 && total !== undefined;
      const value = this.termValue(negative ? { ...t, times: -t.times | 0 } : t);
      total = total === undefined ? value : this.intern(negative ? sub(total, value) : add(total, value));
    }
    if (total === undefined) throw new Error('a group of no terms');
    return factored ? this.intern(multiple(total, times)) : total;
  }

  /** The number goes to the factors of the outer levels, where it costs least. */
  private termValue({ factors, times }: Term): Expr {
    const level = this.level(factors[factors.length - 1]);
    let outer: Expr | undefined;
    let inner: Expr | undefined;
    for (const f of factors) {
      const value = unsigned(f);
      if (this.level(f) < level) outer = outer === undefined ? this.intern(value) : this.intern(product(outer, value));
      else inner = inner === undefined ? this.intern(value) : this.intern(product(inner, value));
    }
    if (inner === undefined) throw new Error('a term of no factors');
    if (outer === undefined) return this.intern(multiple(inner, times));
    return this.intern(product(this.intern(multiple(outer, times)), inner));
  }

  private intern(e: Expr): Expr {
    return this.graph.intern(e);
  }

  private ordered(factors: Expr[]): Expr[] {
    return factors.sort(
      (a, b) =>
        this.level(a) - this.level(b) || Number(isPacked(a.type)) - Number(isPacked(b.type)) || this.id(a) - this.id(b),
    );
  }

  private compare(a: Term, b: Term): number {
    for (let i = 0; i < a.factors.length && i < b.factors.length; i++) {
      const by = this.id(a.factors[i]) - this.id(b.factors[i]);
      if (by !== 0) return by;
    }
    return a.factors.length - b.factors.length;
  }

  private id(e: Expr): number {
    return this.graph.node(e).id;
  }

  private levelOf(term: Term): number {
    return this.level(term.factors[term.factors.length - 1]);
  }

  private highest(sum: Sum): number {
    return sum.terms.reduce((level, t) => Math.max(level, this.levelOf(t)), -1);
  }

  private findZeros(e: Expr): number {
    switch (e.kind) {
      case 'const':
        return trailingZeros(e.value);
      case 'bitcast':
        return e.a.type === 'f32' || e.a.type === 'vec4f' ? 0 : this.zeros(e.a);
      case 'splat':
        return this.zeros(e.a);
      case 'select':
        return Math.min(this.zeros(e.yes), this.zeros(e.no));
      case 'compose':
        return Math.min(...e.parts.map((part) => this.zeros(part)));
      case 'extract':
        return this.zeros(e.a);
      case 'binary':
        switch (e.op) {
          case 'add':
          case 'sub':
          case 'min':
          case 'max':
          case 'or':
          case 'xor':
            return isInt(e) ? Math.min(this.zeros(e.a), this.zeros(e.b)) : 0;
          case 'and':
            return isInt(e) ? Math.max(this.zeros(e.a), this.zeros(e.b)) : 0;
          case 'mul':
            return isInt(e) ? this.zeros(e.a) + this.zeros(e.b) : 0;
          case 'shl':
            return isConst(e.b) ? this.zeros(e.a) + (e.b.value & 31) : this.zeros(e.a);
          default:
            return 0;
        }
      default:
        return 0;
    }
  }
}

const NOTHING: Sum = { terms: [], plus: 0 };
const single = (e: Expr): Sum => ({ terms: [{ factors: [e], times: 1 }], plus: 0 });
const isInt = (e: Expr): boolean => e.type === 'u32' || e.type === 'i32' || e.type === 'vec4u' || e.type === 'vec4i';
const isPackedTerm = (t: Term): boolean => t.factors.some((f) => isPacked(f.type));
const sameFactors = (a: Term, b: Term): boolean =>
  a.factors.length === b.factors.length && a.factors.every((f, i) => f === b.factors[i]);
/** Of 0: 32. */
export const trailingZeros = (n: number): number => ((n | 0) === 0 ? 32 : 31 - Math.clz32(n & -n));

/** The same bits as u32. */
const unsigned = (e: Expr): Expr =>
  e.type === 'i32'
    ? { kind: 'bitcast', type: 'u32', a: e }
    : e.type === 'vec4i'
      ? { kind: 'bitcast', type: 'vec4u', a: e }
      : e;

function multiple(e: Expr, by: number): Expr {
  if (by === 1) return e;
  const type = isPacked(e.type) ? 'vec4u' : 'u32';
  const shift = trailingZeros(by);
  return by === 1 << shift ? shl(e, constant(type, shift)) : mul(e, constant(type, by));
}

const product = (a: Expr, b: Expr): Expr => mul(isPacked(b.type) ? splat(a) : a, isPacked(a.type) ? splat(b) : b);
