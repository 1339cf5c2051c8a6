/** Where statements go while a function is taken apart. */
import { any, Fresh, isPacked, read, select, set, when } from '../build.js';
import type { Expr, Stmt, ValueType } from '../ir.js';
import type { MathContext } from '../math/math.js';
import { isLeaf, mapLeaves, type Locals, type Lowered } from './value.js';

export class Emitter implements MathContext {
  readonly fresh = new Fresh();
  /** Of the text, for messages. */
  line: number | undefined;
  private out: Stmt[] = [];

  emit(...statements: readonly Stmt[]): void {
    for (const s of statements) this.out.push(s);
  }

  /** What `f` emits, in a list of its own. */
  capture(f: () => void): Stmt[] {
    const outer = this.out;
    const inner: Stmt[] = [];
    this.out = inner;
    f();
    this.out = outer;
    return inner;
  }

  /** The value at this moment, for any number of uses: in an immutable local, unless it is as simple as one. */
  let(value: Expr, name = 't'): Expr {
    if (isSimple(value)) return value;
    const local = this.fresh.local(name, value.type);
    this.out.push(set(local, value, this.line));
    return read(local);
  }

  rare(condition: Expr, usual: Expr, unusual: () => Expr): Expr {
    const local = this.fresh.local('t', usual.type, true);
    this.emit(set(local, usual, this.line));
    const packed = isPacked(condition.type);
    const body = this.capture(() => {
      const value = unusual();
      this.emit(set(local, packed ? select(condition, value, read(local)) : value, this.line));
    });
    this.emit(...when(packed ? any(condition) : condition, body));
    return read(local);
  }

  /** `let` of every part. */
  keep(value: Lowered, name = 't'): Lowered {
    return mapLeaves(value, (leaf) => this.let(leaf, name));
  }

  locals(shape: Shape, name: string): Locals {
    return mapLeaves(shape, (type) => this.fresh.local(name, type, true));
  }

  /** Sets all locals to the parts of a value that may itself depend on them. */
  assign(locals: Locals, value: Lowered): void {
    if (isLeaf(locals)) {
      if (!isLeaf(value)) throw new Error('A composite value for one local.');
      this.emit(set(locals, value, this.line));
      return;
    }
    const parts = this.keep(value);
    if (isLeaf(parts)) throw new Error('One value for several locals.');
    locals.forEach((local, i) => {
      this.assign(local, parts[i]);
    });
  }
}

type Shape = ValueType | readonly Shape[];

/** As good as an immutable local: costs nothing and never changes. */
const isSimple = (e: Expr): boolean =>
  e.kind === 'const' ||
  e.kind === 'param' ||
  e.kind === 'builtin' ||
  e.kind === 'length' ||
  (e.kind === 'local' && !e.local.mutable);
