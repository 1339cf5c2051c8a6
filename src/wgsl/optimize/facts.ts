/** Conditions that are known to hold, or not to, where one has come through an `if`. */
import { isConst, not } from '../build.js';
import type { Expr } from '../ir.js';
import type { Graph } from './graph.js';

export class Facts {
  private readonly known = new Map<Expr, boolean>();
  private readonly order: Expr[] = [];

  constructor(private readonly graph: Graph) {}

  of(condition: Expr): boolean | undefined {
    return this.known.get(condition);
  }

  /** From here to `forget`. What is known already stays as it is. */
  learn(condition: Expr, holds: boolean): void {
    if (isConst(condition)) return;
    this.note(condition, holds);
    this.note(this.graph.intern(not(condition)), !holds);
    if (condition.kind === 'unary' && condition.op === 'not') this.learn(condition.a, !holds);
    if (condition.kind === 'binary' && condition.a.type === 'bool' && condition.op === (holds ? 'and' : 'or')) {
      this.learn(condition.a, holds);
      this.learn(condition.b, holds);
    }
  }

  mark(): number {
    return this.order.length;
  }

  forget(mark: number): void {
    for (const condition of this.order.splice(mark)) this.known.delete(condition);
  }

  private note(condition: Expr, holds: boolean): void {
    if (isConst(condition) || this.known.has(condition)) return;
    this.known.set(condition, holds);
    this.order.push(condition);
  }
}
