/** Builtin functions of whole vectors and matrices. */
import type { Expression } from '../ast.js';
import { abs, constant, div, lt, mul, neg, or, select, shl, shr, splat, sqrt, sub, u32 } from '../build.js';
import type { Expr } from '../ir.js';
import { fromHalf, toHalf } from '../math/half.js';
import { vectorOf } from '../types.js';
import { componentsOf, vectorFrom } from './construct.js';
import type { Context } from './context.js';
import { dotOf } from './matrix.js';
import { isLeaf, leafOf, mapLeaves, partsOf, zipLeaves, type Lowered } from './value.js';

/** Undefined: there is no such function here. */
export function geometric(
  cx: Context,
  e: Expression & { readonly kind: 'builtin' },
  args: readonly Lowered[],
): Lowered | undefined {
  const [a, b, c] = args.map((arg) => cx.out.keep(arg));
  switch (e.name) {
    case 'dot':
      return dot(cx, a, b);
    case 'length':
      return lengthOf(cx, a);
    case 'distance':
      return lengthOf(cx, cx.out.keep(zipLeaves(a, b, sub)));
    case 'normalize':
      return scale(a, cx.out.let(lengthOf(cx, a)), div);
    case 'cross': {
      const [x, y, z] = componentsOf(cx, a);
      const [u, v, w] = componentsOf(cx, b);
      return [sub(mul(y, w), mul(z, v)), sub(mul(z, u), mul(x, w)), sub(mul(x, v), mul(y, u))];
    }
    case 'reflect': {
      const twice = mul(constant('f32', 2), dot(cx, b, a));
      return zipLeaves(a, scale(b, cx.out.let(twice), mul), sub);
    }
    case 'faceForward': {
      const faces = cx.out.let(lt(dot(cx, b, c), constant('f32', 0)));
      return mapLeaves(a, (x) => select(faces, x, neg(x)));
    }
    case 'transpose': {
      if (e.type.kind !== 'matrix') return undefined;
      const columns = partsOf(a).map((column) => componentsOf(cx, column));
      const { rows, element } = e.type;
      return Array.from({ length: e.type.columns }, (_, i) =>
        vectorFrom(
          cx,
          vectorOf(rows, element),
          columns.map((column) => column[i]),
        ),
      );
    }
    case 'pack2x16float': {
      const [low, high] = componentsOf(cx, a).map((x) => toHalf(cx.out, x));
      return or(low, shl(high, u32(16)));
    }
    case 'unpack2x16float': {
      const bits = leafOf(a);
      return [fromHalf(cx.out, bits), fromHalf(cx.out, cx.out.let(shr(bits, u32(16))))];
    }
    default:
      return undefined;
  }
}

const dot = (cx: Context, a: Lowered, b: Lowered): Expr => dotOf(componentsOf(cx, a), componentsOf(cx, b));

const lengthOf = (cx: Context, v: Lowered): Expr => {
  const parts = componentsOf(cx, v);
  return parts.length === 1 ? abs(parts[0]) : sqrt(dotOf(parts, parts));
};

const scale = (v: Lowered, factor: Expr, op: (x: Expr, y: Expr) => Expr): Lowered =>
  isLeaf(v) && v.type.length === 5 ? op(v, splat(factor)) : mapLeaves(v, (x) => op(x, factor));
