/**
 * One walk over a function before it is written: which memories it has, and when a local's value is needed for the last time, so that another may have its
 * WebAssembly local (engines slow down over thousands of them).
 */
import { forEachOperand, forEachRoot } from '../build.js';
import type { Expr, IrFunction, Local, Memory, Stmt } from '../ir.js';

export interface Survey {
  /** Workgroup and private memories, by `memoryKey`. */
  readonly memories: ReadonlyMap<string, Memory>;
  /**
   * For each position the locals that are free after it. Positions count the body's statements as they are written, outer before inner, and the ends of
   * loops. Mutable locals are never free, nor is one that is used outside of the loop that sets it.
   */
  readonly lastUses: readonly (readonly Local[] | undefined)[];
}

export const memoryKey = (memory: Memory): string =>
  memory.kind === 'binding' ? `binding ${memory.index}` : `${memory.kind} ${memory.id}`;

/** `apart`: statements that are written apart from the others and are not counted. What they set is never free. */
export function surveyOf(ir: IrFunction, apart: ReadonlySet<Stmt>): Survey {
  const surveyor = new Surveyor(apart);
  surveyor.list(ir.body);
  const lastUses: Local[][] = [];
  for (const life of surveyor.lives) {
    if (!life || life.forever) continue;
    const list = lastUses[life.to];
    if (list) list.push(life.local);
    else lastUses[life.to] = [life.local];
  }
  for (const s of ir.prologue ?? []) forEachRoot(s, surveyor.visit);
  return { memories: surveyor.memories, lastUses };
}

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

class Surveyor {
  readonly memories = new Map<string, Memory>();
  /** By the local's id. */
  readonly lives: (Life | undefined)[] = [];
  private readonly loops: Loop[] = [];
  private position = 0;

  constructor(private readonly apart: ReadonlySet<Stmt>) {}

  readonly visit = (e: Expr): void => {
    if (e.kind === 'local') {
      if (!e.local.mutable) this.use(e.local);
      return;
    }
    if (e.kind === 'load' || e.kind === 'gather' || e.kind === 'base') this.note(e.memory);
    forEachOperand(e, this.visit);
  };

  list(body: readonly Stmt[]): void {
    for (const s of body) this.statement(s);
  }

  private statement(s: Stmt): void {
    forEachRoot(s, this.visit);
    if (this.apart.has(s)) return;
    if (s.kind === 'set' && !s.local.mutable) this.define(s.local);
    if (s.kind === 'store' || s.kind === 'scatter') this.note(s.memory);
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

  private note(memory: Memory): void {
    if (memory.kind !== 'binding') this.memories.set(memoryKey(memory), memory);
  }

  private define(local: Local): void {
    const known = this.lives[local.id];
    if (known) {
      known.forever = true;
      return;
    }
    this.lives[local.id] = {
      local,
      loop: this.loops.at(-1),
      loopDepth: this.loops.length,
      to: this.position,
      forever: false,
    };
  }

  private use(local: Local): void {
    const life = this.lives[local.id];
    if (!life) {
      // Set in the prologue, or apart.
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
