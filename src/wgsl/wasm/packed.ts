/** Operations on packed fours. */
import type { BinaryOp, Expr, UnaryOp } from '../ir.js';
import { quotient, remainder } from './packed-division.js';
import { OP, SIMD, WASM } from './opcodes.js';
import type { Writer } from './writer.js';

type Unary = Extract<Expr, { kind: 'unary' }>;
type Binary = Extract<Expr, { kind: 'binary' }>;
type Convert = Extract<Expr, { kind: 'convert' }>;
type Table<Op extends string> = Readonly<Partial<Record<Op, number>>>;

const FLOAT_UNARY: Table<UnaryOp> = {
  neg: SIMD.f32x4Neg,
  abs: SIMD.f32x4Abs,
  sqrt: SIMD.f32x4Sqrt,
  floor: SIMD.f32x4Floor,
  ceil: SIMD.f32x4Ceil,
  trunc: SIMD.f32x4Trunc,
  nearest: SIMD.f32x4Nearest,
};
const INTEGER_UNARY: Table<UnaryOp> = { neg: SIMD.i32x4Neg, abs: SIMD.i32x4Abs, not: SIMD.v128Not };
const MASK_UNARY: Table<UnaryOp> = { not: SIMD.v128Not, any: SIMD.v128AnyTrue, all: SIMD.i32x4AllTrue };

const FLOAT_BINARY: Table<BinaryOp> = {
  add: SIMD.f32x4Add,
  sub: SIMD.f32x4Sub,
  mul: SIMD.f32x4Mul,
  div: SIMD.f32x4Div,
  min: SIMD.f32x4Pmin,
  max: SIMD.f32x4Pmax,
  eq: SIMD.f32x4Eq,
  ne: SIMD.f32x4Ne,
  lt: SIMD.f32x4Lt,
  le: SIMD.f32x4Le,
  gt: SIMD.f32x4Gt,
  ge: SIMD.f32x4Ge,
};
const BITS_BINARY: Table<BinaryOp> = {
  and: SIMD.v128And,
  or: SIMD.v128Or,
  xor: SIMD.v128Xor,
  eq: SIMD.i32x4Eq,
  ne: SIMD.i32x4Ne,
};
const INTEGER_BINARY: Table<BinaryOp> = {
  ...BITS_BINARY,
  add: SIMD.i32x4Add,
  sub: SIMD.i32x4Sub,
  mul: SIMD.i32x4Mul,
};
const SIGNED: Table<BinaryOp> = {
  ...INTEGER_BINARY,
  min: SIMD.i32x4MinS,
  max: SIMD.i32x4MaxS,
  lt: SIMD.i32x4LtS,
  le: SIMD.i32x4LeS,
  gt: SIMD.i32x4GtS,
  ge: SIMD.i32x4GeS,
};
const UNSIGNED: Table<BinaryOp> = {
  ...INTEGER_BINARY,
  min: SIMD.i32x4MinU,
  max: SIMD.i32x4MaxU,
  lt: SIMD.i32x4LtU,
  le: SIMD.i32x4LeU,
  gt: SIMD.i32x4GtU,
  ge: SIMD.i32x4GeU,
};
const BINARY = { vec4f: FLOAT_BINARY, vec4i: SIGNED, vec4u: UNSIGNED, vec4b: BITS_BINARY };
const UNARY = { vec4f: FLOAT_UNARY, vec4i: INTEGER_UNARY, vec4u: INTEGER_UNARY, vec4b: MASK_UNARY };

export function packedUnary(w: Writer, { op, a }: Unary): void {
  const { code } = w;
  const type = a.type as keyof typeof UNARY;
  const direct = UNARY[type][op];
  if (direct !== undefined) {
    w.emit(a);
    code.simd(direct);
  } else if (op === 'countOneBits') {
    w.emit(a);
    code.simd(SIMD.i8x16Popcnt);
    code.simd(SIMD.i16x8ExtaddPairwiseI8x16U);
    code.simd(SIMD.i32x4ExtaddPairwiseI16x8U);
  } else if (op === 'countLeadingZeros' || op === 'countTrailingZeros') {
    const x = w.hold(a);
    byLane(w, (lane) => {
      code.get(x);
      code.lane(SIMD.i32x4ExtractLane, lane);
      code.op(op === 'countLeadingZeros' ? OP.i32Clz : OP.i32Ctz);
    });
    w.frame.release(x);
  } else {
    throw new Error(`no ${op} of ${type}`);
  }
}

export function packedBinary(w: Writer, e: Binary): void {
  const type = e.a.type as keyof typeof BINARY;
  const direct = BINARY[type][e.op];
  if (direct !== undefined) {
    w.emit(e.a);
    w.emit(e.b);
    w.code.simd(direct);
  } else if (e.op === 'shl' || e.op === 'shr') {
    shift(w, e, type === 'vec4i');
  } else if (e.op === 'div') {
    quotient(w, e.a, e.b, type === 'vec4i');
  } else if (e.op === 'rem') {
    if (type === 'vec4f') floatRemainder(w, e);
    else remainder(w, e.a, e.b, type === 'vec4i');
  } else {
    throw new Error(`no ${e.op} of ${type}`);
  }
}

