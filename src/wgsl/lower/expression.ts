/** Expressions: into trees of the middle form, with statements before them where a tree cannot say it. */
import type { BinaryOperator, Expression } from '../ast.js';
import {
  FALSE,
  and,
  binary,
  bitcast,
  constant,
  convert,
  extract,
  extractAt,
  forEachExpr,
  isConst,
  isPacked,
  or,
  read,
  set,
  splat,
  unary,
  when,
  not,
} from '../build.js';
import type { BinaryOp, Expr, Stmt } from '../ir.js';
import type { Type } from '../types.js';
import { lowerBuiltin, lowerMemoryBuiltin } from './builtins.js';
import { construct, shuffled } from './construct.js';
import { unsupported, type Context } from './context.js';
import { matrixProduct } from './matrix.js';
import { asIndex, storeValue } from './memory.js';
import { partAt, partOf, pick, pin, readPlace, wholeOf, type Place } from './place.js';
import { isLeaf, leafOf, mapLeaves, partsOf, zipLeaves, type Lowered } from './value.js';
import { scalarValueType } from './layout.js';

const OPERATIONS: Readonly<Record<Exclude<BinaryOperator, '&&' | '||'>, BinaryOp>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'rem',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'shl',
  '>>': 'shr',
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};

/** Arrays with more elements than this are searched in memory, not by comparisons. */
const MAX_PICK = 8;

export function lowerExpression(cx: Context, e: Expression): Lowered {
  switch (e.kind) {
    case 'literal':
      if (e.type.kind !== 'scalar') return unsupported('a literal that is no scalar', e.at);
      return constant(scalarValueType(e.type, e.at), e.value);
    case 'name':
    case 'member':
    case 'swizzle':
    case 'index':
    case 'dereference': {
      const place = lowerPlace(cx, e);
      return place ? readPlace(cx, place, e.at) : lowerPart(cx, e);
    }
    case 'unary': {
      const op = e.operator === '-' ? 'neg' : 'not';
      return mapLeaves(lowerExpression(cx, e.operand), (leaf) => unary(op, leaf));
    }
    case 'binary':
      return lowerBinary(cx, e);
    case 'construct':
      return construct(cx, e.type, lowerAll(cx, e.arguments), e.at);
    case 'convert':
    case 'bitcast': {
      const make = e.kind === 'convert' ? convert : bitcast;
      const element = e.type.kind === 'vector' ? e.type.element : e.type;
      if (element.kind !== 'scalar') return unsupported(`a ${e.kind} to a ${element.kind}`, e.at);
      const to = scalarValueType(element, e.at);
      return mapLeaves(lowerExpression(cx, e.operand), (leaf) => make(to, leaf));
    }
    case 'builtin': {
      const pointer = e.arguments.at(0);
      return pointer?.type.kind === 'pointer'
        ? lowerMemoryBuiltin(cx, e, lowerPointer(cx, pointer))
        : lowerBuiltin(cx, e, lowerAll(cx, e.arguments));
    }
    case 'call': {
      const value = cx.inline(e);
      return value ?? unsupported('the value of a function that returns none', e.at);
    }
    case 'address':
      return unsupported('a pointer that is no argument', e.at);
  }
}

export const lowerScalar = (cx: Context, e: Expression): Expr => leafOf(lowerExpression(cx, e));

/** Several expressions, from left to right: a later one that has effects does not touch the values of those before it. */
export function lowerAll(cx: Context, list: readonly Expression[]): Lowered[] {
  const { effects } = cx.survey;
  let last = effects.size === 0 ? 0 : list.length - 1;
  while (last > 0 && !effects.has(list[last])) last--;
  return list.map((e, i) => {
    const value = lowerExpression(cx, e);
    return i < last ? cx.out.keep(value) : value;
  });
}

/** What an expression refers to, if it is a reference and not just a value. */
export function lowerPlace(cx: Context, e: Expression): Place | undefined {
  switch (e.kind) {
    case 'name': {
      const { target } = e;
      if (target.kind === 'binding') return wholeOf(cx.memories.binding(target), target.type);
      if (target.kind === 'uniform') return { kind: 'uniform', type: target.type, word: 0 };
      if (target.kind === 'variable' && target.space === 'workgroup')
        return wholeOf(cx.memories.shared(target), target.type);
      return cx.places.get(target);
    }
    case 'member': {
      const object = lowerPlace(cx, e.object);
      return object && partOf(object, e.member, e.at);
    }
    case 'swizzle': {
      if (e.components.length > 1) return undefined;
      const object = lowerPlace(cx, e.object);
      return object && partOf(object, e.components[0], e.at);
    }
    case 'index': {
      const object = lowerPlace(cx, e.object);
      if (object === undefined) return undefined;
      // A uniform block is read word by word, so that it has no places with a number known at run time.
      if (object.kind === 'uniform' && e.index.kind !== 'literal') return undefined;
      const pinned = cx.survey.effects.has(e.index) ? pin(cx, object) : object;
      const index = asIndex(lowerScalar(cx, e.index));
      return isConst(index) ? partOf(pinned, index.value, e.at) : partAt(cx, pinned, index, e.at);
    }
    case 'dereference':
      return lowerPointer(cx, e.operand);
    default:
      return undefined;
  }
}

