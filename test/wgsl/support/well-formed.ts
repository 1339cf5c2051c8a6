/** Whether a function of the middle form keeps the rules of ir.ts: types, locals set before use and once, labels in reach. */
import {
  forEachExpr,
  forEachRoot,
  isComparison,
  isPacked,
  packedType,
  scalarType,
  typeLike,
} from '../../../src/wgsl/build.js';
import type { Expr, IrFunction, Local, Stmt, ValueType } from '../../../src/wgsl/ir.js';
import { printExpr } from '../../../src/wgsl/print.js';

/** What is wrong, in words; empty if nothing is. */
export function faultsOf(ir: IrFunction): readonly string[] {
  const faults: string[] = [];
  const sets = new Map<number, Local>();
  /** Immutable locals that certainly have their value here. */
  const known = new Set<number>();
  const labels = new Set<number>();

  const look = (e: Expr): void => {
    const fault = typeFault(e);
    if (fault !== undefined) faults.push(`${fault}: ${printExpr(e)}`);
    if (e.kind !== 'local') return;
    const { local } = e;
    if (local.mutable ? !sets.has(local.id) : !known.has(local.id))
      faults.push(`${local.name}.${local.id} is read before it is set`);
  };

  const scope = (body: readonly Stmt[]): void => {
    run(body);
    for (const s of body) if (s.kind === 'set') known.delete(s.local.id);
  };

  const run = (body: readonly Stmt[]): void => {
    body.forEach((s, i) => {
      forEachRoot(s, (root) => {
        forEachExpr(root, look);
      });
      switch (s.kind) {
        case 'set': {
          if (s.local.type !== s.value.type)
            faults.push(`${s.local.name} is ${s.local.type}, its value ${s.value.type}`);
          if (!s.local.mutable && sets.has(s.local.id)) faults.push(`${s.local.name}.${s.local.id} is set twice`);
          if ((sets.get(s.local.id) ?? s.local) !== s.local) faults.push(`two locals have number ${s.local.id}`);
          sets.set(s.local.id, s.local);
          if (!s.local.mutable) known.add(s.local.id);
          return;
        }
        case 'store':
          if (s.index.type !== 'u32') faults.push(`an index is ${s.index.type}`);
          if (scalarType(s.value.type) === 'bool') faults.push('a bool is stored');
          return;
        case 'if':
          if (s.condition.type !== 'bool') faults.push(`a condition is ${s.condition.type}`);
          scope(s.yes);
          scope(s.no);
          return;
        case 'block':
        case 'loop':
          if (labels.has(s.label)) faults.push(`label ${s.label} stands in itself`);
          labels.add(s.label);
          scope(s.body);
          labels.delete(s.label);
          return;
        case 'branch':
          if (!labels.has(s.label)) faults.push(`a branch to ${s.label} is out of reach`);
          if (i < body.length - 1) faults.push('statements stand behind a branch');
          return;
        default:
          return;
      }
    });
  };
  run(ir.body);
  return faults;
}

const four = (type: ValueType, scalar: ValueType): boolean => isPacked(type) && scalarType(type) === scalar;

function typeFault(e: Expr): string | undefined {
  const wrong = (holds: boolean): string | undefined => (holds ? undefined : `types of ${e.kind}`);
  switch (e.kind) {
    case 'local':
      return wrong(e.type === e.local.type);
    case 'load':
      return wrong(e.index.type === 'u32' && scalarType(e.type) !== 'bool');
    case 'unary':
      return wrong(e.op === 'any' || e.op === 'all' ? e.type === 'bool' && e.a.type === 'vec4b' : e.type === e.a.type);
    case 'binary': {
      const count = typeLike(e.a.type, 'u32');
      const right = e.op === 'shl' || e.op === 'shr' ? count : e.a.type;
      return wrong(e.b.type === right && e.type === (isComparison(e.op) ? typeLike(e.a.type, 'bool') : e.a.type));
    }
    case 'select': {
      const condition = e.condition.type === 'bool' || (e.condition.type === 'vec4b' && isPacked(e.type));
      return wrong(condition && e.yes.type === e.type && e.no.type === e.type);
    }
    case 'convert':
    case 'bitcast':
      return wrong(isPacked(e.type) === isPacked(e.a.type) && e.type !== e.a.type);
    case 'splat':
      return wrong(packedType(e.a.type) === e.type && !isPacked(e.a.type));
    case 'compose':
      return wrong(e.parts.every((part) => part.type === scalarType(e.type)) && isPacked(e.type));
    case 'extract':
      return wrong(four(e.a.type, e.type) && e.lane >= 0 && e.lane < 4);
    case 'extractAt':
      return wrong(four(e.a.type, e.type) && e.lane.type === 'u32');
    case 'insert':
      return wrong(e.a.type === e.type && four(e.type, e.value.type) && e.lane >= 0 && e.lane < 4);
    case 'insertAt':
      return wrong(e.a.type === e.type && four(e.type, e.value.type) && e.lane.type === 'u32');
    case 'shuffle':
      return wrong(e.a.type === e.type && e.b.type === e.type && e.lanes.every((l) => l >= 0 && l < 8));
    case 'subgroup':
      return wrong(e.type === e.a.type && !isPacked(e.type));
    default:
      return undefined;
  }
}
