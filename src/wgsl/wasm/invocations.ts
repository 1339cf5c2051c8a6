/** Built-in values, and the loops over workgroups and over the invocations of one that count them. */
import type { BuiltinName, IrFunction } from '../ir.js';
import type { Code } from './assembler.js';
import type { Entry } from './entry.js';
import { PARAMETER, type Frame } from './frame.js';
import { OP, WASM } from './opcodes.js';

const AXIS = { x: 0, y: 1, z: 2 } as const;
const LOCAL_IDS = ['lid.x', 'lid.y', 'lid.z'] as const;

/** A local that grows from invocation to invocation. */
export interface Counter {
  readonly local: number;
  /** A local with its first value; undefined: 0. */
  readonly first: number | undefined;
  readonly step: number;
}

export class Builtins {
  private readonly locals = new Map<BuiltinName, number>();

  constructor(
    private readonly ir: IrFunction,
    private readonly frame: Frame,
    private readonly entry: Entry,
  ) {}

  /** The local that holds it; undefined where it is always 0. Asking makes it counted. */
  local(name: BuiltinName): number | undefined {
    if (name.startsWith('nwg')) return this.entry.grid(AXIS[name.slice(4) as keyof typeof AXIS]);
    const [, y, z] = this.ir.workgroupSize;
    if (name === 'lindex') {
      if (y === 1 && z === 1) return this.local('lid.x');
    } else if (name.startsWith('lid') && this.turns(AXIS[name.slice(4) as keyof typeof AXIS]) === 1) return undefined;
    const known = this.locals.get(name);
    if (known !== undefined) return known;
    const local = this.frame.fresh(WASM.i32);
    this.locals.set(name, local);
    return local;
  }

  /** Calls `body` for each invocation of a workgroup (or each four of them). */
  eachInvocation(code: Code, counters: readonly Counter[], body: () => void): void {
    const all = [...counters];
    const index = this.locals.get('lindex');
    if (index !== undefined) all.push({ local: index, first: undefined, step: this.ir.width });
    for (const { local, first } of all) {
      if (first === undefined) code.int(0);
      else code.get(first);
      code.set(local);
    }
    const axes = LOCAL_IDS.filter((_, axis) => this.turns(axis) > 1);
    const loops = axes.map((name) => ({ name, local: this.local(name) ?? 0, depth: 0 })).reverse();
    for (const loop of loops) {
      code.int(0);
      code.set(loop.local);
      loop.depth = code.depth;
      code.open(OP.loop);
    }
    body();
    for (const { local, step } of all) add(code, local, step);
    for (const { name, local, depth } of loops.reverse()) {
      const axis = LOCAL_IDS.indexOf(name);
      add(code, local, axis === 0 ? this.ir.width : 1);
      code.get(local);
      code.int(this.ir.workgroupSize[axis]);
      code.op(OP.i32LtU);
      code.branch(OP.brIf, depth);
      code.end();
    }
  }

  /** The loop over workgroups begin … end − 1. `begin` counts them. */
  eachWorkgroup(code: Code, body: () => void): void {
    const before = code.depth;
    code.open(OP.block);
    code.get(PARAMETER.begin);
    code.get(PARAMETER.end);
    code.op(OP.i32GeU);
    code.branch(OP.brIf, before);
    const around = code.depth;
    code.open(OP.loop);
    this.workgroupId(code);
    body();
    add(code, PARAMETER.begin, 1);
    code.get(PARAMETER.begin);
    code.get(PARAMETER.end);
    code.op(OP.i32LtU);
    code.branch(OP.brIf, around);
    code.end();
    code.end();
  }

  private workgroupId(code: Code): void {
    const [x, y, z] = (['wid.x', 'wid.y', 'wid.z'] as const).map((name) => this.locals.get(name));
    let line: number = PARAMETER.begin;
    const divide = (axis: number, instruction: number, into: number): void => {
      code.get(line);
      code.get(this.entry.grid(axis));
      code.op(instruction);
      code.set(into);
    };
    if (x !== undefined) divide(0, OP.i32RemU, x);
    if (y === undefined && z === undefined) return;
    const lines = this.frame.fresh(WASM.i32);
    divide(0, OP.i32DivU, lines);
    line = lines;
    if (y !== undefined) divide(1, OP.i32RemU, y);
    if (z !== undefined) divide(1, OP.i32DivU, z);
  }

  /** Turns of the loop over an axis. */
  private turns(axis: number): number {
    return this.ir.workgroupSize[axis] / (axis === 0 ? this.ir.width : 1);
  }
}

function add(code: Code, local: number, step: number): void {
  code.get(local);
  code.int(step);
  code.op(OP.i32Add);
  code.set(local);
}
