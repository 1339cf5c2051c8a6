import { materialize, type Constant, type Operand } from '../check/constant.js';
import { fail, unsupported } from '../check/fault.js';
import { strideOf } from '../check/layout.js';
import { isConstructible, nameOf, vector } from '../check/types.js';
import type { Place } from '../error.js';
import { TEMPLATE_CLOSE, TEMPLATE_OPEN } from '../lexer.js';
import { F16, F32, I32, U32, type PointerType, type ScalarType, type Type } from '../types.js';
import { Cursor } from './cursor.js';
import type { Entity, GeneratorEntity } from './entity.js';

/** More bytes than any buffer has. */
const MOST_BYTES = 2 ** 31;

/** Reads types. */
export abstract class TypeParser extends Cursor {
  /** The `enable` lines. */
  protected readonly enables: string[] = [];

  protected abstract expression(): Operand;
  /** What a name stands for. */
  protected abstract resolve(name: string, at: Place): Entity;

  /** Whether the text declares a name, so that it no longer means what WGSL means by it. */
  protected abstract isDeclared(name: string): boolean;

  /** The name of an address space or access mode: the text can take these from WGSL. */
  protected predeclaredName(what: string): string {
    const at = this.place();
    const name = this.name(what);
    if (this.isDeclared(name)) fail(`expected ${what}, but '${name}' is declared as something else`, at);
    return name;
  }

  protected type(): Type {
    this.descend();
    const at = this.place();
    const name = this.name('a type');
    const entity = this.resolve(name, at);
    const type = this.typeOf(name, entity, at);
    this.ascend();
    return type;
  }

  private typeOf(name: string, entity: Entity, at: Place): Type {
    switch (entity.kind) {
      case 'type':
        return this.checked(entity.type, at);
      case 'generator':
        return this.generated(entity, at);
      case 'unsupported':
        return unsupported(entity.what, at);
      default:
        return fail(`expected a type, but '${name}' is something else`, at);
    }
  }

  /** f16 has to be enabled. */
  protected checked(type: Type, at: Place): Type {
    const element = type.kind === 'vector' || type.kind === 'matrix' ? type.element : type;
    if (element === F16 && !this.enables.includes('f16')) fail("f16 needs the line 'enable f16;' at the top", at);
    return type;
  }

  /** A type with its arguments in angle brackets. */
  protected generated(generator: GeneratorEntity, at: Place): Type {
    const { name, shape, columns, rows } = generator;
    this.expect(TEMPLATE_OPEN, `after ${name}`);
    const type = this.arguments_(name, shape, columns, rows, at);
    this.closeTemplate(name);
    return type;
  }

  protected closeTemplate(of: string): void {
    this.accept(',');
    this.expect(TEMPLATE_CLOSE, `after the arguments of ${of}`);
  }

  private arguments_(
    name: string,
    shape: GeneratorEntity['shape'],
    columns: 2 | 3 | 4,
    rows: 2 | 3 | 4,
    at: Place,
  ): Type {
    switch (shape) {
      case 'vector':
        return vector(columns, this.scalar(name));
      case 'matrix': {
        const element = this.scalar(name);
        if (element !== F32 && element !== F16)
          fail(`${name} has elements of type f32 or f16, not ${element.name}`, at);
        return { kind: 'matrix', columns, rows, element };
      }
      case 'array':
        return this.array(at);
      case 'atomic': {
        const element = this.scalar(name);
        if (element !== I32 && element !== U32) fail(`an atomic is i32 or u32, not ${element.name}`, at);
        return { kind: 'atomic', element };
      }
      case 'pointer':
        return this.pointer();
      case 'bitcast':
        return fail('expected a type, but bitcast is a function', at);
    }
  }

  private scalar(of: string): ScalarType {
    const at = this.place();
    const type = this.type();
    if (type.kind !== 'scalar') fail(`${of} has elements of a scalar type, but ${nameOf(type)} was found`, at);
    return type;
  }

  private array(at: Place): Type {
    const elementAt = this.place();
    const element = this.type();
    if (element.kind === 'pointer' || (element.kind === 'array' && element.count === undefined) || isOpen(element)) {
      fail(`an array has no elements of type ${nameOf(element)}`, elementAt);
    }
    if (!this.accept(',') || this.is(TEMPLATE_CLOSE)) return { kind: 'array', element, count: undefined };
    const count = this.constantInteger('the length of an array');
    if (count < 1) fail(`the length of an array is at least 1, but ${count} was found`, at);
    const type: Type = { kind: 'array', element, count };
    if (strideOf(type) * count >= MOST_BYTES) unsupported(`arrays of ${strideOf(type) * count} bytes are`, at);
    return type;
  }

  private pointer(): Type {
    const at = this.place();
    const space = this.predeclaredName('an address space');
    this.expect(',', 'after the address space');
    const targetAt = this.place();
    const target = this.type();
    if (space === 'uniform') unsupported('pointers to uniforms are', at);
    if (!isSpace(space))
      fail(`expected an address space (function, private, workgroup, storage), but '${space}' was found`, at);
    if (target.kind === 'pointer') fail('WGSL has no pointers to pointers', targetAt);
    if (!isConstructible(target) && (space === 'function' || space === 'private')) {
      fail(`nothing of type ${nameOf(target)} lies in the address space ${space}`, targetAt);
    }
    let writable = space !== 'storage';
    if (this.accept(',') && !this.is(TEMPLATE_CLOSE)) {
      if (space !== 'storage') this.unexpected("'>': an access mode goes only with storage");
      writable = this.accessMode();
    }
    return { kind: 'pointer', space, target, writable };
  }

  /** True for `read_write`. */
  protected accessMode(): boolean {
    const at = this.place();
    const mode = this.predeclaredName('an access mode');
    if (mode !== 'read' && mode !== 'read_write') fail(`expected read or read_write, but '${mode}' was found`, at);
    return mode === 'read_write';
  }

  /** A const-expression of type i32 or u32. */
  protected constantInteger(what: string): number {
    const constant = this.constant(what);
    const literal = materialize(constant);
    if (literal.kind !== 'literal' || (literal.type !== I32 && literal.type !== U32)) {
      fail(`${what} is i32 or u32, but ${nameOf(constant.type)} was found`, constant.at);
    }
    return literal.value;
  }

  protected constant(what: string): Constant {
    const operand = this.expression();
    if (operand.kind !== 'constant') fail(`${what} must be known in the text: a const-expression`, operand.at);
    return operand;
  }
}

const isSpace = (name: string): name is PointerType['space'] =>
  name === 'function' || name === 'private' || name === 'workgroup' || name === 'storage';

/** A struct whose last member is an array without a length. */
export const isOpen = (type: Type): boolean => {
  const last = type.kind === 'struct' ? type.members.at(-1)?.type : undefined;
  return last?.kind === 'array' && last.count === undefined;
};
