/** Operations on f32, i32, u32 and bool. */
import type { BinaryOp, Expr, UnaryOp } from '../ir.js';
import { MISC, OP, SIMD, WASM } from './opcodes.js';
import type { Writer } from './writer.js';

type Unary = Extract<Expr, { kind: 'unary' }>;
type Binary = Extract<Expr, { kind: 'binary' }>;
type Convert = Extract<Expr, { kind: 'convert' }>;
type Table<Op extends string> = Readonly<Partial<Record<Op, number>>>;

const F32_UNARY: Table<UnaryOp> = {
  neg: OP.f32Neg,
  abs: OP.f32Abs,
  sqrt: OP.f32Sqrt,
  floor: OP.f32Floor,
  ceil: OP.f32Ceil,
  trunc: OP.f32Trunc,
  nearest: OP.f32Nearest,
};
const INTEGER_UNARY: Table<UnaryOp> = {
  countOneBits: OP.i32Popcnt,
  countLeadingZeros: OP.i32Clz,
  countTrailingZeros: OP.i32Ctz,
};
const F32_BINARY: Table<BinaryOp> = {
  add: OP.f32Add,
  sub: OP.f32Sub,
  mul: OP.f32Mul,
  div: OP.f32Div,
  eq: OP.f32Eq,
  ne: OP.f32Ne,
  lt: OP.f32Lt,
  le: OP.f32Le,
  gt: OP.f32Gt,
  ge: OP.f32Ge,
};
const INTEGER_BINARY: Table<BinaryOp> = {
  add: OP.i32Add,
  sub: OP.i32Sub,
  mul: OP.i32Mul,
  and: OP.i32And,
  or: OP.i32Or,
  xor: OP.i32Xor,
  shl: OP.i32Shl,
  eq: OP.i32Eq,
  ne: OP.i32Ne,
};
const SIGNED: Table<BinaryOp> = {
  ...INTEGER_BINARY,
  shr: OP.i32ShrS,
  lt: OP.i32LtS,
  le: OP.i32LeS,
  gt: OP.i32GtS,
  ge: OP.i32GeS,
};
const UNSIGNED: Table<BinaryOp> = {
  ...INTEGER_BINARY,
  shr: OP.i32ShrU,
  lt: OP.i32LtU,
  le: OP.i32LeU,
  gt: OP.i32GtU,
  ge: OP.i32GeU,
};

export function scalarUnary(w: Writer, { op, type, a }: Unary): void {
  const { code } = w;
  const direct = (type === 'f32' ? F32_UNARY : INTEGER_UNARY)[op];
  if (direct !== undefined) {
    w.emit(a);
    code.op(direct);
  } else if (op === 'not') {
    w.emit(a);
    if (type === 'bool') return code.op(OP.i32Eqz);
    code.int(-1);
    code.op(OP.i32Xor);
  } else if (op === 'neg') {
    code.int(0);
    w.emit(a);
    code.op(OP.i32Sub);
  } else if (op === 'abs') {
    integerAbs(w, a);
  } else {
    throw new Error(`no ${op} of ${type}`);
  }
}

/** (x ^ sign) − sign with sign = x >> 31. */
function integerAbs(w: Writer, a: Expr): void {
  const { code, frame } = w;
  const x = w.hold(a);
  code.get(x);
  code.int(31);
  code.op(OP.i32ShrS);
  const sign = frame.temporary(WASM.i32);
  code.set(sign);
  code.get(sign);
  code.get(x);
  code.op(OP.i32Xor);
  code.get(sign);
  code.op(OP.i32Sub);
  frame.release(x, sign);
}

