/** Random expressions of i32 and u32 and their vectors. All of them are exact, also where they overflow, shift far or divide by nothing. */
import type { Context } from './context.js';
import * as int from './integer.js';
import type { IntegerName } from './integer.js';
import { exactFloat } from './floats.js';
import { nonConstant, valueOf, varying } from './leaves.js';
import type { Real } from './real.js';
import { binary, call, inside, unary } from './text.js';
import {
  BOOL,
  F32,
  LEVEL,
  SCALARS,
  U32,
  map1,
  map2,
  map3,
  typeText,
  like,
  type Expr,
  type Numeric,
  type Value,
} from './tree.js';

const lanes = (value: Value): readonly Value[] => (Array.isArray(value) ? value : [value]);
export function integer(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const make = g.random.weighted<(g: Context, type: Numeric, of: IntegerName, depth: number) => Expr>([
    [7, sums],
    [3, quotients],
    [4, bits],
    [4, shifts],
    [2, signs],
    [4, choices],
    [4, bitBuiltins],
    [2, fields],
    [3, conversions],
    [1, fromFloat],
    [1, dots],
  ]);
  return make(g, type, of, depth);
}

/** The other operand of arithmetic: now and then a scalar for a vector. */
function operand(g: Context, type: Numeric, depth: number): Expr {
  return type.kind === 'vector' && g.random.chance(0.2) ? g.expr(SCALARS[type.of], depth) : g.expr(type, depth);
}

function operands(g: Context, type: Numeric, depth: number): [Expr, Expr] {
  const a = g.expr(type, depth - 1);
  const b = operand(g, type, depth - 1);
  return g.random.chance(0.5) || a.type !== b.type ? [a, b] : [b, a];
}

/** Small enough that a const-expression cannot overflow. */
const small = (e: Expr): boolean => lanes(valueOf(e)).every((v) => Math.abs(v as number) <= 1000);

function sums(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const op = g.random.pick(['+', '-', '*']);
  let [a, b] = operands(g, type, depth);
  const negative = (): boolean => of === 'u32' && op === '-' && !lanesAtLeast(a, b);
  if (a.constant && b.constant && (!small(a) || !small(b) || negative())) a = varying(g, a.type);
  if (a.type === type && b.type !== type && g.random.chance(0.5) && op !== '-') [a, b] = [b, a];
  const run = (x: number, y: number): number => int.arithmetic(of, op, x, y);
  return binary(g, op, a, b, { type, size: 0, run: (s) => map2(run, a.run(s), b.run(s)) });
}

const lanesAtLeast = (a: Expr, b: Expr): boolean =>
  lanes(map2((x: number, y: number) => x >= y, valueOf(a), valueOf(b))).every((ok) => ok === true);

function quotients(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const op = g.random.pick(['/', '%']);
  let [a, b] = operands(g, type, depth);
  if (b.constant && lanes(valueOf(b)).some((v) => v === 0)) b = varying(g, b.type);
  if (a.constant && b.constant) a = varying(g, a.type);
  const run = (x: number, y: number): number => int.arithmetic(of, op, x, y);
  return binary(g, op, a, b, { type, size: 0, run: (s) => map2(run, a.run(s), b.run(s)) });
}

function bits(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const op = g.random.pick(['&', '|', '^']);
  const a = g.expr(type, depth - 1);
  const b = g.expr(type, depth - 1);
  const run = (x: number, y: number): number => int.arithmetic(of, op, x, y);
  return binary(g, op, a, b, { type, size: 0, run: (s) => map2(run, a.run(s), b.run(s)) });
}

function shifts(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const op = g.random.pick(['<<', '>>']);
  const a = nonConstant(g, type, depth - 1);
  let b = g.expr(like(type, 'u32'), depth - 1);
  if (b.constant && lanes(valueOf(b)).some((v) => (v as number) > 31)) b = varying(g, b.type);
  const run = (x: number, y: number): number => int.arithmetic(of, op, x, y);
  return binary(g, op, a, b, { type, size: 0, run: (s) => map2(run, a.run(s), b.run(s)) });
}

function signs(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const a = nonConstant(g, type, depth - 1);
  if (of === 'i32' && g.random.chance(0.6)) {
    const negate = (x: number): number => int.wrap(of, -x);
    return unary(g, '-', a, { type, size: 0, run: (s) => map1(negate, a.run(s)) });
  }
  const invert = (x: number): number => int.wrap(of, ~x);
  return unary(g, '~', a, { type, size: 0, run: (s) => map1(invert, a.run(s)) });
}

