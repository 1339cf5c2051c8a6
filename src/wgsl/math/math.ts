/** WGSL's builtin functions that go component by component, by name. */
import { abs, ceil, floor, max, min, nearest, sqrt, trunc, unary } from '../build.js';
import type { Expr } from '../ir.js';
import * as common from './common.js';
import type { MathFunction } from './context.js';
import { cosh, exp, exp2, sinh, tanh } from './exp.js';
import { extractBits, firstLeadingBit, firstTrailingBit, insertBits, reverseBits } from './integer.js';
import { log, log2, pow } from './log.js';
import { acos, asin, atan, atan2, cos, sin, tan } from './trig.js';

export type { MathContext, MathFunction } from './context.js';

const one =
  (f: (x: Expr) => Expr): MathFunction =>
  (_, x) =>
    f(x);
const two =
  (f: (x: Expr, y: Expr) => Expr): MathFunction =>
  (_, x, y) =>
    f(x, y);

/** These use each argument once, so that any expression will do. */
export const PRIMITIVES: ReadonlyMap<string, MathFunction> = new Map(
  Object.entries({
    abs: one(abs),
    ceil: one(ceil),
    floor: one(floor),
    round: one(nearest),
    sqrt: one(sqrt),
    trunc: one(trunc),
    min: two(min),
    max: two(max),
    countOneBits: one((x) => unary('countOneBits', x)),
    countLeadingZeros: one((x) => unary('countLeadingZeros', x)),
    countTrailingZeros: one((x) => unary('countTrailingZeros', x)),
    clamp: common.clamp,
    degrees: common.degrees,
    fma: common.fma,
    inverseSqrt: common.inverseSqrt,
    radians: common.radians,
    saturate: common.saturate,
    step: common.step,
  }),
);

/** The arguments of these must be constants or immutable locals. */
export const FUNCTIONS: ReadonlyMap<string, MathFunction> = new Map(
  Object.entries({
    acos,
    asin,
    atan,
    atan2,
    cos,
    cosh,
    exp,
    exp2,
    extractBits,
    firstLeadingBit,
    firstTrailingBit,
    fract: common.fract,
    insertBits,
    ldexp: common.ldexp,
    log,
    log2,
    mix: common.mix,
    pow,
    reverseBits,
    sign: common.sign,
    sin,
    sinh,
    smoothstep: common.smoothstep,
    tan,
    tanh,
  }),
);
