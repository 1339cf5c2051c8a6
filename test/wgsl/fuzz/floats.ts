/**
 * Random expressions of f32 and its vectors, kept well-conditioned: sizes are bounded, divisors and arguments of roots and logarithms keep
 * away from zero, and nothing decides about control flow. Their error bounds are computed with them (real.ts).
 */
import type { Context } from './context.js';
import { capped, nonConstant, splat, varying } from './leaves.js';
import * as real from './real.js';
import type { Real } from './real.js';
import { binary, call, inside, unary } from './text.js';
import {
  BOOL,
  F32,
  I32,
  LEVEL,
  SCALARS,
  U32,
  map1,
  map2,
  like,
  map3,
  type Expr,
  type Numeric,
  type State,
  type Type,
  type Value,
} from './tree.js';

type Make = (g: Context, type: Numeric, depth: number) => Expr;
const LIMIT = 1000;

export function float(g: Context, type: Numeric, depth: number): Expr {
  const make = g.random.weighted<Make>([
    [10, arithmetic],
    [3, quotient],
    [2, negation],
    [4, extremes],
    [3, rounding],
    [4, transcendental],
    [3, combining],
    [3, selecting],
    [3, fromInteger],
    [2, geometry],
  ]);
  return capped(g, make(g, type, depth), LIMIT);
}

const other = (g: Context, type: Numeric, depth: number): Expr =>
  type.kind === 'vector' && g.random.chance(0.2) ? g.expr(SCALARS.f32, depth) : g.expr(type, depth);

/** Constant arithmetic of floats is done in whatever precision the compiler likes: one side is no constant. */
function two(g: Context, type: Numeric, depth: number): [Expr, Expr] {
  const a = g.expr(type, depth - 1);
  const b = other(g, type, depth - 1);
  return a.constant && b.constant ? [varying(g, a.type), b] : [a, b];
}

function arithmetic(g: Context, type: Numeric, depth: number): Expr {
  let [a, b] = two(g, type, depth);
  const op = g.random.pick(['+', '+', '-', '*', '*']);
  if (b.type !== type && g.random.chance(0.5)) [a, b] = [b, a];
  const f = { '+': real.add, '-': real.sub, '*': real.mul }[op] ?? real.add;
  const size = op === '*' ? a.size * b.size : a.size + b.size;
  return binary(g, op, a, b, { type, size, run: (s) => map2(f, a.run(s), b.run(s)) });
}

/** |x| + c: away from zero. */
function positive(e: Expr, least: number): Expr {
  const c = real.constant(least);
  const run = (s: State): Value => map1((x: Real) => real.add(real.abs(x), c), e.run(s));
  return {
    type: e.type,
    code: `abs(${e.code}) + ${least}`,
    level: LEVEL.sum,
    size: e.size + least,
    constant: e.constant,
    run,
  };
}

function quotient(g: Context, type: Numeric, depth: number): Expr {
  const [a, x] = two(g, type, depth);
  const least = g.random.pick([0.5, 1, 2]);
  if (a.type !== type) return negation(g, type, depth);
  const b = positive(x, least);
  const op = g.random.chance(0.15) ? '%' : '/';
  const f = op === '/' ? real.div : real.rem;
  const size = op === '/' ? a.size / least : a.size;
  return binary(g, op, a, b, { type, size, run: (s) => map2(f, a.run(s), b.run(s)) });
}

function negation(g: Context, type: Numeric, depth: number): Expr {
  const a = g.expr(type, depth - 1);
  return unary(g, '-', a, { type, size: a.size, run: (s) => map1(real.neg, a.run(s)) });
}

