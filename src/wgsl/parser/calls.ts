import type { Expression } from '../ast.js';
import { bitcast } from '../check/builtin-vector.js';
import { convert, materialize, type Operand } from '../check/constant.js';
import { construct, constructArrayOf, constructMatrixOf, constructVectorOf } from '../check/construct.js';
import { fail, unsupported } from '../check/fault.js';
import { counted, type Builtin } from '../check/rules.js';
import { nameOf } from '../check/types.js';
import type { Place } from '../error.js';
import { TEMPLATE_OPEN } from '../lexer.js';
import type { Entity, FunctionEntity, GeneratorEntity } from './entity.js';
import { TypeParser } from './types.js';

/** What has no value by itself, and can only be called. */
type Callable = Exclude<Entity, { kind: 'value' | 'variable' | 'binding' | 'uniform' | 'constant' | 'pointer' }>;

/** Reads and checks calls: of functions, builtin functions and value constructors. */
export abstract class CallParser extends TypeParser {
  /** The function whose body is being read. */
  protected current: FunctionEntity | undefined;

  protected call(name: string, entity: Callable, at: Place): Operand {
    switch (entity.kind) {
      case 'type': {
        this.checked(entity.type, at);
        if (!this.is('(')) fail(`the type ${name} is not a value: expected '(' for a value of it`, this.place());
        return construct(entity.type, this.arguments(), at);
      }
      case 'generator':
        return this.generatorCall(entity, at);
      case 'function':
        return this.functionCall(entity, at);
      case 'builtin function':
        return this.builtinCall(name, entity.check, at);
      case 'unsupported':
        return unsupported(entity.what, at);
    }
  }

  private arguments(): Operand[] {
    const operands: Operand[] = [];
    this.expect('(', 'before the arguments');
    while (!this.is(')')) {
      operands.push(this.expression());
      if (!this.accept(',')) break;
    }
    this.expect(')', 'after the arguments');
    return operands;
  }

  private generatorCall(entity: GeneratorEntity, at: Place): Operand {
    const { name, shape, columns, rows } = entity;
    if (shape === 'bitcast') return this.bitcastCall(at);
    if (this.is(TEMPLATE_OPEN)) {
      const type = this.generated(entity, at);
      if (!this.is('(')) fail(`the type ${nameOf(type)} is not a value: expected '(' for a value of it`, this.place());
      return construct(type, this.arguments(), at);
    }
    if (!this.is('(')) fail(`${name} is not a value`, at);
    const operands = this.arguments();
    switch (shape) {
      case 'vector':
        return constructVectorOf(columns, operands, at);
      case 'matrix':
        return constructMatrixOf(columns, rows, operands, at);
      case 'array':
        return constructArrayOf(operands, at);
      default:
        return fail(`a value of type ${name} cannot be made`, at);
    }
  }

  private bitcastCall(at: Place): Operand {
    this.expect(TEMPLATE_OPEN, 'after bitcast');
    const type = this.type();
    this.closeTemplate('bitcast');
    const operands = this.arguments();
    if (operands.length !== 1) fail(`bitcast() takes 1 argument, but ${operands.length} were found`, at);
    return bitcast(type, operands[0], at);
  }

  private builtinCall(name: string, check: Builtin, at: Place): Operand {
    if (!this.is('(')) fail(`'${name}' is a builtin function: expected '(' after it`, this.place());
    if (name.startsWith('subgroup') && !this.enables.includes('subgroups')) {
      fail(`${name}() needs the line 'enable subgroups;' at the top`, at);
    }
    return check({ name, args: this.arguments(), at });
  }

  private functionCall(entity: FunctionEntity, at: Place): Operand {
    const { declaration } = entity;
    const { name, parameters } = declaration;
    if (!this.is('(')) fail(`'${name}' is a function: expected '(' after it`, this.place());
    if (!this.current) fail(`the function '${name}' cannot be called here: a const-expression is expected`, at);
    if (entity.workgroupSize) fail(`'${name}' is an entry point and cannot be called`, at);
    const operands = this.arguments();
    if (operands.length !== parameters.length) {
      fail(`'${name}' takes ${counted(parameters.length)}, but ${operands.length} were found`, at);
    }
    const values = operands.map((operand, i) => {
      const { value } = parameters[i];
      const converted = convert(operand, value.type);
      if (!converted) {
        fail(
          `the parameter '${value.name}' of '${name}' is ${nameOf(value.type)}, but ${nameOf(operand.type)} was found`,
          operand.at,
        );
      }
      return materialize(converted);
    });
    refuseAliases(values);
    this.current.calls.push({ target: entity, at });
    return { kind: 'call', type: declaration.result, at, target: declaration, arguments: values };
  }
}

/** Two pointers into one variable: WGSL lets a function have them only if it writes through neither. */
function refuseAliases(values: readonly Expression[]): void {
  const roots = values.flatMap((value) => (value.type.kind === 'pointer' ? [rootOf(value)] : []));
  const again = roots.findIndex((root, i) => root !== undefined && roots.indexOf(root) !== i);
  if (again >= 0) unsupported('two pointers to one variable in a call are', values[0].at);
}

/** The variable that a pointer leads into. */
function rootOf(pointer: Expression): unknown {
  let part = pointer.kind === 'address' ? pointer.operand : pointer;
  while (part.kind === 'member' || part.kind === 'index') part = part.object;
  if (part.kind === 'dereference') return rootOf(part.operand);
  return part.kind === 'name' ? part.target : undefined;
}
