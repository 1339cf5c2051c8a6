/** Ways through expressions and statements, for all passes. */
import type { Expr, Local, Stmt } from '../ir.js';
import { binary, bitcast, convert, select, splat, unary } from './operate.js';
import { compose, extract, extractAt, insert, insertAt, shuffle } from './pack.js';

/** The expression with `f` of each operand in place of it, simplified; itself if none changed. */
export function mapOperands(e: Expr, f: (operand: Expr) => Expr): Expr {
  switch (e.kind) {
    case 'const':
    case 'local':
    case 'builtin':
    case 'param':
    case 'base':
    case 'length':
      return e;
    case 'load': {
      const index = f(e.index);
      return index === e.index ? e : { ...e, index };
    }
    case 'gather': {
      const index = f(e.index);
      const mask = e.mask && f(e.mask);
      return index === e.index && mask === e.mask ? e : { ...e, index, mask };
    }
    case 'unary': {
      const a = f(e.a);
      return a === e.a ? e : unary(e.op, a);
    }
    case 'binary': {
      const a = f(e.a);
      const b = f(e.b);
      return a === e.a && b === e.b ? e : binary(e.op, a, b);
    }
    case 'select': {
      const condition = f(e.condition);
      const yes = f(e.yes);
      const no = f(e.no);
      return condition === e.condition && yes === e.yes && no === e.no ? e : select(condition, yes, no);
    }
    case 'convert': {
      const a = f(e.a);
      return a === e.a ? e : convert(e.type, a);
    }
    case 'bitcast': {
      const a = f(e.a);
      return a === e.a ? e : bitcast(e.type, a);
    }
    case 'splat': {
      const a = f(e.a);
      return a === e.a ? e : splat(a);
    }
    case 'compose': {
      const [x, y, z, w] = e.parts;
      const [fx, fy, fz, fw] = [f(x), f(y), f(z), f(w)];
      return x === fx && y === fy && z === fz && w === fw ? e : compose([fx, fy, fz, fw]);
    }
    case 'extract': {
      const a = f(e.a);
      return a === e.a ? e : extract(a, e.lane);
    }
    case 'extractAt': {
      const a = f(e.a);
      const lane = f(e.lane);
      return a === e.a && lane === e.lane ? e : extractAt(a, lane);
    }
    case 'insert': {
      const a = f(e.a);
      const value = f(e.value);
      return a === e.a && value === e.value ? e : insert(a, e.lane, value);
    }
    case 'insertAt': {
      const a = f(e.a);
      const lane = f(e.lane);
      const value = f(e.value);
      return a === e.a && lane === e.lane && value === e.value ? e : insertAt(a, lane, value);
    }
    case 'shuffle': {
      const a = f(e.a);
      const b = e.b === e.a ? a : f(e.b);
      return a === e.a && b === e.b ? e : shuffle(a, b, e.lanes);
    }
    case 'subgroup': {
      const a = f(e.a);
      const b = e.b && f(e.b);
      return a === e.a && b === e.b ? e : { ...e, a, b };
    }
  }
}

/** Bottom up: `f` of each node, whose operands are mapped already. */
export function mapExpr(e: Expr, f: (e: Expr) => Expr): Expr {
  const inner = (operand: Expr): Expr => f(mapOperands(operand, inner));
  return inner(e);
}

export function forEachOperand(e: Expr, f: (operand: Expr) => void): void {
  switch (e.kind) {
    case 'const':
    case 'local':
    case 'builtin':
    case 'param':
    case 'base':
    case 'length':
      return;
    case 'load':
      f(e.index);
      return;
    case 'gather':
      f(e.index);
      if (e.mask) f(e.mask);
      return;
    case 'unary':
    case 'convert':
    case 'bitcast':
    case 'splat':
    case 'extract':
      f(e.a);
      return;
    case 'binary':
    case 'shuffle':
      f(e.a);
      f(e.b);
      return;
    case 'select':
      f(e.condition);
      f(e.yes);
      f(e.no);
      return;
    case 'compose':
      e.parts.forEach(f);
      return;
    case 'extractAt':
      f(e.a);
      f(e.lane);
      return;
    case 'insert':
      f(e.a);
      f(e.value);
      return;
    case 'insertAt':
      f(e.a);
      f(e.lane);
      f(e.value);
      return;
    case 'subgroup':
      f(e.a);
      if (e.b) f(e.b);
      return;
  }
}

/** Every node of a tree, the root first. */
export function forEachExpr(e: Expr, f: (e: Expr) => void): void {
  const inner = (operand: Expr): void => {
    f(operand);
    forEachOperand(operand, inner);
  };
  inner(e);
}

/** The expressions that stand directly in a statement (the condition of an `if`, but nothing of its arms), in order of evaluation. */
export function forEachRoot(s: Stmt, f: (e: Expr) => void): void {
  switch (s.kind) {
    case 'set':
      f(s.value);
      return;
    case 'store':
      f(s.index);
      f(s.value);
      return;
    case 'scatter':
      f(s.index);
      f(s.value);
      if (s.mask) f(s.mask);
      return;
    case 'if':
      f(s.condition);
      return;
    default:
      return;
  }
}

/** The statement with `f` of each expression that stands directly in it. */
export function mapRoots(s: Stmt, f: (e: Expr) => Expr): Stmt {
  switch (s.kind) {
    case 'set': {
      const value = f(s.value);
      return value === s.value ? s : { ...s, value };
    }
    case 'store': {
      const index = f(s.index);
      const value = f(s.value);
      return index === s.index && value === s.value ? s : { ...s, index, value };
    }
    case 'scatter':
      return { ...s, index: f(s.index), value: f(s.value), mask: s.mask && f(s.mask) };
    case 'if': {
      const condition = f(s.condition);
      return condition === s.condition ? s : { ...s, condition };
    }
    default:
      return s;
  }
}

/** The statement with `f` of each list of statements in it. */
export function mapBodies(s: Stmt, f: (body: readonly Stmt[]) => readonly Stmt[]): Stmt {
  switch (s.kind) {
    case 'if': {
      const yes = f(s.yes);
      const no = f(s.no);
      return yes === s.yes && no === s.no ? s : { ...s, yes, no };
    }
    case 'block':
    case 'loop': {
      const body = f(s.body);
      return body === s.body ? s : { ...s, body };
    }
    default:
      return s;
  }
}

/** Every statement, outer before inner, in order of the text. */
export function forEachStmt(body: readonly Stmt[], f: (s: Stmt) => void): void {
  for (const s of body) {
    f(s);
    if (s.kind === 'if') {
      forEachStmt(s.yes, f);
      forEachStmt(s.no, f);
    } else if (s.kind === 'block' || s.kind === 'loop') forEachStmt(s.body, f);
  }
}

/** Every `set` local, once for each `set`. */
export function forEachLocalSet(body: readonly Stmt[], f: (local: Local) => void): void {
  forEachStmt(body, (s) => {
    if (s.kind === 'set') f(s.local);
  });
}
