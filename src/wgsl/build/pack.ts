/** Makers of packed fours out of scalars and back, simplified where the lanes are known. */
import type { Expr, PackedType } from '../ir.js';
import { same, splat } from './operate.js';
import { constant, isConst, packedType, scalarType } from './type.js';

type Four = readonly [Expr, Expr, Expr, Expr];
type Lanes = readonly [number, number, number, number];

const asPacked = (e: Expr): PackedType => packedType(e.type);

export function compose(parts: Four): Expr {
  const [x, y, z, w] = parts;
  if (same(x, y) && same(x, z) && same(x, w)) return splat(x);
  if (x.kind === 'extract' && y.kind === 'extract' && z.kind === 'extract' && w.kind === 'extract') {
    const four = [x, y, z, w];
    const b = four.find((p) => !same(p.a, x.a))?.a ?? x.a;
    if (four.every((p) => same(p.a, x.a) || same(p.a, b))) {
      const lane = (p: typeof x): number => (same(p.a, x.a) ? p.lane : p.lane + 4);
      return shuffle(x.a, b, [lane(x), lane(y), lane(z), lane(w)]);
    }
  }
  return { kind: 'compose', type: asPacked(x), parts };
}

export function extract(a: Expr, lane: number): Expr {
  switch (a.kind) {
    case 'const':
      return constant(scalarType(a.type), a.value);
    case 'splat':
      return a.a;
    case 'compose':
      return a.parts[lane];
    case 'insert':
      return a.lane === lane ? a.value : extract(a.a, lane);
    case 'shuffle':
      return a.lanes[lane] < 4 ? extract(a.a, a.lanes[lane]) : extract(a.b, a.lanes[lane] - 4);
    default:
      return { kind: 'extract', type: scalarType(a.type), a, lane };
  }
}

export function extractAt(a: Expr, lane: Expr): Expr {
  if (isConst(lane)) return extract(a, lane.value & 3);
  if (a.kind === 'const' || a.kind === 'splat') return extract(a, 0);
  return { kind: 'extractAt', type: scalarType(a.type), a, lane };
}

export function insert(a: Expr, lane: number, value: Expr): Expr {
  if (a.kind === 'compose') {
    const parts: [Expr, Expr, Expr, Expr] = [...a.parts];
    parts[lane] = value;
    return compose(parts);
  }
  if (a.kind === 'insert' && a.lane === lane) return insert(a.a, lane, value);
  return { kind: 'insert', type: asPacked(a), a, lane, value };
}

export function insertAt(a: Expr, lane: Expr, value: Expr): Expr {
  if (isConst(lane)) return insert(a, lane.value & 3, value);
  return { kind: 'insertAt', type: asPacked(a), a, lane, value };
}

export function shuffle(a: Expr, b: Expr, lanes: Lanes): Expr {
  // Of one operand only: `b` is then the same, and lanes count from 0.
  if (same(a, b) || lanes.every((l) => l < 4)) {
    b = a;
    lanes = [lanes[0] & 3, lanes[1] & 3, lanes[2] & 3, lanes[3] & 3];
    if (a.kind === 'const' || a.kind === 'splat' || lanes.every((l, i) => l === i)) return a;
    if (a.kind === 'compose')
      return compose([a.parts[lanes[0]], a.parts[lanes[1]], a.parts[lanes[2]], a.parts[lanes[3]]]);
  } else if (lanes.every((l) => l >= 4)) return shuffle(b, b, lanes);
  return { kind: 'shuffle', type: asPacked(a), a, b, lanes };
}
