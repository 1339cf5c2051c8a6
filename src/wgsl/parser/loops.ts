import type { Expression, Statement } from '../ast.js';
import { fail } from '../check/fault.js';
import type { Place } from '../error.js';
import { BOOL } from '../types.js';
import { SimpleStatementParser } from './statements.js';

/**
 * How a statement can end (specification, 9.8 "Behavior analysis"): a set of these bits. A function with a result must not end with NEXT, and
 * a loop must have a way out.
 */
export const NEXT = 1;
export const BREAK = 2;
export const CONTINUE = 4;
export const RETURN = 8;

/** What `break` and `continue` refer to. */
interface Frame {
  readonly kind: 'loop' | 'switch' | 'continuing';
  readonly outer: Frame | undefined;
  /** Of a loop: number of declarations before the first `continue`. */
  continuedAt: number;
}

/** Reads and checks loops, and what leaves them or starts their next round. */
export abstract class LoopParser extends SimpleStatementParser {
  protected frame: Frame | undefined;

  /** Statements up to `}` or `continuing`; gives how they can end. */
  protected abstract statements(into: Statement[]): number;
  protected abstract statement(into: Statement[]): number;
  protected abstract block(into: Statement[], of: string): number;

  protected loopStatement(into: Statement[], at: Place): number {
    this.next();
    const body: Statement[] = [];
    const continuing: Statement[] = [];
    const frame: Frame = { kind: 'loop', outer: this.frame, continuedAt: Infinity };
    this.frame = frame;
    this.expect('{', "before the statements of 'loop'");
    this.locals.enter();
    let behavior = this.statements(body);
    let breakIf: Expression | undefined;
    if (this.accept('continuing')) {
      breakIf = this.continuing(continuing, frame);
      if (breakIf) behavior |= BREAK;
    }
    this.locals.leave();
    this.expect('}', "after the statements of 'loop'");
    this.frame = frame.outer;
    into.push({ kind: 'loop', at, initial: [], body, continuing, breakIf });
    return loopBehavior(behavior, at);
  }

  /** The block after `continuing`; gives the condition of `break if`. It sees what the loop's body has declared. */
  private continuing(into: Statement[], loop: Frame): Expression | undefined {
    this.frame = { kind: 'continuing', outer: loop, continuedAt: Infinity };
    this.locals.hide(loop.continuedAt);
    this.expect('{', "after 'continuing'");
    this.locals.enter();
    let breakIf: Expression | undefined;
    while (!this.is('}') && !this.atEnd()) {
      if (this.is('break') && this.textAt(this.position + 1) === 'if') {
        this.next();
        this.next();
        breakIf = this.condition('break if');
        this.expect(';', "after 'break if'");
        if (!this.is('}')) this.unexpected("'}': 'break if' is the last statement of 'continuing'");
      } else this.statement(into);
    }
    this.locals.leave();
    this.locals.unhide();
    this.expect('}', "after the statements of 'continuing'");
    this.frame = loop;
    return breakIf;
  }

  protected forStatement(into: Statement[], at: Place): number {
    this.next();
    this.expect('(', "after 'for'");
    const initial: Statement[] = [];
    const body: Statement[] = [];
    const continuing: Statement[] = [];
    this.locals.enter();
    if (!this.is(';')) this.simpleStatement(initial);
    this.expect(';', "after the first part of 'for'");
    let behavior = 0;
    if (!this.is(';')) {
      unless(this.condition('for'), body);
      behavior = BREAK;
    }
    this.expect(';', "after the condition of 'for'");
    if (!this.is(')')) {
      if (['let', 'var', 'const'].includes(this.text)) this.unexpected('an assignment or a call');
      this.simpleStatement(continuing);
    }
    this.expect(')', "after the head of 'for'");
    behavior |= this.loopBody(body, 'for');
    this.locals.leave();
    into.push({ kind: 'loop', at, initial, body, continuing, breakIf: undefined });
    return loopBehavior(behavior, at);
  }

  protected whileStatement(into: Statement[], at: Place): number {
    this.next();
    const body: Statement[] = [];
    unless(this.condition('while'), body);
    const behavior = BREAK | this.loopBody(body, 'while');
    into.push({ kind: 'loop', at, initial: [], body, continuing: [], breakIf: undefined });
    return loopBehavior(behavior, at);
  }

  private loopBody(into: Statement[], of: string): number {
    const outer = this.frame;
    this.frame = { kind: 'loop', outer, continuedAt: Infinity };
    const behavior = this.block(into, `the statements of '${of}'`);
    this.frame = outer;
    return behavior;
  }

  protected breakStatement(into: Statement[], at: Place): number {
    if (this.is('if')) fail("'break if' stands only at the end of 'continuing'", at);
    if (!this.frame) fail("'break' stands only in a loop or switch", at);
    if (this.frame.kind === 'continuing') fail("'continuing' is left by 'break if', not by 'break'", at);
    this.expect(';', "after 'break'");
    into.push({ kind: 'break', at });
    return BREAK;
  }

  protected continueStatement(into: Statement[], at: Place): number {
    let { frame } = this;
    while (frame?.kind === 'switch') frame = frame.outer;
    if (!frame) fail("'continue' stands only in a loop", at);
    if (frame.kind === 'continuing') fail("'continue' cannot stand in 'continuing'", at);
    frame.continuedAt = Math.min(frame.continuedAt, this.locals.count);
    this.expect(';', "after 'continue'");
    into.push({ kind: 'continue', at });
    return CONTINUE;
  }
}

/** `if (!condition) break;` */
function unless(condition: Expression, into: Statement[]): void {
  const { at } = condition;
  if (condition.kind === 'literal' && condition.value !== 0) return;
  const negated: Expression =
    condition.kind === 'literal'
      ? { kind: 'literal', type: BOOL, at, value: 1 }
      : { kind: 'unary', type: BOOL, at, operator: '!', operand: condition };
  into.push({ kind: 'if', at, condition: negated, yes: [{ kind: 'break', at }], no: [] });
}

function loopBehavior(body: number, at: Place): number {
  const after = (body & RETURN) | (body & BREAK ? NEXT : 0);
  if (after === 0) fail('this loop never ends: it has no break and no return', at);
  return after;
}
