/** Leaves out branches to where one gets anyway, and blocks that nothing branches out of. */
import { mapBodies } from '../build.js';
import type { Stmt } from '../ir.js';

export function tidy(body: readonly Stmt[]): readonly Stmt[] {
  return new Tidier().list(body, new Set());
}

class Tidier {
  /** Labels that something branches to; inner statements come before the outer. */
  private readonly used = new Set<number>();

  /** `end`: labels of the blocks that end where the list ends. */
  list(body: readonly Stmt[], end: ReadonlySet<number>): readonly Stmt[] {
    const result: Stmt[] = [];
    const last = body.at(-1);
    const count = last?.kind === 'branch' && end.has(last.label) ? body.length - 1 : body.length;
    for (let i = 0; i < count; i++) {
      const s = this.statement(body[i], i === count - 1 ? end : NONE);
      if (s.kind === 'block' && !this.used.has(s.label)) for (const inner of s.body) result.push(inner);
      else if (s.kind !== 'if' || s.yes.length > 0 || s.no.length > 0) result.push(s);
    }
    return result;
  }

  private statement(s: Stmt, end: ReadonlySet<number>): Stmt {
    switch (s.kind) {
      case 'branch':
        this.used.add(s.label);
        return s;
      case 'block': {
        const inside = new Set(end).add(s.label);
        return mapBodies(s, (body) => this.list(body, inside));
      }
      case 'if':
      case 'loop':
        return mapBodies(s, (body) => this.list(body, end));
      default:
        return s;
    }
  }
}

const NONE: ReadonlySet<number> = new Set();
