/** Statements that hold no others: declarations, assignments, calls, barriers. */
import type { Expression, Statement } from '../ast.js';
import { unsupported, zero, type Context } from './context.js';
import { lowerExpression, lowerPlace, operate, operatorOf } from './expression.js';
import { clear } from './memory.js';
import { pin, readPlace, wholeOf, writePlace } from './place.js';
import { shapeOf } from './value.js';

type Simple = Statement & { readonly kind: 'let' | 'var' | 'assign' | 'call' | 'barrier' };

export function lowerSimple(cx: Context, s: Simple): void {
  switch (s.kind) {
    case 'let':
      cx.values.set(s.value, cx.out.keep(lowerExpression(cx, s.initial), s.value.name));
      return;
    case 'var':
      declare(cx, s.variable);
      return;
    case 'assign':
      assign(cx, s);
      return;
    case 'call':
      call(cx, s.call);
      return;
    case 'barrier':
      cx.out.emit({ kind: 'barrier', line: s.at.line, storage: s.storage });
      return;
  }
}

function call(cx: Context, e: Expression): void {
  if (e.kind === 'call') cx.inline(e);
  else lowerExpression(cx, e);
}

/** Arrays with more elements than this are not searched by comparisons. */
const MAX_TABLE = 8;

type Variable = (Statement & { readonly kind: 'var' })['variable'];

/** `var`: locals where its parts are known by name, memory where an array is indexed at run time. */
export function declare(cx: Context, variable: Variable): void {
  const { type, name, at, initial } = variable;
  const isAssigned = cx.survey.assigned.has(variable);
  if (!isAssigned && initial !== undefined && !(cx.survey.dynamic.has(variable) && isLarge(variable))) {
    cx.values.set(variable, cx.out.keep(lowerExpression(cx, initial), name));
    return;
  }
  if (!cx.survey.dynamic.has(variable)) {
    const locals = cx.out.locals(shapeOf(type, cx.packed, at), name);
    cx.out.assign(locals, initial ? lowerExpression(cx, initial) : zero(cx, type, at));
    cx.places.set(variable, { kind: 'locals', type, locals });
    return;
  }
  const value = initial && lowerExpression(cx, initial);
  const memory = cx.memories.array(name, type);
  const place = wholeOf(memory, type);
  cx.places.set(variable, place);
  if (value) writePlace(cx, place, value, at);
  else clear(cx, memory, at);
}

/** Too large for a choice among values; known ones go by comparisons of the index. */
function isLarge({ type, initial }: Variable): boolean {
  const isKnown = initial?.kind === 'construct' && initial.arguments.every((e) => e.kind === 'literal');
  return !isKnown || type.kind !== 'array' || (type.count ?? 0) > MAX_TABLE;
}

function assign(cx: Context, s: Statement & { readonly kind: 'assign' }): void {
  if (s.place === undefined) {
    lowerExpression(cx, s.value);
    return;
  }
  const place = lowerPlace(cx, s.place) ?? unsupported('an assignment to a value', s.at);
  const hasEffects = cx.survey.effects.has(s.value);
  if (s.operator === undefined) {
    const target = hasEffects ? pin(cx, place) : place;
    writePlace(cx, target, lowerExpression(cx, s.value), s.at);
    return;
  }
  const target = pin(cx, place);
  const before = readPlace(cx, target, s.at);
  const old = hasEffects ? cx.out.keep(before) : before;
  writePlace(cx, target, operate(cx, operatorOf(s.operator), old, lowerExpression(cx, s.value)), s.at);
}
