/** Expressions, all but the operations on numbers. */
import { isPacked } from '../build.js';
import type { Expr, ScalarValueType } from '../ir.js';
import { floatBits } from './bytes.js';
import { address, emitGather, emitLoad, emitLoadLanes, emitLoadSplat } from './memory.js';
import { OP, SIMD, WASM } from './opcodes.js';
import { extractAt, insertAt, maskOf, packedBinary, packedConvert, packedSelect, packedUnary } from './packed.js';
import { scalarBinary, scalarBitcast, scalarConvert, scalarUnary } from './scalar.js';
import type { Writer } from './writer.js';

type Of<Kind> = Extract<Expr, { kind: Kind }>;
type Load = Of<'load'>;
type Lane = Of<'extract'>;
/** Expressions that say nothing of where locals and built-ins live. */
export type Computed = Exclude<Expr, { kind: 'local' | 'builtin' | 'base' }>;

const isConst = (e: Expr): e is Of<'const'> => e.kind === 'const';
const isExtract = (e: Expr): e is Lane => e.kind === 'extract';
/** Loads whose word is the lane as it stands. */
const isWordLoad = (e: Expr): e is Load => e.kind === 'load' && e.type !== 'bool';

export function emitComputed(w: Writer, e: Computed): void {
  const { code } = w;
  switch (e.kind) {
    case 'const':
      return emitConst(w, e);
    case 'param':
      return code.get(w.entry.param(e.word, e.type));
    case 'length':
      return code.get(w.entry.length(e.binding));
    case 'load':
      return emitLoad(w, e);
    case 'gather':
      return emitGather(w, e);
    case 'unary':
      return isPacked(e.a.type) ? packedUnary(w, e) : scalarUnary(w, e);
    case 'binary':
      return isPacked(e.a.type) ? packedBinary(w, e) : scalarBinary(w, e);
    case 'select':
      if (isPacked(e.type)) return packedSelect(w, e);
      w.emit(e.yes);
      w.emit(e.no);
      w.emit(e.condition);
      return code.select(e.type === 'f32' ? WASM.f32 : WASM.i32);
    case 'convert':
      return isPacked(e.type) ? packedConvert(w, e) : scalarConvert(w, e);
    case 'bitcast':
      return isPacked(e.type) ? w.emit(e.a) : scalarBitcast(w, e);
    case 'splat':
      return emitSplat(w, e.a);
    case 'compose':
      return emitCompose(w, e);
    case 'extract':
      w.emit(e.a);
      code.lane(e.type === 'f32' ? SIMD.f32x4ExtractLane : SIMD.i32x4ExtractLane, e.lane);
      if (e.type !== 'bool') return;
      code.int(1);
      return code.op(OP.i32And);
    case 'extractAt':
      return extractAt(w, e);
    case 'insert':
      return emitInsert(w, e);
    case 'insertAt':
      return insertAt(w, e);
    case 'shuffle':
      return emitShuffle(w, e);
    case 'subgroup':
      throw new Error(`line ${e.line}: subgroup operations need width 4`);
  }
}

function emitConst({ code }: Writer, { type, value }: Of<'const'>): void {
  if (type === 'f32') code.float32(value);
  else if (type === 'vec4f') code.splatBits(floatBits(value));
  else if (type === 'vec4b') code.splatBits(value ? -1 : 0);
  else if (isPacked(type)) code.splatBits(value);
  else code.int(value);
}

function emitSplat(w: Writer, a: Expr): void {
  if (a.kind === 'param') return w.code.get(w.entry.paramSplat(a.word));
  if (a.kind === 'base' && a.memory.kind === 'binding') return w.code.get(w.entry.baseSplat(a.memory.index));
  if (isWordLoad(a)) return emitLoadSplat(w, a);
  // One shuffle does what taking a lane out and splatting it takes two instructions for.
  if (a.kind === 'extract') return emitOneShuffled(w, a.a, [a.lane, a.lane, a.lane, a.lane]);
  emitLane(w, a);
  w.code.simd(a.type === 'f32' ? SIMD.f32x4Splat : SIMD.i32x4Splat);
}

/** A scalar as it stands in a lane. */
function emitLane(w: Writer, a: Expr): void {
  if (a.type === 'bool') maskOf(w, a);
  else w.emit(a);
}

const replaceLane = (type: ScalarValueType): number => (type === 'f32' ? SIMD.f32x4ReplaceLane : SIMD.i32x4ReplaceLane);

function emitCompose(w: Writer, { parts }: Of<'compose'>): void {
  const { code } = w;
  if (parts.every(isWordLoad)) return emitLoadLanes(w, parts);
  const constants = parts.filter(isConst);
  if (constants.length === 4) {
    const [a, b, c, d] = constants.map(({ type, value }) => (type === 'f32' ? floatBits(value) : value));
    code.vector(a, b, c, d);
    if (parts[0].type === 'bool') code.simd(SIMD.i32x4Neg);
    return;
  }
  const lanes = parts.filter(isExtract);
  if (lanes.length === 4) return emitLanes(w, lanes);
  emitSplat(w, parts[0]);
  for (const lane of [1, 2, 3]) {
    emitLane(w, parts[lane]);
    code.lane(replaceLane(scalarOf(parts[lane])), lane);
  }
}

/**
 * Lanes of several fours in a new one: two shuffles of pairs, and one of those. Pairs are picked in the way of a transposition of 4 × 4 (interleaved low or
 * high halves), so that four of these over the same fours have their pairs in common, and engines compute them once.
 */
function emitLanes(w: Writer, lanes: readonly Lane[]): void {
  const { code } = w;
  const places = [0, 2].flatMap((first) => {
    const [a, b] = lanes.slice(first, first + 2);
    w.emit(a.a);
    w.emit(b.a);
    const half = a.lane >> 1;
    if (half === b.lane >> 1) {
      code.shuffle(half === 0 ? [0, 4, 1, 5] : [2, 6, 3, 7]);
      return [2 * first + 2 * (a.lane & 1), 2 * first + 2 * (b.lane & 1) + 1];
    }
    code.shuffle([a.lane, b.lane + 4, a.lane, b.lane + 4]);
    return [2 * first, 2 * first + 1];
  });
  code.shuffle(places);
}

/** Of parts of packed fours, which are scalars. */
const scalarOf = (e: Expr): ScalarValueType => (e.type === 'f32' ? 'f32' : 'u32');

function emitInsert(w: Writer, e: Of<'insert'>): void {
  const { code } = w;
  if (isWordLoad(e.value)) {
    const offset = address(w, e.value);
    w.emit(e.a);
    code.laneAccess(SIMD.v128Load32Lane, offset, e.lane);
    return;
  }
  w.emit(e.a);
  emitLane(w, e.value);
  code.lane(replaceLane(scalarOf(e.value)), e.lane);
}

function emitShuffle(w: Writer, e: Of<'shuffle'>): void {
  if (e.a === e.b) return emitOneShuffled(w, e.a, e.lanes);
  w.emit(e.a);
  w.emit(e.b);
  w.code.shuffle(e.lanes);
}

function emitOneShuffled(w: Writer, e: Expr, lanes: readonly number[]): void {
  const { code } = w;
  const a = w.hold(e);
  code.get(a);
  code.get(a);
  w.frame.release(a);
  code.shuffle(lanes);
}