function choices(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const a = nonConstant(g, type, depth - 1);
  const b = g.expr(type, depth - 1);
  const name = g.random.pick(['min', 'max', 'select', 'select', 'clamp', 'abs', of === 'i32' ? 'sign' : 'min']);
  switch (name) {
    case 'abs':
    case 'sign': {
      const f = name === 'abs' ? (x: number) => int.wrap(of, Math.abs(x)) : (x: number) => Math.sign(x);
      return call(name, [a], { type, size: 0, run: (s) => map1(f, a.run(s)) });
    }
    case 'select': {
      const c = g.expr(g.random.chance(0.6) ? like(type, 'bool') : BOOL, depth - 1);
      const f = (x: Value, y: Value, yes: boolean): Value => (yes ? y : x);
      return call(name, [a, b, c], { type, size: 0, run: (s) => map3(f, a.run(s), b.run(s), c.run(s)) });
    }
    case 'clamp': {
      const high = nonConstant(g, type, depth - 1);
      const f = (x: number, low: number, top: number): number => Math.min(Math.max(x, low), top);
      return call(name, [a, b, high], { type, size: 0, run: (s) => map3(f, a.run(s), b.run(s), high.run(s)) });
    }
    default: {
      const f = name === 'min' ? (x: number, y: number) => Math.min(x, y) : (x: number, y: number) => Math.max(x, y);
      return call(name, [a, b], { type, size: 0, run: (s) => map2(f, a.run(s), b.run(s)) });
    }
  }
}

function bitBuiltins(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const functions: Record<string, (x: number) => number> = {
    countOneBits: int.countOneBits,
    countLeadingZeros: int.countLeadingZeros,
    countTrailingZeros: int.countTrailingZeros,
    firstLeadingBit: (x) => int.firstLeadingBit(of, x),
    firstTrailingBit: (x) => int.firstTrailingBit(of, x),
    reverseBits: (x) => int.reverseBits(of, x),
  };
  const name = g.random.pick(Object.keys(functions));
  const a = nonConstant(g, type, depth - 1);
  const f = functions[name];
  return call(name, [a], { type, size: 0, run: (s) => map1(f, a.run(s)) });
}

function fields(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const a = nonConstant(g, type, depth - 1);
  const offset = nonConstant(g, U32, depth - 1);
  // Half of the time a field that is there.
  const from = g.random.chance(0.5) ? modulo(g, offset, 20) : offset;
  const count = modulo(g, nonConstant(g, U32, 0), g.random.pick([13, 33, 40]));
  if (g.random.chance(0.5)) {
    const f = (o: number, n: number) => (x: number) => int.extractBits(of, x, o, n);
    return call('extractBits', [a, from, count], {
      type,
      size: 0,
      run: (s) => map1(f(from.run(s) as number, count.run(s) as number), a.run(s)),
    });
  }
  const b = g.expr(type, depth - 1);
  const f = (o: number, n: number) => (x: number, y: number) => int.insertBits(of, x, y, o, n);
  return call('insertBits', [a, b, from, count], {
    type,
    size: 0,
    run: (s) => map2(f(from.run(s) as number, count.run(s) as number), a.run(s), b.run(s)),
  });
}

function modulo(g: Context, e: Expr, n: number): Expr {
  const run = (s: Parameters<Expr['run']>[0]): number => (e.run(s) as number) % n;
  return {
    type: U32,
    code: `${inside(g, e, LEVEL.product)} % ${n}u`,
    level: LEVEL.product,
    size: 0,
    constant: false,
    run,
  };
}

function conversions(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  const from = g.random.weighted<'i32' | 'u32' | 'bool'>([
    [4, of === 'i32' ? 'u32' : 'i32'],
    [1, 'bool'],
  ]);
  // Of a constant the value must fit.
  const a = nonConstant(g, like(type, from), depth - 1);
  const f = (x: number | boolean): number => int.wrap(of, Number(x));
  const name = from !== 'bool' && g.random.chance(0.4) ? `bitcast<${typeText(type)}>` : typeText(type);
  return call(name, [a], { type, size: 0, run: (s) => map1(f, a.run(s)) });
}

/** By value or by bits, of floats that are exact everywhere. */
function fromFloat(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  if (type.kind === 'vector') return choices(g, type, of, depth);
  if (g.random.chance(0.3)) {
    const a = modulo(g, nonConstant(g, U32, depth - 1), 5000);
    const bitsOf = (x: number): number => int.wrap(of, new Int32Array(new Float32Array([x]).buffer)[0]);
    const inner = call('f32', [a], { type: F32, size: 5000, run: (s) => ({ v: a.run(s) as number, e: 0 }) });
    return call(`bitcast<${of}>`, [inner], { type, size: 0, run: (s) => bitsOf((inner.run(s) as Real).v) });
  }
  const float = exactFloat(g, depth - 1);
  const a =
    of === 'i32'
      ? float
      : call('abs', [float], {
          ...float,
          run: (s) => ({ v: Math.abs((float.run(s) as Real).v), e: (float.run(s) as Real).e }),
        });
  const f = (x: Real): number => {
    if (x.e !== 0) throw new Error('the generator converted an inexact float to an integer');
    return int.wrap(of, Math.trunc(x.v));
  };
  return call(of, [a], { type, size: 0, run: (s) => f(a.run(s) as Real) });
}

function dots(g: Context, type: Numeric, of: IntegerName, depth: number): Expr {
  if (type.kind === 'vector') return sums(g, type, of, depth);
  const vector = g.vector(of);
  const a = nonConstant(g, vector, depth - 1);
  const b = g.expr(vector, depth - 1);
  const f = (x: number[], y: number[]): number => x.reduce((sum, v, i) => int.wrap(of, sum + Math.imul(v, y[i])), 0);
  return call('dot', [a, b], { type, size: 0, run: (s) => f(a.run(s) as number[], b.run(s) as number[]) });
}
