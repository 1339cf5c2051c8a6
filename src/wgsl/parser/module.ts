import type { Binding, Module, Uniform, Variable } from '../ast.js';
import { fail, unsupported, withEvaluation } from '../check/fault.js';
import type { Place } from '../error.js';
import { TEMPLATE_OPEN } from '../lexer.js';
import { DeclarationParser } from './declarations.js';
import { PREDECLARED, type Entity, type FunctionEntity } from './entity.js';
import { Scope } from './scope.js';

const DEEPEST_CALLS = 500;
const EXTENSIONS = ['f16', 'subgroups'];

/** A declaration of the module: where its text begins, and what it is once it has been read. */
interface Declared {
  readonly name: string;
  readonly at: Place;
  /** Number of its first token, an attribute's if there are any. */
  readonly start: number;
  state: 'unread' | 'being read' | 'read';
  entity: Entity | undefined;
  /** Number of the token after it; of a function: of the one after its `{`. */
  end: number;
}

/**
 * Reads a module. A declaration may use those that follow it, so a first walk over the tokens only finds where each stands, and each is read
 * when it is first needed, or when its turn comes. Functions' bodies are read last: they need no more of one another than the heads.
 */
export class ModuleParser extends DeclarationParser {
  private readonly declared = new Map<string, Declared>();
  private readonly order: Declared[] = [];
  private readonly assertions: number[] = [];

  module(): Module {
    this.directives();
    this.survey();
    for (const declaration of this.order) this.read(declaration, declaration.at);
    for (const start of this.assertions) {
      this.position = start;
      this.constAssert();
    }
    const functions: FunctionEntity[] = [];
    for (const { entity, end, name } of this.order) {
      if (entity?.kind !== 'function') continue;
      functions.push(entity);
      this.position = end;
      this.body(name, entity);
    }
    refuseRecursion(functions);
    return this.assemble(functions);
  }

  private directives(): void {
    for (;;) {
      const at = this.place();
      if (this.is('requires') || this.is('diagnostic')) unsupported(`the directive '${this.text}' is`, at);
      if (!this.accept('enable')) return;
      do {
        const extensionAt = this.place();
        const extension = this.name("an extension's name");
        if (!EXTENSIONS.includes(extension)) unsupported(`the extension '${extension}' is`, extensionAt);
        if (!this.enables.includes(extension)) this.enables.push(extension);
      } while (this.accept(',') && !this.is(';'));
      this.expect(';', "after 'enable'");
    }
  }

  /** Finds the declarations, without looking into them. */
  private survey(): void {
    while (!this.atEnd()) {
      const start = this.position;
      if (this.accept(';')) continue;
      while (this.is('@')) this.skipAttribute();
      const at = this.place();
      const keyword = this.text;
      this.next();
      switch (keyword) {
        case 'const_assert':
          if (start !== this.position - 1) fail('const_assert has no attributes', at);
          this.assertions.push(start);
          this.skipPast(';');
          continue;
        case 'override':
          unsupported("'override' declarations are", at);
          break;
        case 'fn':
        case 'struct':
        case 'const':
        case 'alias':
        case 'var':
          break;
        default:
          this.position--;
          this.unexpected('a declaration (fn, var, const, struct, alias)');
      }
      if (keyword === 'var' && this.is(TEMPLATE_OPEN)) this.skipBracketed(TEMPLATE_OPEN, 'template >');
      const nameAt = this.place();
      const name = this.name(`a name after '${keyword}'`);
      const earlier = this.declared.get(name);
      if (earlier) fail(`'${name}' is declared twice: first in line ${earlier.at.line}`, nameAt);
      const declared: Declared = { name, at: nameAt, start, state: 'unread', entity: undefined, end: 0 };
      this.declared.set(name, declared);
      this.order.push(declared);
      if (keyword === 'fn' || keyword === 'struct') {
        while (!this.is('{') && !this.is(';') && !this.atEnd()) this.next();
        this.skipBracketed('{', '}');
      } else this.skipPast(';');
    }
  }

  private skipAttribute(): void {
    this.next();
    this.next();
    if (this.is('(')) this.skipBracketed('(', ')');
  }

  private skipPast(symbol: string): void {
    while (!this.is(symbol) && !this.atEnd()) this.next();
    this.next();
  }

  private skipBracketed(open: string, close: string): void {
    const at = this.place();
    if (!this.is(open)) this.unexpected(`'${open}'`);
    let depth = 0;
    do {
      if (this.atEnd()) fail(`this '${open}' is never closed`, at);
      if (this.is(open)) depth++;
      else if (this.is(close)) depth--;
      this.next();
    } while (depth > 0);
  }

