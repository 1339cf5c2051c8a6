/** Makers of memory accesses, statements and fresh locals. */
import type { Expr, IrFunction, Local, Memory, PackedType, Stmt, ValueType } from '../ir.js';
import { not } from './operate.js';
import { isConst } from './type.js';
import { forEachLocalSet, forEachStmt } from './walk.js';

export const read = (local: Local): Expr => ({ kind: 'local', type: local.type, local });
export const builtin = (name: (Expr & { kind: 'builtin' })['name']): Expr => ({ kind: 'builtin', type: 'u32', name });
export const param = (type: 'f32' | 'i32' | 'u32', word: number): Expr => ({ kind: 'param', type, word });
/** Words of a binding. */
export const length = (binding: number): Expr => ({ kind: 'length', type: 'u32', binding });
export const load = (memory: Memory, index: Expr, type: ValueType, line: number): Expr => ({
  kind: 'load',
  type,
  memory,
  index,
  line,
});
export const gather = (memory: Memory, index: Expr, type: PackedType, mask: Expr | undefined, line: number): Expr => ({
  kind: 'gather',
  type,
  memory,
  index,
  mask,
  line,
});

export const set = (local: Local, value: Expr, line?: number): Stmt =>
  line === undefined ? { kind: 'set', local, value } : { kind: 'set', local, value, line };
export const store = (memory: Memory, index: Expr, value: Expr, line: number): Stmt => ({
  kind: 'store',
  memory,
  index,
  value,
  line,
});
export const block = (label: number, body: readonly Stmt[]): Stmt => ({ kind: 'block', label, body });
export const loop = (label: number, body: readonly Stmt[]): Stmt => ({ kind: 'loop', label, body });
export const branch = (label: number): Stmt => ({ kind: 'branch', label });

/** The statements of `if`: of the one arm if the condition is known, none if both arms are empty; never an empty first arm. */
export function when(condition: Expr, yes: readonly Stmt[], no: readonly Stmt[] = []): readonly Stmt[] {
  if (isConst(condition)) return condition.value ? yes : no;
  if (yes.length === 0) return no.length === 0 ? [] : [{ kind: 'if', condition: not(condition), yes: no, no: [] }];
  return [{ kind: 'if', condition, yes, no }];
}

/** Gives out locals and labels that a function does not have yet. */
export class Fresh {
  constructor(
    private nextLocal = 0,
    private nextLabel = 0,
  ) {}

  /** For additions to a finished function. */
  static after(ir: IrFunction): Fresh {
    let local = -1;
    let label = -1;
    forEachStmt(ir.body, (s) => {
      if (s.kind === 'block' || s.kind === 'loop') label = Math.max(label, s.label);
    });
    forEachLocalSet(ir.body, (l) => {
      local = Math.max(local, l.id);
    });
    return new Fresh(local + 1, label + 1);
  }

  local(name: string, type: ValueType, mutable = false): Local {
    return { id: this.nextLocal++, name, type, mutable };
  }

  label(): number {
    return this.nextLabel++;
  }
}
