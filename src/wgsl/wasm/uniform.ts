/**
 * What a kernel with barriers can do once for the whole workgroup, between its loops over invocations: set locals to values that are equal for all of
 * them, such as the counters of the loops around a barrier. Those stay in WebAssembly locals; nothing of them goes into the invocations' records.
 */
import { forEachExpr, forEachLocalSet } from '../build.js';
import type { Expr, Local, Stmt } from '../ir.js';
import { isForWorkgroup } from './regions.js';

export interface Uniform {
  readonly locals: ReadonlySet<Local>;
  /** Their `set`s. */
  readonly sets: ReadonlySet<Stmt>;
}

type SetLocal = Extract<Stmt, { kind: 'set' }>;

export function findUniform(body: readonly Stmt[]): Uniform {
  const finder = new Finder();
  finder.list(body, new Set());
  return finder.result();
}

class Finder {
  /** Sets that every invocation comes by, by local. */
  private readonly sets = new Map<Local, SetLocal[]>();
  /** Locals that are set elsewhere, too. */
  private readonly single = new Set<Local>();

  list(body: readonly Stmt[], owned: ReadonlySet<number>): void {
    for (const s of body) {
      if (s.kind === 'set') {
        const known = this.sets.get(s.local);
        if (known) known.push(s);
        else this.sets.set(s.local, [s]);
      } else if (!isForWorkgroup(s, owned)) {
        forEachLocalSet([s], (local) => this.single.add(local));
      } else if (s.kind === 'if') {
        this.list(s.yes, owned);
        this.list(s.no, owned);
      } else if (s.kind === 'block' || s.kind === 'loop') {
        this.list(s.body, new Set(owned).add(s.label));
      }
    }
  }

  /** Takes all for uniform, and then away what contradicts that, until nothing does. */
  result(): Uniform {
    const locals = new Set([...this.sets.keys()].filter((local) => !this.single.has(local)));
    const differs = (e: Expr): boolean => {
      if (e.kind === 'local') return !locals.has(e.local) && (this.sets.has(e.local) || this.single.has(e.local));
      if (e.kind === 'builtin') return e.name === 'lindex' || e.name.startsWith('lid');
      // Memory may change between here and where the value is wanted.
      return e.kind === 'load' || e.kind === 'gather' || e.kind === 'subgroup';
    };
    const anyDiffers = (e: Expr): boolean => {
      let found = false;
      forEachExpr(e, (inner) => {
        found ||= differs(inner);
      });
      return found;
    };
    for (let before = -1; before !== locals.size;) {
      before = locals.size;
      for (const local of locals) {
        if (this.sets.get(local)?.some((s) => anyDiffers(s.value))) locals.delete(local);
      }
    }
    return { locals, sets: new Set([...locals].flatMap((local) => this.sets.get(local) ?? [])) };
  }
}
