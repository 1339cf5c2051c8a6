/** Making composites, and taking components of vectors. */
import { compose, extract, shuffle, splat } from '../build.js';
import type { Place as TextPlace } from '../error.js';
import type { Expr } from '../ir.js';
import type { MatrixType, Type } from '../types.js';
import { vectorOf } from '../types.js';
import { zero, type Context } from './context.js';
import { isLeaf, isPackedVector, leafOf, partCount, type Lowered } from './value.js';

/** `T(…)`: no arguments mean zero. */
export function construct(cx: Context, type: Type, parts: readonly Lowered[], at: TextPlace): Lowered {
  if (parts.length === 0) return zero(cx, type, at);
  switch (type.kind) {
    case 'vector':
      return vector(cx, type.size, parts);
    case 'matrix':
      return matrix(cx, type, parts);
    case 'array':
    case 'struct':
      return parts;
    default:
      return parts[0];
  }
}

function vector(cx: Context, size: number, parts: readonly Lowered[]): Lowered {
  const packed = cx.packed && size === 4;
  if (parts.length === 1) {
    const [only] = parts;
    if (!isLeaf(only)) return only;
    if (packed) return splat(only);
    const value = cx.out.let(only);
    return Array.from({ length: size }, () => value);
  }
  const components = parts.flatMap((part) => componentsOf(cx, part));
  if (!packed) return components;
  const [x, y, z, w] = components;
  return compose([x, y, z, w]);
}

/** From columns, from numbers, or from another matrix. */
function matrix(cx: Context, type: MatrixType, parts: readonly Lowered[]): Lowered {
  if (parts.length === 1 && type.columns > 1) return parts[0];
  if (parts.length === type.columns) return parts;
  const column = vectorOf(type.rows, type.element);
  return Array.from({ length: type.columns }, (_, c) =>
    vector(cx, partCount(column), parts.slice(c * type.rows, (c + 1) * type.rows)),
  );
}

/** The scalars of a scalar or vector. */
export function componentsOf(cx: Context, value: Lowered): readonly Expr[] {
  if (!isLeaf(value)) return value.map(leafOf);
  if (value.type.length < 5) return [value];
  const four = cx.out.let(value);
  return [extract(four, 0), extract(four, 1), extract(four, 2), extract(four, 3)];
}

/** Some components of a vector, in any order: a scalar if it is one. */
export function shuffled(cx: Context, value: Lowered, components: readonly number[]): Lowered {
  const [x, y, z, w] = components;
  if (components.length === 1) return isLeaf(value) ? extract(value, x) : value[x];
  if (isLeaf(value)) {
    const four = cx.out.let(value);
    return components.length === 4
      ? shuffle(four, four, [x, y, z, w])
      : components.map((component) => extract(four, component));
  }
  const kept = value.map((part) => cx.out.let(leafOf(part)));
  const chosen = components.map((component) => kept[component]);
  return cx.packed && components.length === 4 ? compose([chosen[0], chosen[1], chosen[2], chosen[3]]) : chosen;
}

/** A vector out of scalars, packed if vectors of its size are. */
export function vectorFrom(cx: Context, type: Type, components: readonly Expr[]): Lowered {
  if (!isPackedVector(type, cx.packed)) return components;
  const [x, y, z, w] = components;
  return compose([x, y, z, w]);
}