function extremes(g: Context, type: Numeric, depth: number): Expr {
  const a = nonConstant(g, type, depth - 1);
  const name = g.random.pick(['min', 'max', 'clamp', 'saturate', 'abs']);
  switch (name) {
    case 'saturate':
      return call(name, [a], { type, size: 1, run: (s) => map1(real.saturate, a.run(s)) });
    case 'abs':
      return call(name, [a], { type, size: a.size, run: (s) => map1(real.abs, a.run(s)) });
    case 'clamp': {
      const bound = g.random.pick([1, 2, 5]);
      const low = splat(type, `-${bound}.0`, -bound);
      const high = splat(type, `${bound}.5`, bound + 0.5);
      const run = (s: State): Value => map3(real.clamp, a.run(s), low.run(s), high.run(s));
      return call(name, [a, low, high], { type, size: bound + 0.5, run });
    }
    default: {
      const b = g.expr(type, depth - 1);
      const f = name === 'min' ? real.min : real.max;
      return call(name, [a, b], { type, size: Math.max(a.size, b.size), run: (s) => map2(f, a.run(s), b.run(s)) });
    }
  }
}

function rounding(g: Context, type: Numeric, depth: number): Expr {
  const a = nonConstant(g, type, depth - 1);
  const functions = {
    floor: real.floor,
    ceil: real.ceil,
    trunc: real.trunc,
    round: real.round,
    fract: real.fract,
    sign: real.sign,
  };
  const name = g.random.pick(Object.keys(functions) as (keyof typeof functions)[]);
  const size = name === 'fract' || name === 'sign' ? 1 : a.size + 1;
  return call(name, [a], { type, size, run: (s) => map1(functions[name], a.run(s)) });
}

function transcendental(g: Context, type: Numeric, depth: number): Expr {
  const x = nonConstant(g, type, depth - 1);
  const done = (name: string, arg: Expr, size: number, f: (a: Real) => Real): Expr =>
    call(name, [arg], { type, size, run: (s) => map1(f, arg.run(s)) });
  const within = (limit: number): Expr => (x.size <= limit ? x : clampTo(x, limit));
  switch (g.random.below(10)) {
    case 0:
      return done('sqrt', positive(x, 0.25), Math.sqrt(x.size + 1), real.sqrt);
    case 1:
      return done('inverseSqrt', positive(x, 0.25), 2.1, real.inverseSqrt);
    case 2:
      return done('exp', within(3), Math.exp(3.1), real.exp);
    case 3:
      return done('exp2', within(4), 17, real.exp2);
    case 4:
      return done('log', positive(x, 0.5), Math.log(x.size + 1) + 1, real.log);
    case 5:
      return done('log2', positive(x, 0.5), Math.log2(x.size + 1) + 2, real.log2);
    case 6:
      return done('sin', within(3), 1.1, real.sin);
    case 7:
      return done('cos', within(3), 1.1, real.cos);
    case 8:
      return done('tanh', within(8), 1.1, real.tanh);
    default: {
      const base = positive(within(4), 0.5);
      const exponent = clampTo(nonConstant(g, type, depth - 1), 2);
      const run = (s: State): Value => map2(real.pow, base.run(s), exponent.run(s));
      return call('pow', [base, exponent], { type, size: 21, run });
    }
  }
}

function clampTo(x: Expr, limit: number): Expr {
  const low = splat(x.type, `-${limit}.0`, -limit);
  const high = splat(x.type, `${limit}.0`, limit);
  const run = (s: State): Value => map3(real.clamp, x.run(s), low.run(s), high.run(s));
  return call('clamp', [x, low, high], { type: x.type, size: limit, run });
}

function combining(g: Context, type: Numeric, depth: number): Expr {
  const a = nonConstant(g, type, depth - 1);
  const b = g.expr(type, depth - 1);
  const c = g.expr(type, depth - 1);
  switch (g.random.below(4)) {
    case 0: {
      const run = (s: State): Value => map3(real.fma, a.run(s), b.run(s), c.run(s));
      return call('fma', [a, b, c], { type, size: a.size * b.size + c.size, run });
    }
    case 1: {
      const run = (s: State): Value => map3(real.mix, a.run(s), b.run(s), c.run(s));
      return call('mix', [a, b, c], { type, size: a.size * (1 + c.size) + b.size * c.size, run });
    }
    case 2: {
      const low = splat(type, '-1.0', -1);
      const high = splat(type, '1.5', 1.5);
      const run = (s: State): Value => map3(real.smoothstep, low.run(s), high.run(s), a.run(s));
      return call('smoothstep', [low, high, a], { type, size: 1, run });
    }
    default:
      return call('step', [b, a], { type, size: 1, run: (s) => map2(real.step, b.run(s), a.run(s)) });
  }
}

