import type { ArithmeticOperator, Expression, Statement, Variable } from '../ast.js';
import { referenceOf } from '../check/access.js';
import { convert, convertConstant, expected, materialize, scalarConstant, type Operand } from '../check/constant.js';
import { fail, unsupported } from '../check/fault.js';
import { MOST_BYTES, sizeOf } from '../check/layout.js';
import { binary } from '../check/operators.js';
import { ABSTRACT_INT, isConstructible, nameOf } from '../check/types.js';
import type { Place } from '../error.js';
import { TEMPLATE_CLOSE, TEMPLATE_OPEN } from '../lexer.js';
import { I32, U32, VOID, type Type } from '../types.js';
import { ExpressionParser } from './expressions.js';
import { Scope } from './scope.js';

const COMPOUND: ReadonlyMap<string, ArithmeticOperator> = new Map(
  (['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'] as const).map((operator) => [`${operator}=`, operator]),
);

/** Builtin functions whose value may be left aside. */
const EFFECTS = /^atomic(Load|Store|Add|Sub|Max|Min|And|Or|Xor|Exchange)$/;

/** Reads and checks the statements that declare, assign and call. */
export abstract class SimpleStatementParser extends ExpressionParser {
  /** Names inside of the function. */
  protected locals = new Scope();

  /** What can stand in the head of a `for` as well: without the `;`. */
  protected simpleStatement(into: Statement[]): void {
    const at = this.place();
    switch (this.text) {
      case 'let':
        return this.letStatement(into, at);
      case 'var':
        return this.varStatement(into, at);
      case 'const':
        this.next();
        return this.constDeclaration((name, constant, nameAt) => this.locals.declare(name, constant, nameAt));
      default:
        return this.assignOrCall(into, at);
    }
  }

  private letStatement(into: Statement[], at: Place): void {
    this.next();
    const nameAt = this.place();
    const name = this.name("a name after 'let'");
    const type = this.annotation();
    this.expect('=', `: '${name}' needs a value`);
    const initial = this.initial(name, type);
    if (initial.type.kind === 'pointer') {
      this.locals.declare(name, { kind: 'pointer', address: fixedPointer(initial) }, nameAt);
      return;
    }
    const value = { kind: 'value', name, type: initial.type, at: nameAt } as const;
    this.locals.declare(name, value, nameAt);
    into.push({ kind: 'let', at, value, initial });
  }

  private varStatement(into: Statement[], at: Place): void {
    this.next();
    if (this.accept(TEMPLATE_OPEN)) {
      const space = this.predeclaredName('an address space');
      if (space !== 'function') fail(`a variable in a function is in the address space function, not ${space}`, at);
      this.expect(TEMPLATE_CLOSE, 'after the address space');
    }
    const nameAt = this.place();
    const name = this.name("a name after 'var'");
    const given = this.annotation();
    const initial = this.accept('=') ? this.initial(name, given) : undefined;
    const type = given ?? initial?.type;
    if (!type) fail(`'${name}' needs a type or a value`, nameAt);
    this.checkStored(type, name, nameAt);
    const variable: Variable = { kind: 'variable', name, space: 'function', type, initial, at: nameAt };
    this.locals.declare(name, variable, nameAt);
    into.push({ kind: 'var', at, variable });
  }

  /** Variables of one invocation hold values of a known, bounded size. */
  protected checkStored(type: Type, name: string, at: Place): void {
    if (!isConstructible(type)) fail(`the variable '${name}' cannot be of type ${nameOf(type)}`, at);
    if (sizeOf(type) > MOST_BYTES) {
      unsupported(`variables of more than ${MOST_BYTES} bytes ('${name}' has ${sizeOf(type)}) are`, at);
    }
  }

  /** `name = value`, after the word `const`. */
  protected constDeclaration(
    declare: (name: string, constant: Operand & { kind: 'constant' }, at: Place) => void,
  ): void {
    const nameAt = this.place();
    const name = this.name("a name after 'const'");
    const type = this.annotation();
    this.expect('=', `: '${name}' needs a value`);
    const constant = this.constant(`the value of '${name}'`);
    const converted = type ? convert(constant, type) : constant;
    if (converted?.kind !== 'constant') {
      fail(`'${name}' is ${type ? nameOf(type) : 'a constant'}, but ${nameOf(constant.type)} was found`, constant.at);
    }
    declare(name, converted, nameAt);
  }

  /** `: type`, if there. */
  protected annotation(): Type | undefined {
    return this.accept(':') ? this.type() : undefined;
  }

  protected initial(name: string, type: Type | undefined): Expression {
    const operand = this.expression();
    const value = type ? expected(operand, type, () => `'${name}'`) : materialize(operand);
    if (!isValue(value.type)) fail(`'${name}' cannot hold ${described(value.type)}`, operand.at);
    return value;
  }

