/** Integer division of packed fours, which WebAssembly lacks: through f64, whose quotient of two 32-bit integers truncates exactly. */
import type { Expr } from '../ir.js';
import { SIMD, WASM } from './opcodes.js';
import type { Writer } from './writer.js';

const INT_MIN = 0x80000000;

export function quotient(w: Writer, a: Expr, b: Expr, signed: boolean): void {
  const { code, frame } = w;
  const shift = signed ? undefined : powerOfTwo(b);
  if (shift !== undefined) {
    w.emit(a);
    code.int(shift);
    code.simd(SIMD.i32x4ShrU);
    return;
  }
  const x = w.hold(a);
  const y = divisor(w, x, b, signed);
  divideHalves(w, x, y, signed);
  frame.release(x, y);
}

export function remainder(w: Writer, a: Expr, b: Expr, signed: boolean): void {
  const { code, frame } = w;
  const shift = signed ? undefined : powerOfTwo(b);
  if (shift !== undefined) {
    w.emit(a);
    code.splatBits(2 ** shift - 1);
    code.simd(SIMD.v128And);
    return;
  }
  const x = w.hold(a);
  const y = divisor(w, x, b, signed);
  code.get(x);
  divideHalves(w, x, y, signed);
  code.get(y);
  code.simd(SIMD.i32x4Mul);
  code.simd(SIMD.i32x4Sub);
  frame.release(x, y);
}

function powerOfTwo(e: Expr): number | undefined {
  if (e.kind !== 'const' || e.value <= 0 || (e.value & (e.value - 1)) !== 0) return undefined;
  return 31 - Math.clz32(e.value);
}

/** The divisor with 1 in its place where it is 0, and where −2³¹ is divided by −1: WGSL's results are those of a division by 1. */
function divisor(w: Writer, x: number, b: Expr, signed: boolean): number {
  const { code, frame } = w;
  if (b.kind === 'const' && b.value !== 0 && !(signed && b.value === -1)) return w.hold(b);
  if (!signed && b.kind === 'splat' && b.a.kind === 'param') return w.entry.divisorSplat(b.a.word);
  const given = w.hold(b);
  code.get(given);
  code.get(given);
  code.splatBits(0);
  code.simd(SIMD.i32x4Eq);
  // A mask is −1 as a number: 0 − (−1) = 1.
  code.simd(SIMD.i32x4Sub);
  if (signed) {
    code.get(given);
    code.splatBits(-1);
    code.simd(SIMD.i32x4Eq);
    code.get(x);
    code.splatBits(INT_MIN);
    code.simd(SIMD.i32x4Eq);
    code.simd(SIMD.v128And);
    // −1 − 2·(−1) = 1.
    code.int(1);
    code.simd(SIMD.i32x4Shl);
    code.simd(SIMD.i32x4Sub);
  }
  frame.release(given);
  const safe = frame.temporary(WASM.v128);
  code.set(safe);
  return safe;
}

function divideHalves(w: Writer, x: number, y: number, signed: boolean): void {
  const { code } = w;
  const convert = signed ? SIMD.f64x2ConvertLowI32x4S : SIMD.f64x2ConvertLowI32x4U;
  const truncate = signed ? SIMD.i32x4TruncSatF64x2SZero : SIMD.i32x4TruncSatF64x2UZero;
  for (const high of [false, true]) {
    for (const operand of [x, y]) {
      code.get(operand);
      if (high) {
        code.get(operand);
        code.shuffle([2, 3, 2, 3]);
      }
      code.simd(convert);
    }
    code.simd(SIMD.f64x2Div);
    code.simd(truncate);
  }
  code.shuffle([0, 1, 4, 5]);
}