/** By a condition on integers, or by a comparison of floats: the only use of one. */
function selecting(g: Context, type: Numeric, depth: number): Expr {
  const a = nonConstant(g, type, depth - 1);
  const b = g.expr(type, depth - 1);
  const size = Math.max(a.size, b.size);
  if (g.random.chance(0.6)) {
    const c = g.expr(g.random.chance(0.6) ? like(type, 'bool') : BOOL, depth - 1);
    const run = (s: State): Value => map3(real.choose, a.run(s), b.run(s), c.run(s));
    return call('select', [a, b, c], { type, size, run });
  }
  const x = nonConstant(g, type, depth - 1);
  const y = g.expr(type, depth - 1);
  const op = g.random.pick(['<', '<=', '>', '>='] as const);
  const condition = binary(g, op, x, y, { type: like(type, 'bool'), size: 0, run: () => false });
  const run = (s: State): Value => {
    const sides = map2((no: Real, yes: Real) => ({ no, yes }) as never, a.run(s), b.run(s));
    const answers = map2((p: Real, q: Real) => ({ tri: real.compare(op, p, q) }) as never, x.run(s), y.run(s));
    type Sides = { no: Real; yes: Real };
    const join = (side: Sides, answer: { tri: real.Tri }): Real => real.choose(side.no, side.yes, answer.tri);
    return map2(join as never, sides, answers);
  };
  return call('select', [a, b, condition], { type, size, run });
}

function fromInteger(g: Context, type: Numeric, depth: number): Expr {
  if (type.kind === 'vector') {
    const from = g.random.pick(['i32', 'u32', 'bool'] as const);
    const a = nonConstant(g, like(type, from), depth - 1);
    const scale = real.exact(2 ** -24);
    const f = (x: number | boolean): Real => real.mul(real.fromInteger(Number(x)), scale);
    const inner = call(`vec${type.size}<f32>`, [a], { type, size: 2 ** 32, run: () => 0 });
    const run = (s: State): Value => map1(f, a.run(s));
    return { ...inner, code: `${inner.code} * ${2 ** -24}`, level: LEVEL.product, size: 256, run };
  }
  switch (g.random.below(4)) {
    case 0:
      return exactFloat(g, depth);
    case 1: {
      // A number in [1, 2) from its bits.
      const a = nonConstant(g, U32, depth - 1);
      const bits = (x: number): number => new Float32Array(new Uint32Array([(x & 0x7fffff) | 0x3f800000]).buffer)[0];
      const code = `bitcast<f32>((${inside(g, a, LEVEL.unary)} & 0x7fffffu) | 0x3f800000u)`;
      return {
        type: F32,
        code,
        level: LEVEL.primary,
        size: 2,
        constant: false,
        run: (s) => real.exact(bits(a.run(s) as number)),
      };
    }
    case 2: {
      const a = nonConstant(g, BOOL, depth - 1);
      return call('f32', [a], { type: F32, size: 1, run: (s) => real.exact(Number(a.run(s))) });
    }
    default: {
      const a = nonConstant(g, g.random.pick([I32, U32]), depth - 1);
      const scale = real.exact(2 ** -28);
      const run = (s: State): Value => real.mul(real.fromInteger(a.run(s) as number), scale);
      return { type: F32, code: `f32(${a.code}) * ${2 ** -28}`, level: LEVEL.product, size: 16, constant: false, run };
    }
  }
}