export function scalarBinary(w: Writer, e: Binary): void {
  const type = e.a.type;
  const direct = (type === 'f32' ? F32_BINARY : type === 'i32' ? SIGNED : UNSIGNED)[e.op];
  if (direct !== undefined) {
    w.emit(e.a);
    w.emit(e.b);
    w.code.op(direct);
  } else if (e.op === 'div' || e.op === 'rem') {
    if (type === 'f32') floatRemainder(w, e);
    else divide(w, e.op, type === 'i32', e.a, e.b);
  } else if (e.op === 'min' || e.op === 'max') {
    if (type === 'f32') floatExtreme(w, e);
    else integerExtreme(w, e);
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
  code.op(OP.f32Div);
  code.op(OP.f32Trunc);
  code.op(OP.f32Mul);
  code.op(OP.f32Sub);
  w.frame.release(x, y);
}

/** By the packed instructions: no branch, and with NaN and −0 the same result as in a packed four. */
function floatExtreme(w: Writer, e: Binary): void {
  const { code } = w;
  for (const operand of [e.a, e.b]) {
    w.emit(operand);
    code.simd(SIMD.f32x4Splat);
  }
  code.simd(e.op === 'min' ? SIMD.f32x4Pmin : SIMD.f32x4Pmax);
  code.lane(SIMD.f32x4ExtractLane, 0);
}

function integerExtreme(w: Writer, e: Binary): void {
  const { code } = w;
  const x = w.hold(e.a);
  const y = w.hold(e.b);
  code.get(x);
  code.get(y);
  code.get(x);
  code.get(y);
  if (e.a.type === 'i32') code.op(e.op === 'min' ? OP.i32LtS : OP.i32GtS);
  else code.op(e.op === 'min' ? OP.i32LtU : OP.i32GtU);
  code.select(WASM.i32);
  w.frame.release(x, y);
}

/** WebAssembly traps at a divisor of 0 and at −2³¹ / −1; WGSL gives x (and 0 as the remainder), which is what dividing by 1 gives. */
function divide(w: Writer, op: 'div' | 'rem', signed: boolean, a: Expr, b: Expr): void {
  const { code, frame } = w;
  const instruction = signed ? (op === 'div' ? OP.i32DivS : OP.i32RemS) : op === 'div' ? OP.i32DivU : OP.i32RemU;
  if (b.kind === 'const' && b.value !== 0 && b.value !== -1) {
    w.emit(a);
    divideByConstant(w, op, signed, b.value);
    return;
  }
  if (signed && op === 'div') {
    const x = w.hold(a);
    const y = w.hold(b);
    code.get(x);
    code.int(1);
    code.get(y);
    code.get(y);
    code.op(OP.i32Eqz);
    code.get(y);
    code.int(-1);
    code.op(OP.i32Eq);
    code.get(x);
    code.int(-0x80000000);
    code.op(OP.i32Eq);
    code.op(OP.i32And);
    code.op(OP.i32Or);
    code.select(WASM.i32);
    code.op(instruction);
    frame.release(x, y);
    return;
  }
  w.emit(a);
  if (b.kind === 'param') {
    code.get(w.entry.divisor(b.word));
  } else {
    const y = w.hold(b);
    code.get(y);
    code.get(y);
    code.op(OP.i32Eqz);
    // y is 0 where the comparison gives 1. (A signed remainder by 0 becomes one by 1, too.)
    code.op(OP.i32Or);
    frame.release(y);
  }
  code.op(instruction);
}

/** The dividend is on the stack. */
function divideByConstant({ code }: Writer, op: 'div' | 'rem', signed: boolean, divisor: number): void {
  const powerOfTwo = !signed && (divisor & (divisor - 1)) === 0;
  if (powerOfTwo) {
    code.int(op === 'div' ? 31 - Math.clz32(divisor) : divisor - 1);
    code.op(op === 'div' ? OP.i32ShrU : OP.i32And);
    return;
  }
  code.int(divisor);
  if (op === 'div') code.op(signed ? OP.i32DivS : OP.i32DivU);
  else code.op(signed ? OP.i32RemS : OP.i32RemU);
}

export function scalarConvert(w: Writer, { a, type: to }: Convert): void {
  const { code } = w;
  const from = a.type;
  w.emit(a);
  if (from === to) return;
  if (to === 'f32') {
    code.op(from === 'i32' ? OP.f32ConvertI32S : OP.f32ConvertI32U);
  } else if (to === 'bool') {
    if (from === 'f32') code.float32(0);
    else code.int(0);
    code.op(from === 'f32' ? OP.f32Ne : OP.i32Ne);
  } else if (from === 'f32') {
    code.misc(to === 'i32' ? MISC.i32TruncSatF32S : MISC.i32TruncSatF32U);
  }
}

/** bool has the bits of −1 and 0, as a lane of vec4b has. */
export function scalarBitcast(w: Writer, { a, type: to }: Extract<Expr, { kind: 'bitcast' }>): void {
  const { code } = w;
  if (a.type === 'bool' && to !== 'bool') {
    code.int(0);
    w.emit(a);
    code.op(OP.i32Sub);
    if (to === 'f32') code.op(OP.f32ReinterpretI32);
    return;
  }
  w.emit(a);
  if (a.type === 'f32' && to !== 'f32') code.op(OP.i32ReinterpretF32);
  if (a.type !== 'f32' && to === 'f32') code.op(OP.f32ReinterpretI32);
  if (a.type !== 'bool' && to === 'bool') {
    code.int(0);
    code.op(OP.i32Ne);
  }
}
