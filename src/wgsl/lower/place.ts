/** References: what a variable, binding or pointer names, or a part of it; to be read and written. */
import { add, eq, insertAt, extractAt, isConst, load, mul, read as readLocal, select, set, u32 } from '../build.js';
import type { Place as TextPlace } from '../error.js';
import type { Expr, Local, Memory } from '../ir.js';
import type { Type } from '../types.js';
import { unsupported, type Context } from './context.js';
import { loadValue, partOffset, partStride, readUniform, storeValue } from './memory.js';
import { isLeaf, leafOf, partCount, partsOf, partType, readAll, type Locals, type Lowered } from './value.js';

export type Place = { readonly type: Type } & (
  | { readonly kind: 'locals'; readonly locals: Locals }
  /** A component of a packed local. */
  | { readonly kind: 'lane'; readonly local: Local; readonly lane: Expr }
  /** One of several locals, by number. */
  | { readonly kind: 'choice'; readonly locals: readonly Local[]; readonly index: Expr }
  | { readonly kind: 'memory'; readonly memory: Memory; readonly index: Expr }
  | { readonly kind: 'uniform'; readonly word: number }
);

export function readPlace(cx: Context, place: Place, at: TextPlace): Lowered {
  switch (place.kind) {
    case 'locals':
      return readAll(place.locals);
    case 'lane':
      return extractAt(readLocal(place.local), place.lane);
    case 'choice':
      return pick(cx, place.locals.map(readLocal), place.index);
    case 'memory':
      return loadValue(cx, place.memory, place.index, place.type, at);
    case 'uniform':
      return readUniform(cx, place.word, place.type, at);
  }
}

export function writePlace(cx: Context, place: Place, value: Lowered, at: TextPlace): void {
  switch (place.kind) {
    case 'locals':
      cx.out.assign(place.locals, value);
      return;
    case 'lane':
      cx.out.emit(set(place.local, insertAt(readLocal(place.local), place.lane, leafOf(value))));
      return;
    case 'choice': {
      const index = cx.out.let(place.index);
      const kept = cx.out.let(leafOf(value));
      place.locals.forEach((local, i) => {
        cx.out.emit(set(local, select(eq(index, u32(i)), kept, readLocal(local))));
      });
      return;
    }
    case 'memory': {
      // All of a composite is read before the first part of it is written.
      const ready = isLeaf(value) ? value : cx.out.keep(value);
      storeValue(cx, place.memory, place.index, ready, place.type, at);
      return;
    }
    case 'uniform':
      unsupported('writing to a uniform block', at);
  }
}

/** A part by number: a member, component, column or element. */
export function partOf(place: Place, index: number, at: TextPlace): Place {
  const type = partType(place.type, index);
  switch (place.kind) {
    case 'locals':
      return isLeaf(place.locals)
        ? { kind: 'lane', type, local: place.locals, lane: u32(index) }
        : { kind: 'locals', type, locals: place.locals[index] };
    case 'memory':
      return { ...place, type, index: add(place.index, u32(partOffset(place.type, index))) };
    case 'uniform':
      return { ...place, type, word: place.word + partOffset(place.type, index) };
    default:
      return unsupported('a part of a component', at);
  }
}

/** A part by a number known at run time. */
export function partAt(cx: Context, place: Place, index: Expr, at: TextPlace): Place {
  const type = partType(place.type, 0);
  if (place.kind === 'memory') {
    const which = cx.checked ? cx.out.let(index) : index;
    // The bounds of a whole variable are its memory's.
    if (!isConst(place.index, 0)) checkIndex(cx, which, partCount(place.type));
    const offset = mul(which, u32(partStride(place.type)));
    return { ...place, type, index: add(place.index, offset) };
  }
  if (place.kind !== 'locals') return unsupported('this index', at);
  checkIndex(cx, index, partCount(place.type));
  if (isLeaf(place.locals)) return { kind: 'lane', type, local: place.locals, lane: index };
  return { kind: 'choice', type, locals: place.locals.map(leafOf), index };
}

/** Lets a run with checks find a number that is out of range. */
function checkIndex(cx: Context, index: Expr, count: number): void {
  if (!cx.checked || count === 0 || isConst(index)) return;
  cx.out.let(load(cx.memories.bounds(count), index, 'u32', cx.out.line ?? 0), 'checked');
}

/** One of several values by a number known at run time; the last for numbers out of range. */
export function pick(cx: Context, values: readonly Lowered[], index: Expr): Lowered {
  const which = cx.out.let(index);
  checkIndex(cx, which, values.length);
  let result = values[values.length - 1];
  for (let i = values.length - 2; i >= 0; i--) result = choose(eq(which, u32(i)), values[i], result);
  return result;
}

function choose(condition: Expr, yes: Lowered, no: Lowered): Lowered {
  if (isLeaf(yes)) return select(condition, yes, leafOf(no));
  const others = partsOf(no);
  return yes.map((part, i) => choose(condition, part, others[i]));
}

/** The same place, with its index computed now: what happens later cannot move it. */
export function pin(cx: Context, place: Place): Place {
  switch (place.kind) {
    case 'memory':
      return { ...place, index: cx.out.let(place.index, 'at') };
    case 'lane':
      return { ...place, lane: cx.out.let(place.lane, 'lane') };
    case 'choice':
      return { ...place, index: cx.out.let(place.index, 'at') };
    default:
      return place;
  }
}

export const wholeOf = (memory: Memory, type: Type): Place => ({ kind: 'memory', type, memory, index: u32(0) });
