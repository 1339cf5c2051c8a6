/** Arrays of an invocation whose indices are all known become locals; that they are is mostly seen when loops have been unrolled. */
import {
  bitcast,
  constant,
  extract,
  forEachExpr,
  forEachRoot,
  forEachStmt,
  Fresh,
  insert,
  isConst,
  isPacked,
  mapBodies,
  mapOperands,
  mapRoots,
  packedType,
  read,
  scalarType,
  set,
} from '../build.js';
import type { Expr, IrFunction, Local, Memory, Stmt, ValueType } from '../ir.js';
import { memoryKey } from './survey.js';

/** Undefined: there are none. */
export function privatesToLocals(ir: IrFunction): IrFunction | undefined {
  const arrays = knownArrays(ir);
  if (arrays.size === 0) return undefined;
  const fresh = Fresh.after(ir);
  const cells = new Map<string, Cell>();
  const locals: Local[] = [];
  for (const [key, array] of arrays) {
    for (const [start, type] of typesOf(array, ir.width)) {
      const local = fresh.local(array.name, type, true);
      locals.push(local);
      const words = ir.width === 1 && isPacked(type) ? 4 : 1;
      for (let lane = 0; lane < words; lane++) cells.set(`${key} ${start + lane}`, { local, lane });
    }
  }
  const cell = (memory: Memory, index: Expr): Cell | undefined =>
    memory.kind === 'private' && isConst(index) ? cells.get(`${memoryKey(memory)} ${index.value}`) : undefined;
  const value = (e: Expr): Expr => {
    const at = e.kind === 'load' ? cell(e.memory, e.index) : undefined;
    if (at === undefined) return mapOperands(e, value);
    const all = read(at.local);
    return bitcast(e.type, isPacked(e.type) === isPacked(all.type) ? all : extract(all, at.lane));
  };
  const statement = (s: Stmt): Stmt => {
    const at = s.kind === 'store' ? cell(s.memory, s.index) : undefined;
    if (at === undefined || s.kind !== 'store') return mapBodies(mapRoots(s, value), (body) => body.map(statement));
    const stored = bitcast(at.local.type, value(s.value));
    const part = isPacked(stored.type) !== isPacked(at.local.type);
    return set(at.local, part ? insert(read(at.local), at.lane, stored) : stored);
  };
  const zeros = locals.map((local) => set(local, constant(local.type, 0)));
  return { ...ir, body: [...zeros, ...ir.body.map(statement)] };
}

/** What stands for a word: a local, or one lane of it. */
interface Cell {
  readonly local: Local;
  readonly lane: number;
}

interface KnownArray {
  readonly name: string;
  /** By index; fours begin there. */
  readonly loads: Map<number, ValueType>;
  readonly stores: Map<number, ValueType>;
  readonly fours: Set<number>;
}

/** By memory key: arrays whose fours do not lie across one another, if they have fours. */
function knownArrays(ir: IrFunction): Map<string, KnownArray> {
  const arrays = new Map<string, KnownArray>();
  const unknown = new Set<string>();
  const access = (memory: Memory, index: Expr, type: ValueType | undefined, list: 'loads' | 'stores'): void => {
    if (memory.kind !== 'private') return;
    const key = memoryKey(memory);
    const array = arrays.get(key) ?? { name: memory.name, loads: new Map(), stores: new Map(), fours: new Set() };
    arrays.set(key, array);
    if (type === undefined || scalarType(type) === 'bool' || !isConst(index)) unknown.add(key);
    else {
      array[list].set(index.value, type);
      if (ir.width === 1 && isPacked(type)) array.fours.add(index.value);
    }
  };
  forEachStmt(ir.body, (s) => {
    if (s.kind === 'store') access(s.memory, s.index, s.value.type, 'stores');
    if (s.kind === 'scatter') access(s.memory, s.index, undefined, 'stores');
    forEachRoot(s, (root) => {
      forEachExpr(root, (e) => {
        if (e.kind === 'load') access(e.memory, e.index, e.type, 'loads');
        if (e.kind === 'gather') access(e.memory, e.index, undefined, 'loads');
      });
    });
  });
  for (const [key, { fours }] of arrays) {
    const across = [...fours].some((start) => [1, 2, 3].some((next) => fours.has(start + next)));
    if (across || unknown.has(key)) arrays.delete(key);
  }
  return arrays;
}

/** For each local that the array becomes: its first word and its type, that of a load if there is one. */
function typesOf({ loads, stores, fours }: KnownArray, width: 1 | 4): Map<number, ValueType> {
  const types = new Map<number, ValueType>();
  for (const [index, type] of [...stores, ...loads]) {
    const start = [index, index - 1, index - 2, index - 3].find((four) => fours.has(four));
    if (start === undefined) types.set(index, type);
    else if (start === index || !types.has(start)) types.set(start, packedType(type));
  }
  return width === 4 ? new Map([...types].map(([index, type]) => [index, packedType(type)])) : types;
}
