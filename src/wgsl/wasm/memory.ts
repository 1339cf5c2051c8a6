/** Loads and stores. bool is a word of 0 or 1 in memory; a packed four is four words in a row. */
import { isPacked } from '../build.js';
import type { Expr, Memory, Stmt } from '../ir.js';
import { OP, SIMD, WASM } from './opcodes.js';
import type { Writer } from './writer.js';

type Load = Extract<Expr, { kind: 'load' }>;
type Gather = Extract<Expr, { kind: 'gather' }>;
type Store = Extract<Stmt, { kind: 'store' }>;
type Scatter = Extract<Stmt, { kind: 'scatter' }>;
interface Access {
  readonly memory: Memory;
  readonly index: Expr;
  readonly bytes?: true;
}

/** Constants below this may go into an instruction's offset: memories lie that far up, so what is left of the address cannot fall below 0. */
const MAX_OFFSET = 65536;
const LANES = [0, 1, 2, 3] as const;

/** Puts the address of a load or store on the stack, all but the offset, which it gives. */
export function address(w: Writer, access: Access): number {
  const { code } = w;
  if (access.bytes) {
    const { rest, constant } = split(access.index, 0);
    if (rest) w.emit(rest);
    else code.int(0);
    return constant;
  }
  const shift = indexShift(w, access.memory);
  const origin = w.origin(access.memory);
  const { rest, constant } = split(access.index, shift);
  code.get(origin.local);
  if (rest) {
    scaled(w, rest, shift);
    code.op(OP.i32Add);
  }
  return origin.offset + constant;
}

/** Bytes of an element of an index, as a power of two: with width 4, those of private memory are fours of words. */
const indexShift = (w: Writer, memory: Memory): number => (memory.kind === 'private' && w.ir.width === 4 ? 4 : 2);

interface Split {
  /** Undefined: nothing but the constant. */
  readonly rest: Expr | undefined;
  /** In bytes. */
  readonly constant: number;
}

/** Takes what is constant out of an index (scalar or packed). */
function split(index: Expr, shift: number): Split {
  const small = (value: number): boolean => value * 2 ** shift < MAX_OFFSET;
  if (index.kind === 'const' && small(index.value)) return { rest: undefined, constant: index.value << shift };
  if (index.kind === 'binary' && index.op === 'add' && index.b.kind === 'const' && small(index.b.value))
    return { rest: index.a, constant: index.b.value << shift };
  return { rest: index, constant: 0 };
}

/** index << shift, where a shift or a constant factor takes the scale in. */
function scaled(w: Writer, index: Expr, shift: number): void {
  const { code } = w;
  if (index.kind === 'const') return code.int(index.value << shift);
  if (index.kind === 'binary' && index.b.kind === 'const') {
    const by = index.b.value;
    if (index.op === 'mul' || (index.op === 'shl' && by + shift < 32)) {
      w.emit(index.a);
      code.int(index.op === 'mul' ? by << shift : by + shift);
      code.op(index.op === 'mul' ? OP.i32Mul : OP.i32Shl);
      return;
    }
  }
  w.emit(index);
  code.int(shift);
  code.op(OP.i32Shl);
}

export function emitLoad(w: Writer, e: Load): void {
  const { code } = w;
  const offset = address(w, e);
  if (!isPacked(e.type)) return code.access(e.type === 'f32' ? OP.f32Load : OP.i32Load, offset);
  code.simdAccess(SIMD.v128Load, offset);
  if (e.type === 'vec4b') maskFromWords(w);
}

/** A word in all four lanes. */
export function emitLoadSplat(w: Writer, e: Load): void {
  w.code.simdAccess(SIMD.v128Load32Splat, address(w, e));
}

/** Four loads as one packed four: addresses go below the vector that grows lane by lane. */
export function emitLoadLanes(w: Writer, loads: readonly Load[]): void {
  const offsets = [...loads].reverse().map((e) => address(w, e));
  loadLanes(w, offsets.reverse());
}

