/** Statements. Returns, breaks and continues at the very end of what they leave need no branch: the rest of a list goes into the other arm of an `if`. */
import type { Statement } from '../ast.js';
import { block, branch, constant, eq, isConst, loop, or, when } from '../build.js';
import type { Expr, Stmt } from '../ir.js';
import type { Context, Exit } from './context.js';
import { lowerExpression, lowerScalar } from './expression.js';
import { lowerSimple } from './simple.js';
import type { Locals } from './value.js';

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
