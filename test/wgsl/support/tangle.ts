/** Random functions of the middle form for the emitter: many locals, packed fours, nested control flow, barriers where all invocations come by. */
import * as ir from '../../../src/wgsl/build.js';
import type { Expr, IrFunction, Local } from '../../../src/wgsl/ir.js';
import { binding, Body, kernel, load, privately } from './hand-made.js';

const { u32, read, set } = ir;
/** Words of output that each invocation writes. */
export const WORDS = 4;

export function randomTangle(seed: number, width: 1 | 4, barriers: boolean): IrFunction {
  return new Writer(seed, width, barriers).function();
}

class Writer {
  private state: number;
  private readonly body = new Body();
  /** What may be read here; `uniform`: equal for all invocations of a workgroup. */
  private scalars: Expr[] = [ir.param('u32', 0), ir.param('u32', 1), ir.builtin('wid.x')];
  private uniform: Expr[] = [...this.scalars];
  private packed: Expr[] = [];
  private mutable: Local[] = [];
  private readonly memory = privately(0, 8);
  private budget = 60;

  constructor(
    seed: number,
    private readonly width: 1 | 4,
    private readonly barriers: boolean,
  ) {
    this.state = Math.imul(seed, 7919) + 13;
  }

  function(): IrFunction {
    const { body } = this;
    const size = [8, 2, 1] as const;
    body.for(0, u32(8), (i) => body.store(this.memory, i, this.width === 4 ? ir.splat(i) : i));
    const index = body.let(ir.add(ir.mul(ir.builtin('wid.x'), u32(16)), ir.builtin('lindex')));
    this.scalars.push(index, ir.builtin('lid.x'));
    this.packed.push(body.let(load(binding(0), index, 'vec4u')));
    this.mutable.push(body.var(index), body.var(this.packed[0]), body.var(u32(1)));
    while (this.budget > 0) this.statement(true);
    const at = ir.mul(index, u32(WORDS));
    body.store(binding(1), at, this.four(3));
    this.mutable.forEach((local, i) => {
      const value = local.type === 'u32' ? read(local) : ir.extract(read(local), i % 4);
      body.store(binding(1), ir.add(at, u32(i)), ir.xor(value, load(binding(1), ir.add(at, u32(i)), 'u32')));
    });
    return kernel({ bindings: 2, paramWords: 2, size, width: this.width }, body.list);
  }

  private statements(count: number, together: boolean): void {
    for (let i = 0; i < count && this.budget > 0; i++) this.statement(together);
  }

  /** `together`: all invocations come by. */
  private statement(together: boolean): void {
    const { body } = this;
    this.budget--;
    switch (this.pick(10)) {
      case 0:
      case 1:
        this.scalars.push(body.let(this.scalar(3)));
        return;
      case 2:
        this.packed.push(body.let(this.four(3)));
        return;
      case 3:
        if (together) this.uniform.push(body.let(ir.add(this.from(this.uniform), u32(this.pick(9)))));
        return;
      case 4: {
        const at = ir.and(this.scalar(1), u32(this.width === 4 ? 7 : 3));
        const wide = this.width === 4 || this.pick(2) === 0;
        body.store(this.memory, at, wide ? this.four(2) : this.scalar(2));
        return;
      }
      case 5:
      case 6: {
        const local = this.from(this.mutable);
        body.add(set(local, local.type === 'u32' ? this.scalar(3) : this.four(3)));
        return;
      }
      case 7: {
        const agreed = together && this.pick(2) === 0;
        const by = agreed ? this.from(this.uniform) : this.scalar(2);
        const [yes, no] = [3, 2].map((n) => () => this.nested(() => this.statements(n, agreed)));
        body.if(ir.eq(ir.and(by, u32(1)), u32(0)), yes, no);
        return;
      }
      case 8:
        return this.loop(together && this.pick(2) === 0);
      default:
        if (together && this.barriers) body.barrier();
        else this.block();
    }
  }

  private loop(agreed: boolean): void {
    const { body } = this;
    const turns = ir.and(agreed ? this.from(this.uniform) : this.scalar(1), u32(3));
    body.for(0, body.let(turns), (i, leave) => {
      this.nested(() => {
        if (agreed) this.uniform.push(i);
        this.scalars.push(i);
        this.statements(3, agreed);
        const by = agreed ? this.from(this.uniform) : this.scalar(2);
        body.if(ir.eq(ir.and(by, u32(3)), u32(1)), leave);
        this.statements(1, agreed);
      });
    });
  }

  private block(): void {
    const { body } = this;
    body.block((leave) => {
      this.nested(() => {
        this.statements(2, false);
        body.if(ir.lt(this.scalar(2), this.scalar(2)), leave);
        this.statements(2, false);
      });
    });
  }

  /** What is set inside is not read outside. */
  private nested(write: () => void): void {
    const { scalars, packed, uniform } = this;
    [this.scalars, this.packed, this.uniform] = [[...scalars], [...packed], [...uniform]];
    write();
    [this.scalars, this.packed, this.uniform] = [scalars, packed, uniform];
  }

  private scalar(depth: number): Expr {
    if (depth === 0) return this.pick(5) === 0 ? u32(this.pick(100)) : this.from(this.scalars);
    const [a, b] = [this.scalar(depth - 1), this.scalar(this.pick(depth))];
    switch (this.pick(8)) {
      case 0:
        return ir.extract(this.four(depth - 1), this.pick(4));
      case 1:
        return ir.select(ir.lt(a, b), this.scalar(0), a);
      case 2: {
        const variable = this.from(this.mutable);
        return variable.type === 'u32' ? ir.add(read(variable), b) : ir.extractAt(read(variable), a);
      }
      case 3:
        return this.width === 4 ? ir.xor(a, b) : load(this.memory, ir.and(a, u32(7)), 'u32');
      default:
        return this.operation(a, b);
    }
  }

  private four(depth: number): Expr {
    if (depth === 0) return this.from(this.packed);
    const [a, b] = [this.four(depth - 1), this.four(this.pick(depth))];
    switch (this.pick(8)) {
      case 0:
        return ir.splat(this.scalar(depth - 1));
      case 1:
        return ir.select(ir.lt(a, b), this.four(0), a);
      case 2:
        return ir.shuffle(a, b, [this.pick(8), this.pick(8), this.pick(8), this.pick(8)]);
      case 3:
        return ir.insert(a, this.pick(4), this.scalar(depth - 1));
      case 4:
        return load(this.memory, ir.and(this.scalar(1), u32(this.width === 4 ? 7 : 3)), 'vec4u');
      default:
        return this.operation(a, b);
    }
  }

  private operation(a: Expr, b: Expr): Expr {
    const ops = ['add', 'sub', 'mul', 'and', 'xor', 'min', 'max', 'div', 'rem', 'shl', 'shr'] as const;
    return ir.binary(this.from(ops), a, b);
  }

  private from<T>(list: readonly T[]): T {
    return list[this.pick(list.length)];
  }

  private pick(n: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * n);
  }
}
