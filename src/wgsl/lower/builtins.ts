/** WGSL's builtin functions: those of `math/` component by component, those of vectors and matrices, and those of the subgroup. */
import type { Expression } from '../ast.js';
import { all, and, any, div, isPacked, length, or, select, splat, sub, u32 } from '../build.js';
import type { Expr, SubgroupOp } from '../ir.js';
import { FUNCTIONS, PRIMITIVES, type MathFunction } from '../math/math.js';
import { unsupported, type Context } from './context.js';
import { geometric } from './geometry.js';
import { strideWords } from './layout.js';
import { readPlace, type Place } from './place.js';
import { isLeaf, leafOf, mapLeaves, partsOf, type Lowered } from './value.js';

type Call = Expression & { readonly kind: 'builtin' };

export function lowerBuiltin(cx: Context, e: Call, args: readonly Lowered[]): Lowered {
  const primitive = PRIMITIVES.get(e.name);
  if (primitive) return byComponents(cx, primitive, args);
  const math = FUNCTIONS.get(e.name);
  if (math)
    return byComponents(
      cx,
      math,
      args.map((arg) => cx.out.keep(arg)),
    );
  const subgroup = SUBGROUP.get(e.name);
  if (subgroup) return subgroupValue(e, subgroup, args);
  switch (e.name) {
    case 'select': {
      const [no, yes, condition] = args;
      return chosen(cx, yes, no, condition);
    }
    case 'all':
    case 'any':
      return summary(e.name, args[0]);
    default:
      return geometric(cx, e, args) ?? unsupported(`${e.name}()`, e.at);
  }
}

/** A builtin whose first argument is a pointer. */
export function lowerMemoryBuiltin(cx: Context, e: Call, place: Place): Lowered {
  switch (e.name) {
    case 'arrayLength': {
      const { type } = place;
      if (place.kind !== 'memory' || place.memory.kind !== 'binding' || type.kind !== 'array') break;
      const words = sub(length(place.memory.index), place.index);
      return div(words, u32(strideWords(type)));
    }
    case 'workgroupUniformLoad': {
      cx.out.emit({ kind: 'barrier', line: e.at.line });
      const value = cx.out.keep(readPlace(cx, place, e.at));
      cx.out.emit({ kind: 'barrier', line: e.at.line });
      return value;
    }
  }
  return unsupported(`${e.name}()`, e.at);
}

/** f of the first components, of the second ones, …; a scalar among vectors goes with each. */
function byComponents(cx: Context, f: MathFunction, args: readonly Lowered[]): Lowered {
  const count = args.reduce((n, arg) => (isLeaf(arg) ? n : arg.length), 0);
  if (count === 0) return alike(cx, f, args.map(leafOf));
  const kept = args.map((arg) => (isLeaf(arg) ? cx.out.let(arg) : arg));
  const nth = (i: number): readonly Expr[] => kept.map((arg) => (isLeaf(arg) ? arg : leafOf(arg[i])));
  return Array.from({ length: count }, (_, i) => alike(cx, f, nth(i)));
}

/** All scalars, or all packed. */
const alike = (cx: Context, f: MathFunction, args: readonly Expr[]): Expr =>
  f(cx.out, ...(args.some((x) => isPacked(x.type)) ? args.map(splat) : args));

function chosen(cx: Context, yes: Lowered, no: Lowered, condition: Lowered): Lowered {
  if (isLeaf(yes)) return select(leafOf(condition), yes, leafOf(no));
  const test = isLeaf(condition) ? cx.out.let(condition) : condition;
  const others = partsOf(no);
  return yes.map((part, i) => chosen(cx, part, others[i], isLeaf(test) ? test : test[i]));
}

function summary(name: 'all' | 'any', value: Lowered): Expr {
  if (!isLeaf(value)) return value.map(leafOf).reduce(name === 'all' ? and : or);
  if (!isPacked(value.type)) return value;
  return name === 'all' ? all(value) : any(value);
}

const SUBGROUP: ReadonlyMap<string, SubgroupOp> = new Map(
  Object.entries({
    subgroupAdd: 'add',
    subgroupAll: 'all',
    subgroupAnd: 'and',
    subgroupAny: 'any',
    subgroupBroadcast: 'broadcast',
    subgroupExclusiveAdd: 'exclusiveAdd',
    subgroupInclusiveAdd: 'inclusiveAdd',
    subgroupMax: 'max',
    subgroupMin: 'min',
    subgroupMul: 'mul',
    subgroupOr: 'or',
    subgroupShuffle: 'shuffle',
    subgroupShuffleDown: 'shuffleDown',
    subgroupShuffleUp: 'shuffleUp',
    subgroupShuffleXor: 'shuffleXor',
    subgroupXor: 'xor',
  } as const),
);

function subgroupValue(e: Call, op: SubgroupOp, [value, by]: readonly Lowered[]): Lowered {
  const b = by === undefined ? undefined : leafOf(by);
  return mapLeaves(value, (a) => {
    if (isPacked(a.type)) return unsupported(`${e.name}() of packed fours`, e.at);
    return { kind: 'subgroup', type: a.type, op, a, b, line: e.at.line };
  });
}
