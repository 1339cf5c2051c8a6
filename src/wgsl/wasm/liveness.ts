/** When a local's value is needed for the last time, so that another may have its WebAssembly local: engines slow down over thousands of them. */
import { forEachExpr, forEachRoot } from '../build.js';
import type { Expr, Local, Stmt } from '../ir.js';

interface Loop {
  /** Set before the loop and used in it: needed to its end. */
  readonly held: Life[];
}

interface Life {
  readonly local: Local;
  /** The innermost loop around its `set`. */
  readonly loop: Loop | undefined;
  readonly loopDepth: number;
  to: number;
  /** Kept to the end. */
  forever: boolean;
}

/**
 * For each position the locals that are free after it. Positions count statements as they are written, outer before inner, and the ends of loops.
 * Mutable locals are never free, nor is one that is used outside of the loop that sets it.
 */
export function lastUses(body: readonly Stmt[]): Map<number, Local[]> {
  const walk = new Walk();
  walk.list(body);
  const result = new Map<number, Local[]>();
  for (const life of walk.lives.values()) {
    if (life.forever) continue;
    const list = result.get(life.to);
    if (list) list.push(life.local);
    else result.set(life.to, [life.local]);
  }
  return result;
}

class Walk {
  readonly lives = new Map<number, Life>();
  private readonly loops: Loop[] = [];
  private position = 0;
  private readonly used = (e: Expr): void => {
    if (e.kind === 'local' && !e.local.mutable) this.use(e.local);
  };
  private readonly root = (e: Expr): void => forEachExpr(e, this.used);

  list(body: readonly Stmt[]): void {
    for (const s of body) this.statement(s);
  }

  private statement(s: Stmt): void {
    forEachRoot(s, this.root);
    if (s.kind === 'set' && !s.local.mutable) this.define(s.local);
    this.position++;
    if (s.kind === 'if') {
      this.list(s.yes);
      this.list(s.no);
    } else if (s.kind === 'block') {
      this.list(s.body);
    } else if (s.kind === 'loop') {
      const loop = { held: [] };
      this.loops.push(loop);
      this.list(s.body);
      this.loops.pop();
      this.leave(loop);
    }
  }

  private leave(loop: Loop): void {
    for (const life of loop.held) life.to = this.position;
    this.position++;
  }

  private define(local: Local): void {
    const known = this.lives.get(local.id);
    if (known) {
      known.forever = true;
      return;
    }
    this.lives.set(local.id, {
      local,
      loop: this.loops.at(-1),
      loopDepth: this.loops.length,
      to: this.position,
      forever: false,
    });
  }

  private use(local: Local): void {
    const life = this.lives.get(local.id);
    if (!life) {
      this.define(local);
      this.define(local);
      return;
    }
    life.to = this.position;
    if (life.loopDepth > 0 && this.loops[life.loopDepth - 1] !== life.loop) life.forever = true;
    // The outermost loop that began after the value was set.
    const around = this.loops.at(life.loopDepth);
    if (around && around.held.at(-1) !== life) around.held.push(life);
  }
}
