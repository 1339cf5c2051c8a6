/** From the middle form to a WebAssembly module (what the module expects: see `CompiledKernel` in compile.ts). */
import type { BuiltinName, Expr, IrFunction, Local, Memory, Stmt } from '../ir.js';
import { buildModule, Code } from './assembler.js';
import { Entry } from './entry.js';
import { settleExits } from './exits.js';
import { emitComputed } from './expression.js';
import { Frame, PARAMETER, PARAMETERS, wasmType } from './frame.js';
import { Builtins, type Counter } from './invocations.js';
import { Layout } from './layout.js';
import { emitScatter, emitStore } from './memory.js';
import { OP, SIMD, WASM } from './opcodes.js';
import { hasBarrier, planRegions, type Region, type Step } from './regions.js';
import { surveyOf, type Survey } from './survey.js';
import type { Origin, Writer } from './writer.js';

export interface EmittedKernel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of scratch memory. */
  readonly scratchBytes: number;
}

/** `shared`: the imported memory is shared between threads. */
export function emitWasm(ir: IrFunction, options: { readonly shared: boolean }): EmittedKernel {
  if (!hasBarrier(ir.body)) return new KernelWriter(ir).write(options.shared);
  return new KernelWriter({ ...ir, body: settleExits(ir) }).writeInRegions(options.shared);
}

class KernelWriter implements Writer {
  code = new Code();
  readonly frame = new Frame();
  readonly entry: Entry;
  private readonly builtins: Builtins;
  private readonly layout: Layout;
  /** By the local's id. */
  private readonly locals: (number | undefined)[] = [];
  private readonly labels = new Map<number, number>();
  private readonly survey: Survey;
  /** Statements written so far; see `Survey`. */
  private position = 0;
  /** Where an invocation's record lies, in kernels with barriers; scratch memory begins with the only one otherwise. */
  private record: number = PARAMETER.scratch;
  /** Writing what is done once for the workgroup, with the values of its first invocation. */
  private forWorkgroup = false;

  constructor(readonly ir: IrFunction) {
    this.entry = new Entry(this.frame, ir);
    this.builtins = new Builtins(ir, this.frame, this.entry);
    this.survey = surveyOf(ir);
    this.layout = new Layout(ir, this.survey);
  }

  write(shared: boolean): EmittedKernel {
    const prologue = this.prologue();
    this.statements(this.ir.body);
    const body = this.code;
    return this.finish(shared, 1, (code) => {
      code.append(prologue.view());
      this.builtins.eachInvocation(code, [], () => code.append(body.view()));
    });
  }

  writeInRegions(shared: boolean): EmittedKernel {
    this.forWorkgroup = true;
    const prologue = this.prologue();
    const plan = planRegions(this.ir.body);
    // What the prologue sets is known to all invocations.
    for (const local of plan.shared) if (this.locals[local.id] === undefined) this.layout.addSlot(local);
    this.steps(plan.steps);
    const body = this.code;
    return this.finish(shared, this.layout.records, (code) => {
      code.append(prologue.view());
      code.append(body.view());
    });
  }

