/** Padding and output length of convolutions and pools. */
import { ShapeError } from '../errors.js';

export type Padding = 'same' | 'valid' | number | readonly [number, number];

/** ⌊(L + pad − dilation·(K − 1) − 1) / stride⌋ + 1 @throws ShapeError where the window does not fit. */
export function outputLength(
  length: number,
  kernel: number,
  stride: number,
  dilation: number,
  pad: number,
  name: string,
): number {
  const out = Math.floor((length + pad - dilation * (kernel - 1) - 1) / stride) + 1;
  if (out < 1) {
    throw new ShapeError(
      `${name}: a window of ${dilation * (kernel - 1) + 1} does not fit into ${length} + ${pad} padded elements.`,
    );
  }
  return out;
}

/** Elements to pad in front and behind; `same` puts the odd one behind, as TensorFlow. */
export function resolvePadding(
  padding: Padding,
  length: number,
  kernel: number,
  stride: number,
  dilation: number,
): [number, number] {
  if (padding === 'valid') return [0, 0];
  if (padding === 'same') {
    const out = Math.ceil(length / stride);
    const total = Math.max(0, (out - 1) * stride + dilation * (kernel - 1) + 1 - length);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  }
  const [left, right] = typeof padding === 'number' ? [padding, padding] : padding;
  if (!(Number.isInteger(left) && Number.isInteger(right) && left >= 0 && right >= 0)) {
    throw new ShapeError(`Padding must be 'same', 'valid' or whole numbers from 0 up; got ${String(padding)}.`);
  }
  return [left, right];
}
