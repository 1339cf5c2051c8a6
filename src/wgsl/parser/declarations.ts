import type { Binding, BuiltinValue, Parameter, Uniform, Variable } from '../ast.js';
import { expected, materialize } from '../check/constant.js';
import { fail, unsupported } from '../check/fault.js';
import { alignOf, layOut, sizeOf, type MemberDeclaration } from '../check/layout.js';
import { hasAtomics, isAlignment, isHostShareable, isSized } from '../check/memory.js';
import { isConstructible, nameOf } from '../check/types.js';
import type { Place } from '../error.js';
import { TEMPLATE_CLOSE, TEMPLATE_OPEN } from '../lexer.js';
import { U32, VOID, sameType, vectorOf, type StructType, type Type } from '../types.js';
import { StatementParser } from './control.js';
import type { Entity, FunctionEntity } from './entity.js';
import { isValue } from './statements.js';
import { isOpen } from './types.js';

const UVEC3 = vectorOf(3, U32);

const BUILTIN_VALUES: ReadonlyMap<string, Type> = new Map<BuiltinValue, Type>([
  ['global_invocation_id', UVEC3],
  ['local_invocation_id', UVEC3],
  ['workgroup_id', UVEC3],
  ['num_workgroups', UVEC3],
  ['local_invocation_index', U32],
  ['subgroup_size', U32],
  ['subgroup_invocation_id', U32],
]);

const isBuiltinValue = (name: string): name is BuiltinValue => BUILTIN_VALUES.has(name);

/** WGSL's bound. */
const MOST_PARAMETERS = 255;

/** What stands before a declaration: `@group(0) @binding(1)`, `@compute @workgroup_size(64)`. */
interface Attributes {
  readonly at: Place;
  readonly numbers: ReadonlyMap<string, readonly number[]>;
  readonly builtin: BuiltinValue | undefined;
}

/** How many numbers an attribute takes, at least and at most. */
const ATTRIBUTES: Readonly<Record<string, readonly [number, number]>> = {
  group: [1, 1],
  binding: [1, 1],
  align: [1, 1],
  size: [1, 1],
  workgroup_size: [1, 3],
  compute: [0, 0],
  must_use: [0, 0],
};

/** Reads and checks what a module declares. */
export abstract class DeclarationParser extends StatementParser {
  protected attributes(allowed: readonly string[]): Attributes {
    const at = this.place();
    const numbers = new Map<string, readonly number[]>();
    let builtin: BuiltinValue | undefined;
    while (this.is('@')) {
      const here = this.place();
      this.next();
      const name = this.is('diagnostic') ? 'diagnostic' : this.name("an attribute's name after '@'");
      if (name !== 'builtin' && (!Object.hasOwn(ATTRIBUTES, name) || !allowed.includes(name))) {
        unsupported(`the attribute @${name} is`, here);
      }
      if (numbers.has(name) || (name === 'builtin' && builtin)) fail(`the attribute @${name} stands here twice`, here);
      if (name === 'builtin') {
        if (!allowed.includes(name)) unsupported('the attribute @builtin is', here);
        builtin = this.builtinAttribute();
      } else numbers.set(name, this.attributeNumbers(name));
    }
    return { at, numbers, builtin };
  }

  private builtinAttribute(): BuiltinValue {
    this.expect('(', 'after @builtin');
    const at = this.place();
    const name = this.name('a builtin value');
    if (!isBuiltinValue(name)) unsupported(`the builtin value '${name}' is`, at);
    if (name.startsWith('subgroup') && !this.enables.includes('subgroups')) {
      fail(`${name} needs the line 'enable subgroups;' at the top`, at);
    }
    this.accept(',');
    this.expect(')', 'after the builtin value');
    return name;
  }

  private attributeNumbers(name: string): number[] {
    const [least, most] = ATTRIBUTES[name];
    const numbers: number[] = [];
    if (most === 0) return numbers;
    this.expect('(', `after @${name}`);
    while (!this.is(')') && numbers.length < most) {
      numbers.push(this.constantInteger(`the value of @${name}`));
      if (!this.accept(',')) break;
    }
    if (numbers.length < least) this.unexpected(`a value of @${name}`);
    this.expect(')', `after the values of @${name}`);
    return numbers;
  }

