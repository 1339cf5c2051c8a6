/** Writes kernels with barriers, step by step of their plan (regions.ts). */
import type { BuiltinName, Expr, IrFunction, Local } from '../ir.js';
import { Code } from './assembler.js';
import { BodyWriter } from './body-writer.js';
import { PARAMETER, wasmType } from './frame.js';
import type { Counter } from './invocations.js';
import { OP, SIMD, WASM } from './opcodes.js';
import { planRegions, type Region, type Step } from './regions.js';
import { findUniform } from './uniform.js';

export class RegionWriter extends BodyWriter {
  /** Within a region: the address of the invocation's record. Undefined: writing what the workgroup does once, with the values of its first invocation. */
  private record: number | undefined;

  constructor(
    ir: IrFunction,
    private readonly uniform = findUniform(ir.body),
  ) {
    super(ir, uniform.sets);
  }

  /** The whole body; gives the prologue before it. */
  body(): Code {
    const prologue = this.prologue();
    const plan = planRegions(this.ir.body, this.uniform);
    // What the prologue sets is known to all invocations.
    for (const local of plan.shared) if (!this.hasLocal(local)) this.layout.addSlot(local);
    this.steps(plan.steps);
    return prologue;
  }

  override emit(e: Expr): void {
    if (e.kind === 'local' && this.isElsewhere(e.local)) this.fetch(e.local);
    else super.emit(e);
  }

  override hold(e: Expr): number {
    if (e.kind !== 'local' || !this.isElsewhere(e.local)) return super.hold(e);
    this.fetch(e.local);
    const local = this.frame.temporary(wasmType(e.type));
    this.code.set(local);
    return local;
  }

  protected override recordAddress(): number {
    return this.record ?? PARAMETER.scratch;
  }

  protected override builtin(name: BuiltinName): number | undefined {
    if (this.record === undefined && (name === 'lindex' || name.startsWith('lid'))) return undefined;
    return super.builtin(name);
  }

  /** In the first invocation's record, not in a local. */
  private isElsewhere(local: Local): boolean {
    return this.record === undefined && this.layout.hasSlot(local);
  }

  private steps(steps: readonly Step[]): void {
    for (const step of steps) this.step(step);
  }

  private step(step: Step): void {
    const { code } = this;
    switch (step.kind) {
      case 'region':
        return this.region(step);
      case 'set':
        this.emit(step.value);
        return code.set(this.localOf(step.local));
      case 'barrier':
        return this.passed();
      case 'branch':
        return this.branch(step.label);
      case 'if':
        this.emit(step.condition);
        this.passed();
        code.open(OP.if);
        this.steps(step.yes);
        if (step.no.length > 0) code.else();
        this.steps(step.no);
        return code.end();
      case 'block':
      case 'loop':
        return this.structure(step.kind, step.label, () => this.steps(step.body));
    }
  }

  private region(region: Region): void {
    const outer = this.code;
    const body = new Code();
    const record = this.frame.temporary(WASM.i32);
    this.code = body;
    this.record = record;
    for (const [local, fetched] of region.locals) {
      if (!fetched || !this.layout.hasSlot(local)) continue;
      this.fetch(local);
      body.set(this.localOf(local));
    }
    this.statements(region.body);
    for (const local of region.sets) if (this.layout.hasSlot(local)) this.keep(local);
    this.code = outer;
    this.record = undefined;
    const step = this.layout.stride;
    const counters: Counter[] = step > 0 ? [{ local: record, first: PARAMETER.scratch, step }] : [];
    this.builtins.eachInvocation(outer, counters, () => outer.append(body.view()));
    this.frame.release(record);
  }

  /** Puts a local's value on the stack, from the record. */
  private fetch(local: Local): void {
    const { code } = this;
    const offset = this.layout.slot(local);
    code.get(this.recordAddress());
    if (wasmType(local.type) === WASM.v128) code.simdAccess(SIMD.v128Load, offset);
    else code.access(local.type === 'f32' ? OP.f32Load : OP.i32Load, offset);
  }

  private keep(local: Local): void {
    const { code } = this;
    const offset = this.layout.slot(local);
    code.get(this.recordAddress());
    code.get(this.localOf(local));
    if (wasmType(local.type) === WASM.v128) code.simdAccess(SIMD.v128Store, offset);
    else code.access(local.type === 'f32' ? OP.f32Store : OP.i32Store, offset);
  }
}
