/** What the makers of build.ts leave as it is, since it takes two operations at once. */
import { and, bitcast, constant, isConst, isPacked, mul, select, shl, splat, u32 } from '../build.js';
import type { Expr } from '../ir.js';
import type { Graph } from './graph.js';
import { trailingZeros } from './linear.js';

/** The same value, if possible as a simpler expression. Operands are in the graph: equal ones are the same object. */
export function simplify(e: Expr, graph: Graph): Expr {
  if (e.kind === 'binary') return simplifyBinary(e);
  if (e.kind === 'select') return simplifySelect(e, graph);
  return e;
}

function simplifySelect(e: Expr & { kind: 'select' }, graph: Graph): Expr {
  const { condition, yes, no, type } = e;
  if (no.kind === 'select' && no.condition === condition) return select(condition, yes, no.no);
  if (yes.kind === 'select' && yes.condition === condition) return select(condition, yes.yes, no);
  // All or nothing of a four, by a condition that an inner loop does not change: bits under a mask, without a branch.
  const level = (of: Expr): number => graph.node(of).early.region.loops;
  if (
    condition.type !== 'bool' ||
    !isPacked(type) ||
    type === 'vec4b' ||
    !isConst(no, 0) ||
    level(condition) >= level(yes)
  )
    return e;
  const mask = splat(select(condition, u32(0xffffffff), u32(0)));
  return bitcast(type, and(bitcast('vec4u', yes), mask));
}

function simplifyBinary(e: Expr & { kind: 'binary' }): Expr {
  const { op, a, b, type } = e;
  const whole = type === 'u32' || type === 'i32' || type === 'vec4u' || type === 'vec4i';
  if (!whole) return e;
  if (a === b && (op === 'sub' || op === 'xor')) return constant(type, 0);
  if (!isConst(b)) return e;
  // One form of each: a shift costs less than a product.
  const power = trailingZeros(b.value);
  if (op === 'mul' && b.value === 1 << power) return shl(a, constant(isPacked(type) ? 'vec4u' : 'u32', power));
  if (a.kind !== 'binary' || !isConst(a.b)) return e;
  if (op === 'shl' && a.op === 'shl' && a.b.value + b.value < 32)
    return shl(a.a, constant(b.type, a.b.value + b.value));
  if (op === 'mul' && a.op === 'shl') return mul(a.a, constant(type, b.value << (a.b.value & 31)));
  // (x >> k) << k: without the low bits.
  if (op === 'shl' && a.op === 'shr' && (a.b.value & 31) === (b.value & 31))
    return and(a.a, constant(type, -1 << (b.value & 31)));
  if (op === 'and' && a.op === 'and') return and(a.a, constant(type, a.b.value & b.value));
  return e;
}