  /** After `alias`. */
  protected aliasDeclaration(): Entity {
    this.name('a name');
    this.expect('=', 'after the name of an alias');
    const type = this.type();
    this.expect(';', 'after the alias');
    return { kind: 'type', type };
  }

  /** After `struct`. */
  protected structDeclaration(): StructType {
    const at = this.place();
    const structName = this.name('a name');
    const members: MemberDeclaration[] = [];
    this.expect('{', 'before the members of a struct');
    while (!this.is('}')) {
      const { numbers } = this.attributes(['align', 'size']);
      const memberAt = this.place();
      const name = this.name("a member's name");
      if (members.some((other) => other.name === name)) fail(`${structName} has two members '${name}'`, memberAt);
      this.expect(':', `after the member's name`);
      const type = this.type();
      if (type.kind === 'pointer' || isOpen(type)) fail(`a struct has no members of type ${nameOf(type)}`, memberAt);
      const last = members.at(-1);
      if (last && !isSized(last.type))
        fail(`${last.name}, an array without a length, must be the last member`, memberAt);
      const member = { name, type, align: numbers.get('align')?.[0], size: numbers.get('size')?.[0] };
      this.checkMemberAttributes(member, memberAt);
      members.push(member);
      if (!this.accept(',')) break;
    }
    this.expect('}', 'after the members of a struct');
    if (members.length === 0) fail(`${structName} has no members`, at);
    return layOut(structName, members);
  }

  private checkMemberAttributes({ type, align, size }: MemberDeclaration, at: Place): void {
    if (align !== undefined && !isAlignment(align, type)) {
      fail(`@align(${align}) is not a power of two and multiple of ${alignOf(type)}, which ${nameOf(type)} needs`, at);
    }
    if (size !== undefined && (size < sizeOf(type) || !isSized(type))) {
      fail(`@size(${size}) is less than the ${sizeOf(type)} bytes of ${nameOf(type)}`, at);
    }
  }

  /** After `var`, at module scope. */
  protected variableDeclaration({ at: attributesAt, numbers }: Attributes): Variable | Binding | Uniform {
    if (!this.accept(TEMPLATE_OPEN)) {
      fail(
        'a variable outside of functions needs an address space, as in var<workgroup>; textures and samplers are not supported here',
        this.place(),
      );
    }
    const spaceAt = this.place();
    const space = this.predeclaredName('an address space');
    let writable = space !== 'storage' && space !== 'uniform';
    if (this.accept(',') && !this.is(TEMPLATE_CLOSE)) {
      if (space !== 'storage') this.unexpected("'>': an access mode goes only with storage");
      writable = this.accessMode();
    }
    this.closeTemplate('var');
    const at = this.place();
    const name = this.name('a name');
    const type = this.annotation();
    const group = numbers.get('group')?.[0];
    const index = numbers.get('binding')?.[0];
    if (space === 'private' || space === 'workgroup') {
      if (numbers.size > 0) fail(`'${name}' is no buffer: @group and @binding do not go with it`, attributesAt);
      return this.moduleVariable(name, space, type, at);
    }
    if (space !== 'storage' && space !== 'uniform') {
      fail(`expected an address space (storage, uniform, workgroup, private), but '${space}' was found`, spaceAt);
    }
    if (group === undefined || index === undefined) fail(`'${name}' needs @group(0) and @binding(…)`, at);
    if (group !== 0) unsupported(`bind groups other than 0 (${group}) are`, attributesAt);
    if (index < 0) fail(`a binding has no number below 0, but ${index} was found`, attributesAt);
    if (!type) fail(`'${name}' needs a type`, at);
    this.expect(';', `after '${name}': a buffer has no initial value`);
    if (!isHostShareable(type)) fail(`${nameOf(type)} cannot lie in a buffer`, at);
    if (hasAtomics(type) && !writable) fail(`'${name}' has atomics and must be var<storage, read_write>`, at);
    if (space === 'storage') return { kind: 'binding', name, index, type, writable, at };
    if (type.kind !== 'struct') unsupported(`uniforms that are not a struct (${nameOf(type)}) are`, at);
    if (!isSized(type)) fail(`the uniform '${name}' has an array without a length`, at);
    return { kind: 'uniform', name, index, type, at };
  }