  private assignOrCall(into: Statement[], at: Place): void {
    if (this.is('_')) return this.phonyAssignment(into, at);
    if (this.kind !== 'name' && !this.is('(') && !this.is('*') && !this.is('&')) {
      this.unexpected('a statement');
    }
    const called = this.kind === 'name' && ['(', TEMPLATE_OPEN].includes(this.textAt(this.position + 1));
    const operand = this.unary();
    const operator = this.text;
    if (called && operator !== '=' && !COMPOUND.has(operator)) {
      this.callStatement(operand, into, at);
      return;
    }
    const place = this.assignable(operand);
    if (operator === '++' || operator === '--') this.step(place, operator === '++' ? '+' : '-', into, at);
    else if (this.accept('=')) {
      const value = expected(this.expression(), place.type, () => 'the place that is assigned to');
      into.push({ kind: 'assign', at, place, operator: undefined, value });
    } else {
      const compound = COMPOUND.get(operator);
      if (!compound) this.unexpected("'=' after the place that is assigned to");
      const operatorAt = this.place();
      this.next();
      this.compoundAssignment(place, compound, operatorAt, into, at);
    }
  }

  private compoundAssignment(
    place: Expression,
    operator: ArithmeticOperator,
    operatorAt: Place,
    into: Statement[],
    at: Place,
  ): void {
    const result = binary(operator, place, this.expression(), operatorAt);
    if (result.kind !== 'binary' || !convert(result, place.type)) {
      fail(`the place that is assigned to is ${nameOf(place.type)}, but ${nameOf(result.type)} was found`, operatorAt);
    }
    into.push({ kind: 'assign', at, place, operator, value: result.right });
  }

  private step(place: Expression, operator: '+' | '-', into: Statement[], at: Place): void {
    const { type } = place;
    if (type !== I32 && type !== U32) fail(`++ and -- take an i32 or u32, but ${nameOf(type)} was found`, this.place());
    const one = convertConstant(scalarConstant(ABSTRACT_INT, 1, this.place()), type);
    this.next();
    into.push({ kind: 'assign', at, place, operator, value: materialize(one) });
  }

  private phonyAssignment(into: Statement[], at: Place): void {
    this.next();
    this.expect('=', "after '_'");
    const operand = this.expression();
    if (operand.kind === 'constant' && isConstructible(operand.type)) return;
    const value = materialize(operand);
    if (!isValue(value.type)) fail(`'_' cannot be assigned ${described(value.type)}`, operand.at);
    // An address by itself is nothing to compute.
    if (value.type.kind !== 'pointer') into.push({ kind: 'assign', at, place: undefined, operator: undefined, value });
  }

  /** The operand as a place that can be written. */
  private assignable(operand: Operand): Expression {
    const reference = referenceOf(operand);
    if (operand.kind === 'constant') fail('a constant cannot be assigned to', operand.at);
    if (!reference) {
      if (operand.kind === 'name') {
        fail(
          `'${operand.target.name}' is a let or a parameter and cannot be assigned to: var declares variables`,
          operand.at,
        );
      }
      if (operand.kind === 'swizzle') {
        if (operand.components.length > 1) unsupported('assignments to several components at once are', operand.at);
        fail('a component of a value cannot be assigned to: var declares variables', operand.at);
      }
      fail('this is a value and cannot be assigned to', operand.at);
    }
    if (!reference.writable) fail('this memory is read only and cannot be assigned to', operand.at);
    if (!isConstructible(operand.type)) fail(`${described(operand.type)} cannot be assigned to`, operand.at);
    return operand;
  }

  private callStatement(call: Operand, into: Statement[], at: Place): void {
    if (call.kind === 'call' || call.kind === 'builtin') {
      if (call.kind === 'builtin' && call.name.endsWith('Barrier')) {
        into.push({ kind: 'barrier', at, storage: call.name === 'storageBarrier' });
        return;
      }
      if (call.kind === 'call' ? !this.mustUse(call) : EFFECTS.test(call.name)) {
        into.push({ kind: 'call', at, call });
        return;
      }
    }
    fail('the value of this call is not used: only functions with an effect can be called like this', at);
  }

  private mustUse(call: Expression & { kind: 'call' }): boolean {
    return this.current?.calls.some(({ target }) => target.declaration === call.target && target.mustUse) ?? false;
  }
}

/** What a `let` or parameter can hold. */
export const isValue = (type: Type): boolean => type.kind === 'pointer' || isConstructible(type);

const described = (type: Type): string =>
  type === VOID ? 'the call of a function without a result' : `a value of type ${nameOf(type)}`;

/** A pointer that stays the same wherever it is written out again: its indices are known, or values with a name. */
function fixedPointer(pointer: Expression): Expression {
  if (pointer.kind !== 'address') return pointer;
  let part = pointer.operand;
  for (;;) {
    if (part.kind === 'index') {
      const { index } = part;
      const fixed = index.kind === 'literal' || (index.kind === 'name' && index.target.kind === 'value');
      if (!fixed) unsupported('pointers with a computed index are (give the index a name with let)', index.at);
      part = part.object;
    } else if (part.kind === 'member') part = part.object;
    else return pointer;
  }
}