  protected isDeclared(name: string): boolean {
    return this.locals.has(name) || this.declared.has(name);
  }

  protected resolve(name: string, at: Place): Entity {
    const local = this.locals.find(name, at);
    if (local) return local;
    const declared = this.declared.get(name);
    if (declared) return this.read(declared, at);
    const predeclared = PREDECLARED.get(name);
    if (!predeclared) fail(`'${name}' is not declared`, at);
    return predeclared;
  }

  /** Reads a declaration if that has not happened yet, and comes back to where it was. */
  private read(declared: Declared, at: Place): Entity {
    if (declared.entity) return declared.entity;
    if (declared.state === 'being read') fail(`'${declared.name}' is declared by means of itself`, at);
    declared.state = 'being read';
    const { position, locals, current } = this;
    this.position = declared.start;
    this.locals = new Scope();
    this.current = undefined;
    const entity = withEvaluation(() => this.declaration());
    declared.entity = entity;
    declared.end = this.position;
    declared.state = 'read';
    this.position = position;
    this.locals = locals;
    this.current = current;
    return entity;
  }

  private declaration(): Entity {
    const attributes = this.attributes(this.allowedAttributes());
    const keyword = this.text;
    this.next();
    switch (keyword) {
      case 'alias':
        return this.aliasDeclaration();
      case 'struct':
        return { kind: 'type', type: this.structDeclaration() };
      case 'const': {
        const found: Entity[] = [];
        this.constDeclaration((_name, constant) => found.push(constant));
        this.expect(';', 'after the constant');
        return found[0];
      }
      case 'var':
        return this.variableDeclaration(attributes);
      default:
        return this.functionHead(attributes);
    }
  }

  /** By the keyword after the attributes. */
  private allowedAttributes(): readonly string[] {
    const start = this.position;
    while (this.is('@')) this.skipAttribute();
    const keyword = this.text;
    this.position = start;
    if (keyword === 'var') return ['group', 'binding'];
    return keyword === 'fn' ? ['compute', 'workgroup_size', 'must_use'] : [];
  }

  private body(name: string, entity: FunctionEntity): void {
    const { parameters, result, body } = entity.declaration;
    this.current = entity;
    this.locals = new Scope();
    this.locals.enter();
    for (const { value } of parameters) this.locals.declare(value.name, value, value.at);
    this.functionBody(name, result, body);
    this.locals = new Scope();
    this.current = undefined;
  }

  private assemble(functions: readonly FunctionEntity[]): Module {
    const bindings: Binding[] = [];
    const uniforms: Uniform[] = [];
    const variables: Variable[] = [];
    for (const { entity } of this.order) {
      if (entity?.kind === 'binding') bindings.push(entity);
      else if (entity?.kind === 'uniform') uniforms.push(entity);
      else if (entity?.kind === 'variable') variables.push(entity);
    }
    const numbers = new Map<number, string>();
    for (const { index, name, at } of [...bindings, ...uniforms]) {
      const other = numbers.get(index);
      if (other !== undefined) fail(`'${other}' and '${name}' both have @binding(${index})`, at);
      numbers.set(index, name);
    }
    if (uniforms.length > 1) unsupported('several uniforms are', uniforms[1].at);
    const entries = functions.filter((candidate) => candidate.workgroupSize);
    const [entry] = entries;
    if (!entry?.workgroupSize)
      fail('there is no entry point: a function with @compute @workgroup_size(…)', this.place());
    if (entries.length > 1) unsupported('several entry points are', entries[1].declaration.at);
    return {
      bindings,
      uniform: uniforms.at(0),
      variables,
      functions: functions.map(({ declaration }) => declaration),
      main: entry.declaration,
      workgroupSize: entry.workgroupSize,
      enables: this.enables,
    };
  }
}

function refuseRecursion(functions: readonly FunctionEntity[]): void {
  const done = new Set<FunctionEntity>();
  const open = new Set<FunctionEntity>();
  const visit = (entity: FunctionEntity): void => {
    open.add(entity);
    if (open.size > DEEPEST_CALLS) unsupported(`chains of more than ${DEEPEST_CALLS} calls are`, entity.declaration.at);
    for (const { target, at } of entity.calls) {
      const { name } = target.declaration;
      if (open.has(target)) fail(`'${name}' calls itself, directly or by way of others: WGSL has no recursion`, at);
      if (!done.has(target)) visit(target);
    }
    open.delete(entity);
    done.add(entity);
  };
  for (const entity of functions) if (!done.has(entity)) visit(entity);
}