function geometry(g: Context, type: Numeric, depth: number): Expr {
  if (type.kind === 'vector') {
    if (type.size !== 3) return extremes(g, type, depth);
    const a = nonConstant(g, type, depth - 1);
    const b = nonConstant(g, type, depth - 1);
    const term = (x: Real[], y: Real[], i: number, j: number): Real =>
      real.sub(real.mul(x[i], y[j]), real.mul(x[j], y[i]));
    const cross = (x: Real[], y: Real[]): Real[] => [term(x, y, 1, 2), term(x, y, 2, 0), term(x, y, 0, 1)];
    const run = (s: State): Value => cross(a.run(s) as Real[], b.run(s) as Real[]);
    return call('cross', [a, b], { type, size: 2 * a.size * b.size, run });
  }
  const vector = g.vector('f32') as Extract<Type, { kind: 'vector' }>;
  const a = nonConstant(g, vector, depth - 1);
  const b = g.expr(vector, depth - 1);
  if (g.random.chance(0.7)) {
    const run = (s: State): Value => real.dot(a.run(s) as Real[], b.run(s) as Real[]);
    return call('dot', [a, b], { type, size: vector.size * a.size * b.size, run });
  }
  // With a component of at least 1, so that the root is well-conditioned.
  const shifted = positive(a, 1);
  const run = (s: State): Value => {
    const x = shifted.run(s) as Real[];
    return real.sqrt(real.dot(x, x));
  };
  return call('length', [shifted], { type, size: 2 * shifted.size, run });
}

/** A scalar made of small whole numbers and halves of them: every operation on the way is exact. */
export function exactFloat(g: Context, depth: number): Expr {
  const { random } = g;
  if (depth <= 1 || random.chance(0.4)) {
    if (random.chance(0.4)) {
      const a = nonConstant(g, I32, depth - 1);
      const run = (s: State): Value => real.exact((a.run(s) as number) >> 20);
      return {
        type: F32,
        code: `f32(${inside(g, a, LEVEL.unary)} >> 20u)`,
        level: LEVEL.primary,
        size: 2048,
        constant: false,
        run,
      };
    }
    const a = nonConstant(g, U32, depth - 1);
    const run = (s: State): Value => real.exact((a.run(s) as number) % 1000);
    return {
      type: F32,
      code: `f32(${inside(g, a, LEVEL.product)} % 1000u)`,
      level: LEVEL.primary,
      size: 1000,
      constant: false,
      run,
    };
  }
  const a = exactFloat(g, depth - 1);
  switch (random.below(4)) {
    case 0: {
      const b = exactFloat(g, depth - 1);
      const op = random.pick(['+', '-']);
      const f = op === '+' ? real.add : real.sub;
      const run = (s: State): Value => f(a.run(s) as Real, b.run(s) as Real);
      return binary(g, op, a, b, { type: F32, size: a.size + b.size, run });
    }
    case 1: {
      const functions = { floor: real.floor, ceil: real.ceil, trunc: real.trunc, round: real.round };
      const name = random.pick(Object.keys(functions) as (keyof typeof functions)[]);
      const half = real.exact(0.5);
      const run = (s: State): Value => functions[name](real.mul(a.run(s) as Real, half));
      const code = `${name}(${inside(g, a, LEVEL.product)} * 0.5)`;
      return { type: F32, code, level: LEVEL.primary, size: a.size, constant: false, run };
    }
    case 2: {
      const b = exactFloat(g, depth - 1);
      const run = (s: State): Value => real.max(a.run(s) as Real, b.run(s) as Real);
      return call('max', [a, b], { type: F32, size: Math.max(a.size, b.size), run });
    }
    default: {
      if (a.size > 3000) return a;
      const three = real.exact(3);
      const run = (s: State): Value => real.mul(a.run(s) as Real, three);
      return {
        type: F32,
        code: `${inside(g, a, LEVEL.product)} * 3.0`,
        level: LEVEL.product,
        size: 3 * a.size,
        constant: false,
        run,
      };
    }
  }
}