  /** What is computed once for each workgroup. Its locals are never free: the body comes in a loop. */
  private prologue(): Code {
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

  private finish(shared: boolean, records: number, workgroup: (code: Code) => void): EmittedKernel {
    const main = new Code();
    const { workgroupBytes } = this.layout;
    this.builtins.eachWorkgroup(main, () => {
      if (workgroupBytes > 0) {
        main.get(PARAMETER.scratch);
        main.int(0);
        main.int(workgroupBytes);
        main.memoryFill();
      }
      workgroup(main);
    });
    const bytes = buildModule({
      name: this.ir.name,
      shared,
      parameters: PARAMETERS,
      locals: this.frame.types,
      code: [this.entry.code, main],
    });
    return { bytes, scratchBytes: this.layout.bytes(records) };
  }

  // Values.

  emit(e: Expr): void {
    const { code } = this;
    if (e.kind === 'local') {
      if (this.forWorkgroup && this.layout.hasSlot(e.local)) this.fetch(PARAMETER.scratch, e.local);
      else code.get(this.localOf(e.local));
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
    if (e.kind === 'local' && !this.forWorkgroup) return this.localOf(e.local);
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
    const local = memory.kind === 'private' && !this.forWorkgroup ? this.record : PARAMETER.scratch;
    return { local, offset: this.layout.offset(memory) };
  }

  /** Undefined: 0. */
  private builtin(name: BuiltinName): number | undefined {
    if (this.forWorkgroup && (name === 'lindex' || name.startsWith('lid'))) return undefined;
    return this.builtins.local(name);
  }

  private localOf(local: Local): number {
    const known = this.locals[local.id];
    if (known !== undefined) return known;
    const type = wasmType(local.type);
    const taken = this.layout.hasSlot(local) || local.mutable ? this.frame.fresh(type) : this.frame.take(type);
    this.locals[local.id] = taken;
    return taken;
  }

  // Statements.

  private statements(body: readonly Stmt[]): void {
    for (const s of body) this.statement(s);
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
        this.passed();
        this.labels.set(s.label, code.depth);
        code.open(s.kind === 'block' ? OP.block : OP.loop);
        this.statements(s.body);
        code.end();
        if (s.kind === 'loop') this.passed();
        return;
      case 'branch':
        code.branch(OP.br, this.target(s.label));
        return this.passed();
      case 'barrier':
        throw new Error('a barrier inside of a region');
    }
  }

  private choice(s: Extract<Stmt, { kind: 'if' }>): void {
    const { code } = this;
    this.emit(s.condition);
    this.passed();
    const only = (body: readonly Stmt[]): number | undefined =>
      body.length === 1 && body[0].kind === 'branch' ? this.target(body[0].label) : undefined;
    const inverse = s.yes.length === 0;
    const branch = inverse ? only(s.no) : s.no.length === 0 ? only(s.yes) : undefined;
    if (inverse) code.op(OP.i32Eqz);
    if (branch !== undefined) {
      code.branch(OP.brIf, branch);
      return this.passed();
    }
    code.open(OP.if);
    this.statements(s.yes);
    if (!inverse && s.no.length > 0) code.else();
    this.statements(s.no);
    code.end();
  }

  private target(label: number): number {
    const depth = this.labels.get(label);
    if (depth === undefined) throw new Error(`a branch to label ${label}, which is not around it`);
    return depth;
  }

  /** A statement's own values are written: frees the locals of those that nobody reads any more. */
  private passed(): void {
    const over = this.survey.lastUses[this.position++];
    if (!over) return;
    for (const local of over) {
      const index = this.locals[local.id];
      if (index === undefined || this.layout.hasSlot(local)) continue;
      this.locals[local.id] = undefined;
      this.frame.free(index);
    }
  }

  // Kernels with barriers.

  private steps(steps: readonly Step[]): void {
    for (const step of steps) this.step(step);
  }

  private step(step: Step): void {
    const { code } = this;
    switch (step.kind) {
      case 'region':
        return this.region(step);
      case 'barrier':
        return this.passed();
      case 'branch':
        code.branch(OP.br, this.target(step.label));
        return this.passed();
      case 'if':
        this.emit(step.condition);
        this.passed();
        code.open(OP.if);
        this.steps(step.yes);
        if (step.no.length > 0) code.else();
        this.steps(step.no);
        code.end();
        return;
      case 'block':
      case 'loop':
        this.passed();
        this.labels.set(step.label, code.depth);
        code.open(step.kind === 'block' ? OP.block : OP.loop);
        this.steps(step.body);
        code.end();
        if (step.kind === 'loop') this.passed();
        return;
    }
  }

  private region(region: Region): void {
    const outer = this.code;
    const body = new Code();
    this.code = body;
    this.forWorkgroup = false;
    this.record = this.frame.temporary(WASM.i32);
    for (const [local, fetch] of region.locals) {
      if (!fetch || !this.layout.hasSlot(local)) continue;
      this.fetch(this.record, local);
      body.set(this.localOf(local));
    }
    this.statements(region.body);
    for (const local of region.sets) if (this.layout.hasSlot(local)) this.keep(local);
    const counters: Counter[] =
      this.layout.stride > 0 ? [{ local: this.record, first: PARAMETER.scratch, step: this.layout.stride }] : [];
    this.builtins.eachInvocation(outer, counters, () => outer.append(body.view()));
    this.frame.release(this.record);
    this.code = outer;
    this.forWorkgroup = true;
  }

  /** Puts a local's value on the stack, from the record at an address. */
  private fetch(record: number, local: Local): void {
    const { code } = this;
    code.get(record);
    const offset = this.layout.slot(local);
    if (wasmType(local.type) === WASM.v128) code.simdAccess(SIMD.v128Load, offset);
    else code.access(local.type === 'f32' ? OP.f32Load : OP.i32Load, offset);
  }

  private keep(local: Local): void {
    const { code } = this;
    code.get(this.record);
    code.get(this.localOf(local));
    const offset = this.layout.slot(local);
    if (wasmType(local.type) === WASM.v128) code.simdAccess(SIMD.v128Store, offset);
    else code.access(local.type === 'f32' ? OP.f32Store : OP.i32Store, offset);
  }
}