/** The place behind `&x`, or behind a parameter that is a pointer. */
export function lowerPointer(cx: Context, e: Expression): Place {
  const place = lowerPlace(cx, e.kind === 'address' ? e.operand : e);
  return place ?? unsupported('this pointer', e.at);
}

/** A part of something that has no place, such as a `let` or the result of a call. */
function lowerPart(
  cx: Context,
  e: Expression & { readonly kind: 'name' | 'member' | 'swizzle' | 'index' | 'dereference' },
): Lowered {
  switch (e.kind) {
    case 'name': {
      const value = e.target.kind === 'value' || e.target.kind === 'variable' ? cx.values.get(e.target) : undefined;
      return value ?? unsupported(`the use of ${e.target.name}`, e.at);
    }
    case 'member':
      return partsOf(lowerExpression(cx, e.object))[e.member];
    case 'swizzle':
      return shuffled(cx, lowerExpression(cx, e.object), e.components);
    case 'index': {
      const [object, index] = lowerAll(cx, [e.object, e.index]);
      return elementOf(cx, object, e.object.type, asIndex(leafOf(index)), e);
    }
    case 'dereference':
      return unsupported('this pointer', e.at);
  }
}

function elementOf(cx: Context, object: Lowered, type: Type, index: Expr, e: Expression): Lowered {
  if (isLeaf(object)) return isConst(index) ? extract(object, index.value & 3) : extractAt(object, index);
  if (isConst(index)) return object[Math.min(index.value, object.length - 1)];
  if (object.length <= MAX_PICK) return pick(cx, object, index);
  const memory = cx.memories.array('table', type);
  storeValue(cx, memory, constant('u32', 0), object, type, e.at);
  return readPlace(cx, partAt(cx, wholeOf(memory, type), index, e.at), e.at);
}

function lowerBinary(cx: Context, e: Expression & { readonly kind: 'binary' }): Lowered {
  const { operator } = e;
  if (operator === '&&' || operator === '||') return shortCircuit(cx, operator, e.left, e.right);
  const first = lowerExpression(cx, e.left);
  const left = cx.survey.effects.has(e.right) ? cx.out.keep(first) : first;
  const right = lowerExpression(cx, e.right);
  const matrices = e.left.type.kind === 'matrix' || e.right.type.kind === 'matrix';
  if (operator === '*' && matrices) {
    const product = matrixProduct(cx, e.left.type, left, e.right.type, right);
    if (product !== undefined) return product;
  }
  return operate(cx, OPERATIONS[operator], left, right);
}

/** Component by component; a scalar goes with each component. */
export function operate(cx: Context, op: BinaryOp, left: Lowered, right: Lowered): Lowered {
  if (isLeaf(left) && isLeaf(right)) return operateOne(op, left, right);
  const a = isLeaf(left) ? cx.out.let(left) : left;
  const b = isLeaf(right) ? cx.out.let(right) : right;
  return zipLeaves(a, b, (x, y) => operateOne(op, x, y));
}

const operateOne = (op: BinaryOp, x: Expr, y: Expr): Expr =>
  isPacked(x.type) === isPacked(y.type) ? binary(op, x, y) : binary(op, splat(x), splat(y));

export const operatorOf = (operator: Exclude<BinaryOperator, '&&' | '||'>): BinaryOp => OPERATIONS[operator];

/** The right side is only evaluated where the left one does not decide, unless that is harmless. */
function shortCircuit(cx: Context, operator: '&&' | '||', left: Expression, right: Expression): Expr {
  const isAnd = operator === '&&';
  const first = lowerScalar(cx, left);
  if (isConst(first) && (first.value === 1) !== isAnd) return first;
  let second: Expr = FALSE;
  const before: Expr = cx.survey.effects.has(right) ? cx.out.let(first) : first;
  const steps = cx.out.capture(() => {
    second = lowerScalar(cx, right);
  });
  if (isHarmless(steps, second)) {
    cx.out.emit(...steps);
    return isAnd ? and(before, second) : or(before, second);
  }
  const result = cx.out.fresh.local(isAnd ? 'and' : 'or', 'bool', true);
  cx.out.emit(set(result, before), ...when(isAnd ? read(result) : not(read(result)), [...steps, set(result, second)]));
  return read(result);
}

/** No memory is touched and nothing changes. */
function isHarmless(steps: readonly Stmt[], value: Expr): boolean {
  let harmless = true;
  const look = (e: Expr): void => {
    if (e.kind === 'load' || e.kind === 'subgroup') harmless = false;
  };
  for (const s of steps) {
    if (s.kind !== 'set' || s.local.mutable) return false;
    forEachExpr(s.value, look);
  }
  forEachExpr(value, look);
  return harmless;
}
