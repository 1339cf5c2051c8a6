/** Statements. Returns, breaks and continues at the very end of what they leave need no branch: the rest of a list goes into the other arm of an `if`. */
import type { Expression, Statement } from '../ast.js';
import { block, branch, constant, eq, isConst, loop, or, when } from '../build.js';
import type { Expr, Stmt } from '../ir.js';
import { unsupported, zero, type Context, type Exit } from './context.js';
import { lowerExpression, lowerPlace, lowerScalar, operate, operatorOf } from './expression.js';
import { clear } from './memory.js';
import { pin, readPlace, wholeOf, writePlace } from './place.js';
import { shapeOf, type Locals } from './value.js';

/** Where `return`, `break` and `continue` lead. */
export interface Frame {
  readonly exit: Exit;
  /** Takes the value of `return`. */
  readonly result: Locals | undefined;
  readonly breakTo: Exit | undefined;
  readonly continueTo: Exit | undefined;
}

/** `tails`: exits that lie right behind this list. Gives whether its end is reached. */
export function lowerStatements(
  cx: Context,
  list: readonly Statement[],
  frame: Frame,
  tails: readonly Exit[],
): boolean {
  for (let i = 0; i < list.length; i++) {
    const s = list[i];
    const isLast = i === list.length - 1;
    cx.out.line = s.at.line;
    switch (s.kind) {
      case 'block':
        return lowerStatements(cx, [...s.body, ...list.slice(i + 1)], frame, tails);
      case 'return':
        if (s.value) {
          const value = lowerExpression(cx, s.value);
          if (frame.result !== undefined) cx.out.assign(frame.result, value);
        }
        return leave(cx, frame.exit, tails);
      case 'break':
        return leave(cx, frame.breakTo, tails);
      case 'continue':
        return leave(cx, frame.continueTo, tails);
      case 'if': {
        const condition = lowerScalar(cx, s.condition);
        const rest = list.slice(i + 1);
        if (isConst(condition))
          return lowerStatements(cx, [...(condition.value ? s.yes : s.no), ...rest], frame, tails);
        const yesLeaves = !isLast && leavesTo(s.yes, frame, tails);
        const noLeaves = !isLast && leavesTo(s.no, frame, tails);
        const moves = yesLeaves || noLeaves;
        const arm = (body: readonly Statement[], leaves: boolean): readonly [Stmt[], boolean] => {
          let ends = false;
          const statements = cx.out.capture(() => {
            const whole = moves && !leaves ? [...body, ...rest] : body;
            ends = lowerStatements(cx, whole, frame, moves || isLast ? tails : []);
          });
          return [statements, ends];
        };
        const [yes, yesEnds] = arm(s.yes, yesLeaves);
        const [no, noEnds] = arm(s.no, noLeaves);
        cx.out.emit(...when(condition, yes, no));
        if (moves || !(yesEnds || noEnds)) return yesEnds || noEnds;
        break;
      }
      case 'loop':
        if (!lowerLoop(cx, s, frame)) return false;
        break;
      case 'switch':
        if (!lowerSwitch(cx, s, frame, isLast ? tails : [])) return false;
        break;
      default:
        lowerSimple(cx, s);
    }
  }
  return true;
}

/** Gives whether what comes next is reached. */
function leave(cx: Context, exit: Exit | undefined, tails: readonly Exit[]): boolean {
  if (exit === undefined) throw new Error('A break or continue stands outside of a loop.');
  if (tails.includes(exit)) return true;
  exit.label ??= cx.out.fresh.label();
  cx.out.emit(branch(exit.label));
  return false;
}

/** Whether a list always leaves, and somewhere by an exit that is right behind. */
function leavesTo(list: readonly Statement[], frame: Frame, tails: readonly Exit[]): boolean {
  const last = list.at(-1);
  switch (last?.kind) {
    case 'return':
      return tails.includes(frame.exit);
    case 'break':
      return frame.breakTo !== undefined && tails.includes(frame.breakTo);
    case 'continue':
      return frame.continueTo !== undefined && tails.includes(frame.continueTo);
    case 'block':
      return leavesTo(last.body, frame, tails);
    case 'if':
      return (
        alwaysLeaves(last.yes) &&
        alwaysLeaves(last.no) &&
        (leavesTo(last.yes, frame, tails) || leavesTo(last.no, frame, tails))
      );
    default:
      return false;
  }
}

function alwaysLeaves(list: readonly Statement[]): boolean {
  const last = list.at(-1);
  switch (last?.kind) {
    case 'return':
    case 'break':
    case 'continue':
      return true;
    case 'block':
      return alwaysLeaves(last.body);
    case 'if':
      return alwaysLeaves(last.yes) && alwaysLeaves(last.no);
    default:
      return false;
  }
}

/** `block { loop { body; continuing; branch to the loop } }`; `break` leaves the block, `continue` a block round the body. */
function lowerLoop(cx: Context, s: Statement & { readonly kind: 'loop' }, outer: Frame): boolean {
  lowerStatements(cx, s.initial, outer, []);
  const breakTo: Exit = { label: undefined };
  const continueTo: Exit = { label: undefined };
  const frame: Frame = { ...outer, breakTo, continueTo };
  const label = cx.out.fresh.label();
  const body = cx.out.capture(() => {
    let ends = false;
    const inner = cx.out.capture(() => {
      ends = lowerStatements(cx, s.body, frame, [continueTo]);
    });
    if (continueTo.label !== undefined) cx.out.emit(block(continueTo.label, inner));
    else cx.out.emit(...inner);
    if (!ends && continueTo.label === undefined) return;
    lowerStatements(cx, s.continuing, frame, []);
    if (s.breakIf) {
      const end = lowerScalar(cx, s.breakIf);
      const away = cx.out.capture(() => leave(cx, breakTo, []));
      cx.out.emit(...when(end, away));
      if (isConst(end, 1)) return;
    }
    cx.out.emit(branch(label));
  });
  const whole = loop(label, body);
  cx.out.emit(breakTo.label === undefined ? whole : block(breakTo.label, [whole]));
  // Nothing but a break or a return ends it.
  return breakTo.label !== undefined;
}

/** A chain of `if`s. Gives whether what comes next is reached. */
function lowerSwitch(
  cx: Context,
  s: Statement & { readonly kind: 'switch' },
  outer: Frame,
  tails: readonly Exit[],
): boolean {
  const selector = cx.out.let(lowerScalar(cx, s.selector), 'selector');
  const breakTo: Exit = { label: undefined };
  const frame: Frame = { ...outer, breakTo };
  let ends = false;
  const run = (body: readonly Statement[]): void => {
    if (lowerStatements(cx, body, frame, [breakTo, ...tails])) ends = true;
  };
  const cases = s.cases.filter((c) => !c.isDefault);
  const chain = (i: number): void => {
    if (i === cases.length) {
      run(s.cases.find((c) => c.isDefault)?.body ?? []);
      return;
    }
    const { values, body } = cases[i];
    const test = values.map((value): Expr => eq(selector, constant(selector.type, value))).reduce(or);
    if (isConst(test)) {
      if (test.value) run(body);
      else chain(i + 1);
      return;
    }
    const yes = cx.out.capture(() => {
      run(body);
    });
    const no = cx.out.capture(() => {
      chain(i + 1);
    });
    cx.out.emit(...when(test, yes, no));
  };
  const whole = cx.out.capture(() => {
    chain(0);
  });
  if (breakTo.label === undefined) cx.out.emit(...whole);
  else cx.out.emit(block(breakTo.label, whole));
  return ends || breakTo.label !== undefined;
}

function lowerSimple(cx: Context, s: Statement): void {
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
