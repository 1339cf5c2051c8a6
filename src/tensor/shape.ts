/** Arithmetic on shapes. */
import { ShapeError } from './errors.js';

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** NumPy's broadcasting: dimensions are matched from the last; equal, or one of them 1. */
export function broadcastShapes(a: readonly number[], b: readonly number[], name = 'broadcast'): readonly number[] {
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `${name}: shapes (${a.join(', ')}) and (${b.join(', ')}) do not broadcast: dimensions ${x} and ${y} differ and neither is 1.`,
      );
    }
    out.push(x === 1 ? y : x);
  }
  return out;
}

/** An axis counted from either end, as its number from the front. */
export function normalizeAxis(axis: number, rank: number, name: string): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    throw new ShapeError(`${name}: axis ${axis} is outside of a tensor of ${rank} dimensions.`);
  }
  return positive;
}

/** Axes from either end, sorted, without doubles; all of them where none are given. */
export function normalizeAxes(axes: number | readonly number[] | undefined, rank: number, name: string): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === 'number' ? [axes] : axes).map((a) => normalizeAxis(a, rank, name));
  if (new Set(list).size !== list.length)
    throw new ShapeError(`${name}: axes [${list.join(', ')}] name one axis twice.`);
  return list.sort((a, b) => a - b);
}

/** Row-major strides in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}
