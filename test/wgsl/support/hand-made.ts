/** Functions of the middle form written by hand, for tests of what runs them. */
import { builtin, read, set } from '../../../src/wgsl/build.js';
import * as ir from '../../../src/wgsl/build.js';
import type { Expr, IrFunction, Local, Memory, Stmt, ValueType } from '../../../src/wgsl/ir.js';

export const binding = (index: number): Memory => ({ kind: 'binding', index, name: `b${index}` });
export const workgroup = (id: number, words: number): Memory => ({ kind: 'workgroup', id, name: `w${id}`, words });
export const privately = (id: number, words: number): Memory => ({ kind: 'private', id, name: `p${id}`, words });

export interface Shape {
  readonly bindings: number;
  readonly width?: 1 | 4;
  readonly size?: readonly [number, number, number];
  readonly paramWords?: number;
  readonly prologue?: readonly Stmt[];
}

export function kernel(shape: Shape, body: readonly Stmt[]): IrFunction {
  return {
    name: 'hand-made',
    width: shape.width ?? 1,
    workgroupSize: shape.size ?? [1, 1, 1],
    bindings: Array.from({ length: shape.bindings }, (_, index) => ({ name: `b${index}`, index })),
    paramWords: shape.paramWords ?? 0,
    ...(shape.prologue ? { prologue: shape.prologue } : {}),
    body,
  };
}

/** Statements of one function, with locals and labels of their own. */
export class Body {
  readonly list: Stmt[] = [];
  private current = this.list;
  private readonly fresh = new ir.Fresh();

  /** An immutable local with a value; gives its reading. */
  let(value: Expr, name = 'x'): Expr {
    const local = this.fresh.local(name, value.type);
    this.current.push(set(local, value));
    return read(local);
  }

  var(value: Expr, name = 'v'): Local {
    const local = this.fresh.local(name, value.type, true);
    this.current.push(set(local, value));
    return local;
  }

  add(...statements: Stmt[]): void {
    this.current.push(...statements);
  }

  store(memory: Memory, index: Expr, value: Expr): void {
    this.add(ir.store(memory, index, value, 1));
  }

  barrier(): void {
    this.add({ kind: 'barrier', line: 1 });
  }

  /** What `write` adds, as a list. */
  inside(write: () => void): Stmt[] {
    const outer = this.current;
    const inner: Stmt[] = [];
    this.current = inner;
    write();
    this.current = outer;
    return inner;
  }

  if(condition: Expr, yes: () => void, no: () => void = () => undefined): void {
    this.add({ kind: 'if', condition, yes: this.inside(yes), no: this.inside(no) });
  }

  /** `leave` branches to the block's end. */
  block(write: (leave: () => void) => void): void {
    const label = this.fresh.label();
    this.add(
      ir.block(
        label,
        this.inside(() => write(() => this.add(ir.branch(label)))),
      ),
    );
  }

  /** A loop as WGSL's `while`. */
  while(condition: () => Expr, write: (leave: () => void) => void): void {
    this.block((leave) => {
      const label = this.fresh.label();
      this.add(
        ir.loop(
          label,
          this.inside(() => {
            this.if(ir.not(condition()), leave);
            write(leave);
            this.add(ir.branch(label));
          }),
        ),
      );
    });
  }

  for(from: number, to: Expr, write: (i: Expr, leave: () => void) => void): void {
    const i = this.var(ir.u32(from), 'i');
    this.while(
      () => ir.lt(read(i), to),
      (leave) => {
        write(read(i), leave);
        this.add(set(i, ir.add(read(i), ir.u32(1))));
      },
    );
  }
}

export const load = (memory: Memory, index: Expr, type: ValueType = 'f32'): Expr => ir.load(memory, index, type, 1);

/** wid · size + lid along x. */
export const globalX = (size: number): Expr => ir.add(ir.mul(builtin('wid.x'), ir.u32(size)), builtin('lid.x'));
/** 0, 1, 2, 3. */
export const lanes: Expr = ir.compose([ir.u32(0), ir.u32(1), ir.u32(2), ir.u32(3)]);
