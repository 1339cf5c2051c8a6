import type { Expression, Statement } from '../ast.js';
import { convert, expected, type Constant } from '../check/constant.js';
import { fail, unsupported } from '../check/fault.js';
import { concreteType, nameOf } from '../check/types.js';
import type { Place } from '../error.js';
import { BOOL, I32, U32, VOID, type Type } from '../types.js';
import { BREAK, LoopParser, NEXT, RETURN } from './loops.js';

/** Reads and checks statements and functions' bodies. */
export abstract class StatementParser extends LoopParser {
  private result: Type = VOID;

  /** The statements of a function after its `{`, up to and with the `}`. */
  protected functionBody(name: string, result: Type, into: Statement[]): void {
    this.frame = undefined;
    this.result = result;
    const behavior = this.statements(into);
    const end = this.place();
    this.expect('}', `at the end of the function '${name}'`);
    if (result !== VOID && behavior & NEXT) {
      fail(`the function '${name}' can end here without returning a value of type ${nameOf(result)}`, end);
    }
  }

  /** Up to `}` (or `continuing`). */
  protected statements(into: Statement[]): number {
    let behavior = NEXT;
    while (!this.is('}') && !this.is('continuing') && !this.atEnd()) {
      const own = this.statement(into);
      // What follows a return is checked, but counts no more.
      if (behavior & NEXT) behavior = (behavior & ~NEXT) | own;
    }
    return behavior;
  }

  protected block(into: Statement[], of: string): number {
    this.expect('{', `before ${of}`);
    this.locals.enter();
    const behavior = this.statements(into);
    this.locals.leave();
    this.expect('}', `after ${of}`);
    return behavior;
  }

  protected statement(into: Statement[]): number {
    this.descend();
    const behavior = this.anyStatement(into);
    this.ascend();
    return behavior;
  }

  private anyStatement(into: Statement[]): number {
    const at = this.place();
    switch (this.text) {
      case ';':
        this.next();
        return NEXT;
      case '{': {
        const body: Statement[] = [];
        const behavior = this.block(body, 'the block');
        into.push({ kind: 'block', at, body });
        return behavior;
      }
      case 'if':
        return this.ifStatement(into, at);
      case 'loop':
        return this.loopStatement(into, at);
      case 'for':
        return this.forStatement(into, at);
      case 'while':
        return this.whileStatement(into, at);
      case 'switch':
        return this.switchStatement(into, at);
      case 'break':
        this.next();
        return this.breakStatement(into, at);
      case 'continue':
        this.next();
        return this.continueStatement(into, at);
      case 'return':
        this.next();
        return this.returnStatement(into, at);
      case 'const_assert':
        this.constAssert();
        return NEXT;
      case 'discard':
        return fail('discard belongs to fragment shaders; a compute shader cannot use it', at);
      case '@':
        return unsupported('attributes of statements are', at);
      default:
        this.simpleStatement(into);
        this.expect(';', 'after the statement');
        return NEXT;
    }
  }

  /** `const_assert condition;` */
  protected constAssert(): void {
    this.next();
    const condition = this.constant('the condition of const_assert');
    if (condition.type !== BOOL)
      fail(`the condition of const_assert is bool, but ${nameOf(condition.type)} was found`, condition.at);
    if (condition.value === 0) fail('this const_assert is false', condition.at);
    this.expect(';', 'after const_assert');
  }

  private ifStatement(into: Statement[], at: Place): number {
    this.next();
    const condition = this.condition('if');
    const yes: Statement[] = [];
    const no: Statement[] = [];
    let behavior = this.block(yes, "the statements of 'if'");
    if (!this.accept('else')) behavior |= NEXT;
    else if (this.is('if')) {
      this.descend();
      behavior |= this.ifStatement(no, this.place());
      this.ascend();
    } else behavior |= this.block(no, "the statements of 'else'");
    into.push({ kind: 'if', at, condition, yes, no });
    return behavior;
  }

  private switchStatement(into: Statement[], at: Place): number {
    this.next();
    const selector = this.expression();
    const outer = this.frame;
    this.frame = { kind: 'switch', outer, continuedAt: Infinity };
    this.expect('{', "before the cases of 'switch'");
    const clauses: { readonly values: Constant[]; isDefault: boolean; readonly body: Statement[] }[] = [];
    let behavior = 0;
    while (this.is('case') || this.is('default')) {
      const clause = { values: [] as Constant[], isDefault: this.is('default'), body: [] as Statement[] };
      const isCase = this.is('case');
      this.next();
      while (isCase && !this.is(':') && !this.is('{')) {
        if (this.accept('default')) clause.isDefault = true;
        else clause.values.push(this.constant('the value of a case'));
        if (!this.accept(',')) break;
      }
      if (isCase && clause.values.length === 0 && !clause.isDefault) this.unexpected("a value after 'case'");
      if (clause.isDefault && clauses.some((other) => other.isDefault))
        fail("this is the second 'default' of the switch", at);
      this.accept(':');
      behavior |= this.block(clause.body, 'the statements of a case');
      clauses.push(clause);
    }
    this.expect('}', "after the cases of 'switch'");
    this.frame = outer;
    if (!clauses.some((clause) => clause.isDefault)) fail("the switch has no 'default'", at);
    const type = concreteType(
      [selector, ...clauses.flatMap((c) => c.values)].reduce((a, b) => (convert(a, b.type) ? b : a)).type,
    );
    if (type !== I32 && type !== U32)
      fail(`a switch takes i32 or u32, but ${nameOf(selector.type)} was found`, selector.at);
    const seen = new Set<number>();
    const cases = clauses.map(({ values, isDefault, body }) => ({
      values: values.map((value) => caseValue(value, type, seen)),
      isDefault,
      body,
    }));
    into.push({ kind: 'switch', at, selector: expected(selector, type, () => 'the value of a case'), cases });
    return behavior & BREAK ? (behavior & ~BREAK) | NEXT : behavior;
  }

  private returnStatement(into: Statement[], at: Place): number {
    for (let { frame } = this; frame; frame = frame.outer) {
      if (frame.kind === 'continuing') fail("'return' cannot stand in 'continuing'", at);
    }
    let value: Expression | undefined;
    if (!this.is(';')) {
      const operand = this.expression();
      if (this.result === VOID) fail('this function returns no value', operand.at);
      value = expected(operand, this.result, () => "the function's result");
    } else if (this.result !== VOID) fail(`this function returns a value of type ${nameOf(this.result)}`, at);
    this.expect(';', 'after return');
    into.push({ kind: 'return', at, value });
    return RETURN;
  }
}

function caseValue(constant: Constant, type: Type, seen: Set<number>): number {
  const value = convert(constant, type);
  if (value?.kind !== 'constant')
    fail(`the value of this case is ${nameOf(type)}, but ${nameOf(constant.type)} was found`, constant.at);
  if (seen.has(value.value)) fail(`the switch has two cases for ${value.value}`, constant.at);
  seen.add(value.value);
  return value.value;
}