/** x − y·trunc(x / y) */
function floatRemainder(w: Writer, e: Binary): void {
  const { code } = w;
  const x = w.hold(e.a);
  const y = w.hold(e.b);
  code.get(x);
  code.get(y);
  code.get(x);
  code.get(y);
  code.simd(SIMD.f32x4Div);
  code.simd(SIMD.f32x4Trunc);
  code.simd(SIMD.f32x4Mul);
  code.simd(SIMD.f32x4Sub);
  w.frame.release(x, y);
}

function shift(w: Writer, e: Binary, signed: boolean): void {
  const { code } = w;
  const count = sameForAll(e.b);
  if (count !== undefined) {
    w.emit(e.a);
    w.emit(count);
    code.simd(e.op === 'shl' ? SIMD.i32x4Shl : signed ? SIMD.i32x4ShrS : SIMD.i32x4ShrU);
    return;
  }
  const x = w.hold(e.a);
  const counts = w.hold(e.b);
  byLane(w, (lane) => {
    code.get(x);
    code.lane(SIMD.i32x4ExtractLane, lane);
    code.get(counts);
    code.lane(SIMD.i32x4ExtractLane, lane);
    code.op(e.op === 'shl' ? OP.i32Shl : signed ? OP.i32ShrS : OP.i32ShrU);
  });
  w.frame.release(x, counts);
}

/** The one scalar that fills all lanes, if that can be seen. */
function sameForAll(e: Expr): Expr | undefined {
  if (e.kind === 'splat') return e.a;
  if (e.kind === 'const') return { kind: 'const', type: 'u32', value: e.value };
  return e.type === 'u32' || e.type === 'i32' ? e : undefined;
}

/** Builds four i32 lanes; `value` puts that of a lane on the stack. */
function byLane(w: Writer, value: (lane: number) => void): void {
  value(0);
  w.code.simd(SIMD.i32x4Splat);
  for (let lane = 1; lane < 4; lane++) {
    value(lane);
    w.code.lane(SIMD.i32x4ReplaceLane, lane);
  }
}

export function packedConvert(w: Writer, { a, type: to }: Convert): void {
  const { code } = w;
  const from = a.type;
  w.emit(a);
  if (from === to) return;
  if (from === 'vec4b') {
    if (to !== 'vec4f') return code.simd(SIMD.i32x4Neg);
    code.splatBits(0x3f800000);
    code.simd(SIMD.v128And);
  } else if (to === 'vec4b') {
    code.splatBits(0);
    code.simd(from === 'vec4f' ? SIMD.f32x4Ne : SIMD.i32x4Ne);
  } else if (to === 'vec4f') {
    code.simd(from === 'vec4i' ? SIMD.f32x4ConvertI32x4S : SIMD.f32x4ConvertI32x4U);
  } else if (from === 'vec4f') {
    code.simd(to === 'vec4i' ? SIMD.i32x4TruncSatF32x4S : SIMD.i32x4TruncSatF32x4U);
  }
}

/** bool → vec4b: 0 − x in every lane. */
export function maskOf(w: Writer, value: Expr): void {
  w.code.int(0);
  w.emit(value);
  w.code.op(OP.i32Sub);
}

/** The lane's number is known only at run time: the four bytes are picked by a table index. */
export function extractAt(w: Writer, e: Extract<Expr, { kind: 'extractAt' }>): void {
  const { code } = w;
  w.emit(e.a);
  w.emit(e.lane);
  code.int(3);
  code.op(OP.i32And);
  code.int(0x04040404);
  code.op(OP.i32Mul);
  code.int(0x03020100);
  code.op(OP.i32Add);
  code.simd(SIMD.i32x4Splat);
  code.simd(SIMD.i8x16Swizzle);
  code.lane(e.type === 'f32' ? SIMD.f32x4ExtractLane : SIMD.i32x4ExtractLane, 0);
  if (e.type !== 'bool') return;
  code.int(1);
  code.op(OP.i32And);
}

export function insertAt(w: Writer, e: Extract<Expr, { kind: 'insertAt' }>): void {
  const { code } = w;
  if (e.type === 'vec4b') maskOf(w, e.value);
  else w.emit(e.value);
  code.simd(e.type === 'vec4f' ? SIMD.f32x4Splat : SIMD.i32x4Splat);
  w.emit(e.a);
  w.emit(e.lane);
  code.int(3);
  code.op(OP.i32And);
  code.simd(SIMD.i32x4Splat);
  code.vector(0, 1, 2, 3);
  code.simd(SIMD.i32x4Eq);
  code.simd(SIMD.v128Bitselect);
}

/** `select` of packed sides. */
export function packedSelect(w: Writer, e: Extract<Expr, { kind: 'select' }>): void {
  w.emit(e.yes);
  w.emit(e.no);
  w.emit(e.condition);
  if (e.condition.type === 'vec4b') w.code.simd(SIMD.v128Bitselect);
  else w.code.select(WASM.v128);
}
