/** Loads and stores of WGSL's types, in words. */
import {
  add,
  bitcast,
  compose,
  convert,
  load,
  ne,
  store,
  typeLike,
  u32,
  constant,
  loop,
  branch,
  set,
  read,
  lt,
  when,
} from '../build.js';
import type { Place as TextPlace } from '../error.js';
import type { Expr, Memory, ValueType } from '../ir.js';
import type { ArrayType, MatrixType, StructType, Type } from '../types.js';
import { unsupported, type Context } from './context.js';
import { alignWords, scalarValueType, strideWords } from './layout.js';
import { isLeaf, isPackedVector, leafOf, partCount, partsOf, partType, shapeOf, type Lowered } from './value.js';

/** Words from the begin of a composite to one of its parts. */
export function partOffset(type: Type, index: number): number {
  switch (type.kind) {
    case 'vector':
      return index;
    case 'struct':
      return type.members[index].offset / 4;
    default:
      return index * partStride(type);
  }
}

/** Words between neighbouring components, columns or elements. */
export function partStride(type: Type): number {
  if (type.kind === 'array') return strideWords(type);
  return type.kind === 'matrix' ? alignWords(type) : 1;
}

export function loadValue(cx: Context, memory: Memory, index: Expr, type: Type, at: TextPlace): Lowered {
  if (type.kind === 'scalar' || isPackedVector(type, cx.packed)) {
    const leaf = shapeOf(type, cx.packed, at) as ValueType;
    if (leaf !== 'bool' && leaf !== 'vec4b') return load(memory, index, leaf, at.line);
    // Memory holds bools as 0 and 1.
    const words = load(memory, index, typeLike(leaf, 'u32'), at.line);
    return ne(words, constant(words.type, 0));
  }
  composite(type, at);
  const first = cx.out.let(index, 'at');
  return Array.from({ length: partCount(type) }, (_, i) =>
    loadValue(cx, memory, add(first, u32(partOffset(type, i))), partType(type, i), at),
  );
}

/** A composite value must be kept (see `Emitter.keep`) if it may depend on this very memory. */
export function storeValue(cx: Context, memory: Memory, index: Expr, value: Lowered, type: Type, at: TextPlace): void {
  if (isLeaf(value)) {
    scalarOnly(type, at);
    const words = value.type === 'bool' || value.type === 'vec4b' ? convert('u32', value) : value;
    cx.out.emit(store(memory, index, words, at.line));
    return;
  }
  composite(type, at);
  const first = cx.out.let(index, 'at');
  partsOf(value).forEach((part, i) => {
    storeValue(cx, memory, add(first, u32(partOffset(type, i))), part, partType(type, i), at);
  });
}

/** Zeros in the whole of an invocation's array. */
export function clear(cx: Context, memory: Memory & { readonly kind: 'private' }, at: TextPlace): void {
  const { words } = memory;
  const zero = u32(0);
  if (words <= 16) {
    for (let i = 0; i < words; i++) cx.out.emit(store(memory, u32(i), zero, at.line));
    return;
  }
  const i = cx.out.fresh.local('i', 'u32', true);
  const label = cx.out.fresh.label();
  const next = add(read(i), u32(1));
  const again = when(lt(read(i), u32(words)), [branch(label)]);
  cx.out.emit(set(i, zero), loop(label, [store(memory, read(i), zero, at.line), set(i, next), ...again]));
}

/** A member of the uniform block. */
export function readUniform(cx: Context, word: number, type: Type, at: TextPlace): Lowered {
  if (type.kind === 'scalar') {
    const leaf = scalarValueType(type, at);
    if (leaf === 'bool') return unsupported('bool in a uniform block', at);
    return { kind: 'param', type: leaf, word };
  }
  composite(type, at);
  const parts = Array.from({ length: partCount(type) }, (_, i) =>
    readUniform(cx, word + partOffset(type, i), partType(type, i), at),
  );
  if (!isPackedVector(type, cx.packed)) return parts;
  const [x, y, z, w] = parts.map(leafOf);
  return compose([x, y, z, w]);
}

function scalarOnly(type: Type, at: TextPlace): void {
  if (type.kind !== 'scalar' && type.kind !== 'vector') unsupported(`storing a ${type.kind}`, at);
}

function composite(
  type: Type,
  at: TextPlace,
): asserts type is ArrayType | MatrixType | StructType | (Type & { kind: 'vector' }) {
  if (type.kind === 'atomic') unsupported('atomic memory', at);
  if (type.kind === 'array' && type.count === undefined) unsupported('a whole runtime-sized array', at);
}

export const asIndex = (e: Expr): Expr => (e.type === 'i32' ? bitcast('u32', e) : e);
