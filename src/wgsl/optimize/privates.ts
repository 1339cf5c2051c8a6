/** Arrays of an invocation whose indices are all known become locals; that they are is mostly seen when loops have been unrolled. */
import {
  constant,
  forEachExpr,
  forEachRoot,
  forEachStmt,
  Fresh,
  isConst,
  isPacked,
  mapBodies,
  mapOperands,
  mapRoots,
  read,
  set,
} from '../build.js';
import type { Expr, IrFunction, Local, Memory, Stmt, ValueType } from '../ir.js';
import { memoryKey } from './survey.js';

/** Undefined: there are none. */
export function privatesToLocals(ir: IrFunction): IrFunction | undefined {
  const arrays = knownArrays(ir);
  if (arrays.size === 0) return undefined;
  const fresh = Fresh.after(ir);
  const locals = new Map<string, Local>();
  for (const [key, array] of arrays) {
    for (const [index, type] of array.cells) locals.set(`${key} ${index}`, fresh.local(array.name, type, true));
  }
  const local = (memory: Memory, index: Expr): Local | undefined =>
    memory.kind === 'private' && isConst(index) ? locals.get(`${memoryKey(memory)} ${index.value}`) : undefined;
  const value = (e: Expr): Expr => {
    const cell = e.kind === 'load' ? local(e.memory, e.index) : undefined;
    return cell === undefined ? mapOperands(e, value) : read(cell);
  };
  const statement = (s: Stmt): Stmt => {
    const cell = s.kind === 'store' ? local(s.memory, s.index) : undefined;
    if (cell !== undefined && s.kind === 'store') return set(cell, value(s.value));
    return mapBodies(mapRoots(s, value), (body) => body.map(statement));
  };
  const zeros = [...locals.values()].map((cell) => set(cell, constant(cell.type, 0)));
  return { ...ir, body: [...zeros, ...ir.body.map(statement)] };
}

interface KnownArray {
  readonly name: string;
  /** By index: what is there, always as the same type. */
  readonly cells: Map<number, ValueType>;
}

/** By memory key. */
function knownArrays(ir: IrFunction): Map<string, KnownArray> {
  const arrays = new Map<string, KnownArray>();
  const unknown = new Set<string>();
  const access = (memory: Memory, index: Expr, type: ValueType | undefined): void => {
    if (memory.kind !== 'private') return;
    const key = memoryKey(memory);
    const array = arrays.get(key) ?? { name: memory.name, cells: new Map<number, ValueType>() };
    arrays.set(key, array);
    if (type === undefined || !isConst(index) || (array.cells.get(index.value) ?? type) !== type) unknown.add(key);
    else array.cells.set(index.value, type);
  };
  forEachStmt(ir.body, (s) => {
    if (s.kind === 'store') access(s.memory, s.index, s.value.type);
    if (s.kind === 'scatter') access(s.memory, s.index, undefined);
    forEachRoot(s, (root) => {
      forEachExpr(root, (e) => {
        if (e.kind === 'load') access(e.memory, e.index, e.type);
        if (e.kind === 'gather') access(e.memory, e.index, undefined);
      });
    });
  });
  for (const [key, { cells }] of arrays) if (unknown.has(key) || overlap(cells, ir.width)) arrays.delete(key);
  return arrays;
}

/** With width 1 a four takes four words. */
function overlap(cells: ReadonlyMap<number, ValueType>, width: 1 | 4): boolean {
  if (width === 4) return false;
  return [...cells].some(([index, type]) => isPacked(type) && [1, 2, 3].some((next) => cells.has(index + next)));
}