  private moduleVariable(name: string, space: 'private' | 'workgroup', given: Type | undefined, at: Place): Variable {
    let initial: Variable['initial'];
    if (this.accept('=')) {
      if (space === 'workgroup') fail(`the workgroup variable '${name}' has no initial value`, at);
      const constant = this.constant(`the initial value of '${name}'`);
      initial = given ? expected(constant, given, () => `'${name}'`) : materialize(constant);
    }
    const type = given ?? initial?.type;
    if (!type) fail(`'${name}' needs a type`, at);
    this.expect(';', `after '${name}'`);
    if (space === 'private') this.checkStored(type, name, at);
    else if (!isSized(type) || type.kind === 'pointer') {
      fail(`the workgroup variable '${name}' cannot be of type ${nameOf(type)}`, at);
    }
    return { kind: 'variable', name, space, type, initial, at };
  }

  /** After `fn`: up to the result's type. */
  protected functionHead({ numbers }: Attributes): FunctionEntity {
    const at = this.place();
    const name = this.name('a name');
    const size = numbers.get('workgroup_size');
    const isEntry = numbers.has('compute');
    if (isEntry !== (size !== undefined)) fail('@compute and @workgroup_size(…) go together', at);
    if (size?.some((n) => n < 1)) fail(`the workgroup size is at least 1, but ${size.join(', ')} was found`, at);
    const parameters = this.parameters(isEntry);
    let result: Type = VOID;
    if (this.accept('->')) {
      const resultAt = this.place();
      if (isEntry) fail(`the entry point '${name}' returns nothing`, resultAt);
      this.attributes([]);
      result = this.type();
      if (!isConstructible(result)) fail(`a function cannot return a value of type ${nameOf(result)}`, resultAt);
    }
    const mustUse = numbers.has('must_use');
    if (mustUse && result === VOID) fail(`'${name}' returns nothing, so @must_use does not go with it`, at);
    this.expect('{', `before the statements of the function '${name}'`);
    return {
      kind: 'function',
      declaration: { kind: 'function', name, parameters, result, body: [], at },
      mustUse,
      workgroupSize: size && [size[0], size[1] ?? 1, size[2] ?? 1],
      calls: [],
    };
  }

  private parameters(isEntry: boolean): Parameter[] {
    const parameters: Parameter[] = [];
    this.expect('(', "after the function's name");
    while (!this.is(')')) {
      const { builtin } = this.attributes(isEntry ? ['builtin'] : []);
      const at = this.place();
      const name = this.name("a parameter's name");
      this.expect(':', "after the parameter's name");
      const type = this.type();
      if (parameters.some((other) => other.value.name === name)) fail(`there are two parameters '${name}'`, at);
      if (builtin !== undefined) this.checkBuiltin(builtin, type, parameters, at);
      else if (isEntry) unsupported('parameters of an entry point without @builtin are', at);
      if (!isValue(type)) fail(`a parameter cannot be of type ${nameOf(type)}`, at);
      parameters.push({ value: { kind: 'value', name, type, at }, builtin });
      if (parameters.length > MOST_PARAMETERS) fail(`a function has at most ${MOST_PARAMETERS} parameters`, at);
      if (!this.accept(',')) break;
    }
    this.expect(')', 'after the parameters');
    return parameters;
  }

  private checkBuiltin(builtin: BuiltinValue, type: Type, others: readonly Parameter[], at: Place): void {
    const wanted = BUILTIN_VALUES.get(builtin) ?? VOID;
    if (!sameType(type, wanted)) fail(`${builtin} is ${nameOf(wanted)}, but ${nameOf(type)} was found`, at);
    if (others.some((other) => other.builtin === builtin)) fail(`two parameters are @builtin(${builtin})`, at);
  }
}
