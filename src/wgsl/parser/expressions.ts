import type { BinaryOperator, Expression } from '../ast.js';
import { addressOf, dereference, index, member } from '../check/access.js';
import { expected, scalarConstant, type Operand } from '../check/constant.js';
import { fail, unsupported, withoutEvaluation } from '../check/fault.js';
import { literal } from '../check/literal.js';
import { binary, unary } from '../check/operators.js';
import type { Place } from '../error.js';
import { BOOL } from '../types.js';
import { CallParser } from './calls.js';

const OPERATORS: ReadonlySet<string> = new Set('+ - * / % & | ^ << >> == != < <= > >= && ||'.split(' '));
const MOST_OPERATORS = 1000;
const COMPARISONS: ReadonlySet<string> = new Set('== != < <= > >='.split(' '));

/**
 * Reads and checks expressions. WGSL's grammar asks for parentheses where other languages have rules that nobody remembers: `a & b == c`,
 * `a << b + c` and `a && b || c` are errors.
 */
export abstract class ExpressionParser extends CallParser {
  protected expression(): Operand {
    this.descend();
    const first = this.unary();
    const operand = OPERATORS.has(this.text) ? this.operation(first) : first;
    this.ascend();
    return operand;
  }

  /** What follows the first operand. */
  private operation(first: Operand): Operand {
    const operator = this.text;
    const operand =
      operator === '&' || operator === '|' || operator === '^' ? this.bitwise(first, operator) : this.logical(first);
    if (OPERATORS.has(this.text)) {
      const reason = 'cannot follow here: WGSL wants parentheses round one of the operations';
      fail(`the operator ${this.text} ${reason}`, this.place());
    }
    return operand;
  }

  protected condition(of: string): Expression {
    return expected(this.expression(), BOOL, () => `the condition of ${of}`);
  }

  /** Goes past the operator, the `count`th of its row; gives its place. Each makes the tree one deeper. */
  private takeOperator(count: number): Place {
    const at = this.place();
    if (count > MOST_OPERATORS) unsupported(`more than ${MOST_OPERATORS} operators in a row are`, at);
    this.next();
    return at;
  }

  private bitwise(first: Operand, operator: '&' | '|' | '^'): Operand {
    let left = first;
    for (let count = 1; this.is(operator); count++) {
      const at = this.takeOperator(count);
      left = binary(operator, left, this.unary(), at);
    }
    return left;
  }

  /** Comparisons joined by `&&`, or by `||`. */
  private logical(first: Operand): Operand {
    let left = this.relational(first);
    const operator = this.text;
    if (operator !== '&&' && operator !== '||') return left;
    for (let count = 1; this.is(operator); count++) {
      const at = this.takeOperator(count);
      const parse = (): Operand => this.relational(this.unary());
      const decided = left.kind === 'constant' && left.type === BOOL && left.value === (operator === '&&' ? 0 : 1);
      const right = decided ? withoutEvaluation(parse) : parse();
      const joined = binary(operator, left, right, at);
      // What decides the result is the left side, but the right one has to be a const-expression as well.
      left = decided && joined.kind === 'constant' ? { ...left, at } : joined;
    }
    return left;
  }

  private relational(first: Operand): Operand {
    const left = this.shift(first);
    const operator = this.text;
    if (!isComparison(operator)) return left;
    const at = this.place();
    this.next();
    return binary(operator, left, this.shift(this.unary()), at);
  }

  private shift(first: Operand): Operand {
    const operator = this.text;
    if (operator !== '<<' && operator !== '>>') return this.sum(first);
    const at = this.place();
    this.next();
    return binary(operator, first, this.unary(), at);
  }

  private sum(first: Operand): Operand {
    let left = this.product(first);
    for (let count = 1; ; count++) {
      const operator = this.text;
      if (operator !== '+' && operator !== '-') return left;
      const at = this.takeOperator(count);
      left = binary(operator, left, this.product(this.unary()), at);
    }
  }

  private product(first: Operand): Operand {
    let left = first;
    for (let count = 1; ; count++) {
      const operator = this.text;
      if (operator !== '*' && operator !== '/' && operator !== '%') return left;
      const at = this.takeOperator(count);
      left = binary(operator, left, this.unary(), at);
    }
  }

  /** An operand with the operators before and after it. */
  protected unary(): Operand {
    const operator = this.text;
    const at = this.place();
    switch (operator) {
      case '-':
      case '!':
      case '~': {
        const operand = this.operand();
        return unary(operator, operand, at);
      }
      case '*':
        return dereference(this.operand(), at);
      case '&':
        return addressOf(this.operand(), at);
      default:
        return this.accessed(this.primary(at));
    }
  }

  private operand(): Operand {
    this.next();
    this.descend();
    const operand = this.unary();
    this.ascend();
    return operand;
  }

  private accessed(first: Operand): Operand {
    let operand = first;
    for (;;) {
      if (this.is('.')) {
        const at = this.place();
        this.next();
        operand = member(operand, this.name("a member's name after '.'"), at);
      } else if (this.is('[')) {
        const at = this.place();
        this.next();
        const subscript = this.expression();
        this.expect(']', 'after the index');
        operand = index(operand, subscript, at);
      } else return operand;
    }
  }

  private primary(at: Place): Operand {
    const { text, kind } = this;
    if (kind === 'name') {
      this.next();
      return this.named(text, at);
    }
    if (kind === 'number') {
      this.next();
      return literal(text, at);
    }
    if (text === 'true' || text === 'false') {
      this.next();
      return scalarConstant(BOOL, text === 'true' ? 1 : 0, at);
    }
    if (this.accept('(')) {
      const operand = this.expression();
      this.expect(')', 'after the expression');
      return operand;
    }
    return this.unexpected('an expression');
  }

  /** A name: of something with a value, or of what is called. */
  private named(name: string, at: Place): Operand {
    const entity = this.resolve(name, at);
    switch (entity.kind) {
      case 'value':
      case 'variable':
      case 'binding':
      case 'uniform':
        if (this.is('(')) fail(`'${name}' is not a function, but a ${WHAT[entity.kind]}`, at);
        return { kind: 'name', type: entity.type, at, target: entity };
      case 'constant':
        if (this.is('(')) fail(`'${name}' is not a function, but a constant`, at);
        return { ...entity, at };
      case 'pointer':
        return entity.address;
      default:
        return this.call(name, entity, at);
    }
  }
}

const WHAT = { value: 'value', variable: 'variable', binding: 'buffer', uniform: 'uniform' };

const isComparison = (operator: string): operator is BinaryOperator => COMPARISONS.has(operator);