export function emitGather(w: Writer, e: Gather): void {
  const { code, frame } = w;
  const mask = e.mask && w.hold(e.mask);
  // Lanes outside of the mask read the memory's first word instead; no offset may lead them past its end.
  const { addresses, offset, step } = laneAddresses(w, e, mask);
  for (const lane of [3, 2, 1, 0]) {
    code.get(addresses);
    code.lane(SIMD.i32x4ExtractLane, lane);
  }
  loadLanes(
    w,
    LANES.map((lane) => offset + step * lane),
  );
  if (e.type === 'vec4b') maskFromWords(w);
  if (mask !== undefined) {
    code.get(mask);
    code.simd(SIMD.v128And);
    frame.release(mask);
  }
  frame.release(addresses);
}

/** Addresses are on the stack, that of lane 0 on top. */
function loadLanes({ code }: Writer, offsets: readonly number[]): void {
  code.simdAccess(SIMD.v128Load32Zero, offsets[0]);
  for (const lane of [1, 2, 3]) code.laneAccess(SIMD.v128Load32Lane, offsets[lane], lane);
}

interface LaneAddresses {
  /** A local with four addresses. */
  readonly addresses: number;
  readonly offset: number;
  /** Lane l's access lies l steps further. */
  readonly step: number;
}

/** With a mask, lanes outside of it get the address of the memory's first word. */
function laneAddresses(w: Writer, access: Access, mask: number | undefined): LaneAddresses {
  const { code, frame } = w;
  const shift = indexShift(w, access.memory);
  const origin = w.origin(access.memory);
  const whole = { rest: access.index, constant: 0 };
  const { rest, constant } = mask === undefined ? split(access.index, access.bytes ? 0 : shift) : whole;
  const base = (): void => {
    if (origin.splat) return code.get(origin.splat());
    code.get(origin.local);
    code.simd(SIMD.i32x4Splat);
  };
  let { offset } = origin;
  if (access.bytes) {
    offset = 0;
    if (rest) w.emit(rest);
    else code.splatBits(0);
    if (mask !== undefined) {
      base();
      code.get(mask);
      code.simd(SIMD.v128Bitselect);
    }
  } else {
    base();
    if (rest) {
      w.emit(rest);
      code.int(shift);
      code.simd(SIMD.i32x4Shl);
      if (mask !== undefined) {
        code.get(mask);
        code.simd(SIMD.v128And);
      }
      code.simd(SIMD.i32x4Add);
    }
  }
  const addresses = frame.temporary(WASM.v128);
  code.set(addresses);
  return { addresses, offset: offset + constant, step: shift === 4 ? 4 : 0 };
}

/** Words of 0 and 1 → all zeros and all ones. */
function maskFromWords({ code }: Writer): void {
  code.splatBits(0);
  code.simd(SIMD.i32x4Ne);
}

/** The value as it stands in memory. */
function emitStored(w: Writer, value: Expr): void {
  w.emit(value);
  if (value.type === 'vec4b') w.code.simd(SIMD.i32x4Neg);
}

export function emitStore(w: Writer, s: Store): void {
  const { code } = w;
  const offset = address(w, s);
  emitStored(w, s.value);
  if (isPacked(s.value.type)) code.simdAccess(SIMD.v128Store, offset);
  else code.access(s.value.type === 'f32' ? OP.f32Store : OP.i32Store, offset);
}

export function emitScatter(w: Writer, s: Scatter): void {
  const { code, frame } = w;
  const value = frame.temporary(WASM.v128);
  emitStored(w, s.value);
  code.set(value);
  const { addresses, offset, step } = laneAddresses(w, s, undefined);
  let bits: number | undefined;
  if (s.mask) {
    bits = frame.temporary(WASM.i32);
    w.emit(s.mask);
    code.simd(SIMD.i32x4Bitmask);
    code.set(bits);
  }
  for (const lane of LANES) {
    if (bits !== undefined) {
      code.get(bits);
      code.int(1 << lane);
      code.op(OP.i32And);
      code.open(OP.if);
    }
    code.get(addresses);
    code.lane(SIMD.i32x4ExtractLane, lane);
    code.get(value);
    code.laneAccess(SIMD.v128Store32Lane, offset + step * lane, lane);
    if (bits !== undefined) code.end();
  }
  frame.release(value, addresses);
  if (bits !== undefined) frame.release(bits);
}
