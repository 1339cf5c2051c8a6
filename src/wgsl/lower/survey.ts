/** One walk over the tree before lowering: what is assigned, what is indexed at run time, which expressions have effects. */
import type { Expression, FunctionDeclaration, Module, Statement, Value, Variable } from '../ast.js';
import type { Type } from '../types.js';

export interface Survey {
  /** Variables that change after their declaration (or may, through a pointer). */
  readonly assigned: ReadonlySet<Variable>;
  /** Variables of which some array or matrix is indexed by what is known only at run time. */
  readonly dynamic: ReadonlySet<Variable>;
  /** Module-scope variables that `main` comes to. */
  readonly used: ReadonlySet<Variable>;
  /** Expressions that change memory or module-scope variables when they are evaluated. */
  readonly effects: ReadonlySet<Expression>;
  /** Functions that return only at the end, once. */
  readonly straight: ReadonlySet<FunctionDeclaration>;
}

export function survey(module: Module): Survey {
  const walk = new Walk();
  walk.function(module.main);
  for (const variable of module.variables) if (variable.initial) walk.expression(variable.initial);
  return walk;
}

class Walk implements Survey {
  readonly assigned = new Set<Variable>();
  readonly dynamic = new Set<Variable>();
  readonly used = new Set<Variable>();
  readonly effects = new Set<Expression>();
  readonly straight = new Set<FunctionDeclaration>();
  private readonly hasEffects = new Map<FunctionDeclaration, boolean>();
  private returns = 0;

  /** Whether a call has effects. */
  function(f: FunctionDeclaration): boolean {
    const known = this.hasEffects.get(f);
    if (known !== undefined) return known;
    const outer = this.returns;
    this.returns = 0;
    const effects = this.statements(f.body);
    const last = f.body.at(-1)?.kind === 'return' ? 1 : 0;
    if (this.returns === last) this.straight.add(f);
    this.returns = outer;
    this.hasEffects.set(f, effects);
    return effects;
  }

  private statements(list: readonly Statement[]): boolean {
    let effects = false;
    for (const s of list) if (this.statement(s)) effects = true;
    return effects;
  }

  private statement(s: Statement): boolean {
    switch (s.kind) {
      case 'let':
        return this.expression(s.initial);
      case 'var':
        return s.variable.initial !== undefined && this.expression(s.variable.initial);
      case 'assign': {
        const value = this.expression(s.value);
        if (s.place === undefined) return value;
        const place = this.expression(s.place);
        const root = rootOf(s.place);
        if (root?.kind === 'variable') this.assigned.add(root);
        const own = root?.kind === 'variable' && root.space === 'function';
        return value || place || !own;
      }
      case 'call':
        return this.expression(s.call);
      case 'if': {
        const condition = this.expression(s.condition);
        const yes = this.statements(s.yes);
        return this.statements(s.no) || yes || condition;
      }
      case 'loop': {
        const initial = this.statements(s.initial);
        const body = this.statements(s.body);
        const continuing = this.statements(s.continuing);
        const end = s.breakIf !== undefined && this.expression(s.breakIf);
        return initial || body || continuing || end;
      }
      case 'switch': {
        let effects = this.expression(s.selector);
        for (const c of s.cases) if (this.statements(c.body)) effects = true;
        return effects;
      }
      case 'block':
        return this.statements(s.body);
      case 'return':
        this.returns++;
        return s.value !== undefined && this.expression(s.value);
      case 'barrier':
        return true;
      case 'break':
      case 'continue':
        return false;
    }
  }

  expression(e: Expression): boolean {
    const effects = this.inner(e);
    if (effects) this.effects.add(e);
    return effects;
  }

  private inner(e: Expression): boolean {
    switch (e.kind) {
      case 'literal':
        return false;
      case 'name':
        if (e.target.kind === 'variable' && e.target.space !== 'function') this.used.add(e.target);
        return false;
      case 'member':
      case 'swizzle':
        return this.expression(e.object);
      case 'index': {
        const kind = e.object.type.kind;
        if (e.index.kind !== 'literal' && (kind === 'array' || kind === 'matrix')) this.mark(this.dynamic, e.object);
        const object = this.expression(e.object);
        return this.expression(e.index) || object;
      }
      case 'unary':
      case 'convert':
      case 'bitcast':
      case 'dereference':
        return this.expression(e.operand);
      case 'address':
        this.mark(this.assigned, e.operand);
        if (hasParts(e.operand.type)) this.mark(this.dynamic, e.operand);
        return this.expression(e.operand);
      case 'binary': {
        const left = this.expression(e.left);
        return this.expression(e.right) || left;
      }
      case 'construct':
        return this.all(e.arguments);
      case 'builtin':
        return this.all(e.arguments) || e.name.startsWith('atomic') || e.name === 'workgroupUniformLoad';
      case 'call': {
        const parts = this.all(e.arguments);
        return this.function(e.target) || parts;
      }
    }
  }

  private all(list: readonly Expression[]): boolean {
    let effects = false;
    for (const e of list) if (this.expression(e)) effects = true;
    return effects;
  }

  private mark(set: Set<Variable>, e: Expression): void {
    const root = rootOf(e);
    if (root?.kind === 'variable') set.add(root);
  }
}

const hasParts = (type: Type): boolean =>
  type.kind === 'array' ||
  type.kind === 'matrix' ||
  (type.kind === 'struct' && type.members.some((m) => hasParts(m.type)));

/** The variable whose part a reference is; undefined behind a pointer, or for a binding. */
function rootOf(e: Expression): Variable | Value | undefined {
  let at = e;
  while (at.kind === 'member' || at.kind === 'swizzle' || at.kind === 'index') at = at.object;
  if (at.kind !== 'name') return undefined;
  return at.target.kind === 'variable' || at.target.kind === 'value' ? at.target : undefined;
}
