/** Writes what one invocation does (with width 4: four of them side by side). */
import type { BuiltinName, Expr, IrFunction, Local, Memory, Stmt } from '../ir.js';
import { Code } from './assembler.js';
import { Entry } from './entry.js';
import { emitComputed } from './expression.js';
import { Frame, PARAMETER, wasmType } from './frame.js';
import { Builtins } from './invocations.js';
import { Layout } from './layout.js';
import { emitScatter, emitStore } from './memory.js';
import { OP } from './opcodes.js';
import { surveyOf, type Survey } from './survey.js';
import type { Origin, Writer } from './writer.js';

export class BodyWriter implements Writer {
  code = new Code();
  readonly frame = new Frame();
  readonly entry: Entry;
  readonly builtins: Builtins;
  readonly layout: Layout;
  private readonly survey: Survey;
  /** By the local's id. */
  private readonly locals: (number | undefined)[] = [];
  /** Depth of the structures that labels belong to. */
  private readonly labels = new Map<number, number>();
  /** Statements written so far; see `Survey`. */
  private position = 0;

  /** `apart`: statements that are not written in their place (see `surveyOf`). */
  constructor(
    readonly ir: IrFunction,
    apart: ReadonlySet<Stmt> = new Set(),
  ) {
    this.entry = new Entry(this.frame, ir);
    this.builtins = new Builtins(ir, this.frame, this.entry);
    this.survey = surveyOf(ir, apart);
    this.layout = new Layout(ir, this.survey);
  }

  /** What is computed once for each workgroup. Its locals are never free: the body comes in a loop. */
  prologue(): Code {
    const code = new Code();
    const outer = this.code;
    this.code = code;
    for (const s of this.ir.prologue ?? []) {
      if (s.kind !== 'set') throw new Error(`a ${s.kind} in the prologue`);
      this.emit(s.value);
      code.set(this.localOf(s.local));
    }
    this.code = outer;
    return code;
  }

  emit(e: Expr): void {
    const { code } = this;
    if (e.kind === 'local') {
      code.get(this.localOf(e.local));
    } else if (e.kind === 'builtin') {
      const local = this.builtin(e.name);
      if (local === undefined) code.int(0);
      else code.get(local);
    } else if (e.kind === 'base') {
      const { local, offset } = this.origin(e.memory);
      code.get(local);
      if (offset === 0) return;
      code.int(offset);
      code.op(OP.i32Add);
    } else {
      emitComputed(this, e);
    }
  }

  hold(e: Expr): number {
    if (e.kind === 'local') return this.localOf(e.local);
    if (e.kind === 'param') return this.entry.param(e.word, e.type);
    if (e.kind === 'splat' && e.a.kind === 'param') return this.entry.paramSplat(e.a.word);
    this.emit(e);
    const local = this.frame.temporary(wasmType(e.type));
    this.code.set(local);
    return local;
  }

  origin(memory: Memory): Origin {
    if (memory.kind === 'binding')
      return { local: this.entry.base(memory.index), offset: 0, splat: () => this.entry.baseSplat(memory.index) };
    const local = memory.kind === 'private' ? this.recordAddress() : PARAMETER.scratch;
    return { local, offset: this.layout.offset(memory) };
  }

  statements(body: readonly Stmt[]): void {
    for (const s of body) this.statement(s);
  }

  /** A local with the address of the invocation's record. */
  protected recordAddress(): number {
    return PARAMETER.scratch;
  }

  /** Undefined: 0. */
  protected builtin(name: BuiltinName): number | undefined {
    return this.builtins.local(name);
  }

  protected hasLocal(local: Local): boolean {
    return this.locals[local.id] !== undefined;
  }

  protected localOf(local: Local): number {
    const known = this.locals[local.id];
    if (known !== undefined) return known;
    const type = wasmType(local.type);
    const taken = this.layout.hasSlot(local) || local.mutable ? this.frame.fresh(type) : this.frame.take(type);
    this.locals[local.id] = taken;
    return taken;
  }

  private statement(s: Stmt): void {
    const { code } = this;
    switch (s.kind) {
      case 'set':
        this.emit(s.value);
        code.set(this.localOf(s.local));
        return this.passed();
      case 'store':
        emitStore(this, s);
        return this.passed();
      case 'scatter':
        emitScatter(this, s);
        return this.passed();
      case 'if':
        return this.choice(s);
      case 'block':
      case 'loop':
        return this.structure(s.kind, s.label, () => this.statements(s.body));
      case 'branch':
        return this.branch(s.label);
      case 'barrier':
        throw new Error('a barrier inside of a region');
    }
  }

  protected structure(kind: 'block' | 'loop', label: number, body: () => void): void {
    const { code } = this;
    this.passed();
    this.labels.set(label, code.depth);
    code.open(kind === 'block' ? OP.block : OP.loop);
    body();
    code.end();
    if (kind === 'loop') this.passed();
  }

  protected branch(label: number): void {
    this.code.branch(OP.br, this.target(label));
    this.passed();
  }

  private choice({ condition, yes, no }: Extract<Stmt, { kind: 'if' }>): void {
    const { code } = this;
    this.emit(condition);
    this.passed();
    const inverse = yes.length === 0;
    if (inverse) code.op(OP.i32Eqz);
    const only = inverse ? no : no.length === 0 ? yes : [];
    if (only.length === 1 && only[0].kind === 'branch') {
      code.branch(OP.brIf, this.target(only[0].label));
      return this.passed();
    }
    code.open(OP.if);
    this.statements(yes);
    if (!inverse && no.length > 0) code.else();
    this.statements(no);
    code.end();
  }

  private target(label: number): number {
    const depth = this.labels.get(label);
    if (depth === undefined) throw new Error(`a branch to label ${label}, which is not around it`);
    return depth;
  }

  /** A statement's own values are written: frees the locals of those that nobody reads any more. */
  protected passed(): void {
    const over = this.survey.lastUses[this.position++];
    if (!over) return;
    for (const local of over) {
      const index = this.locals[local.id];
      if (index === undefined || this.layout.hasSlot(local)) continue;
      this.locals[local.id] = undefined;
      this.frame.free(index);
    }
  }
}
