/** Ragged batches: which positions of a padded sequence count. */
import { DTypeError, ShapeError, iota, tensor, type Tensor } from '../tensor/index.js';

/** Valid steps of each row: (N) u32, or plain numbers. */
export type Lengths = Tensor | readonly number[];

/**
 * Lengths as a u32 tensor (N).
 * @throws ShapeError unless there is one length a row, each (where the host can see it) a whole number from 0 to `steps`
 */
export function lengthsTensor(lengths: Lengths, rows: number, steps: number, name: string): Tensor {
  if ('value' in lengths) {
    if (lengths.dtype !== 'u32') throw new DTypeError(`${name}: lengths must be u32, not ${lengths.dtype}.`);
    if (lengths.rank !== 1 || lengths.shape[0] !== rows) {
      throw new ShapeError(`${name}: lengths must have shape (${rows}), got (${lengths.shape.join(', ')}).`);
    }
    return lengths;
  }
  if (lengths.length !== rows || !lengths.every((n) => Number.isInteger(n) && n >= 0 && n <= steps)) {
    throw new ShapeError(
      `${name}: lengths must be ${rows} whole numbers from 0 to ${steps}; got [${lengths.join(', ')}].`,
    );
  }
  return tensor(Uint32Array.from(lengths));
}

/** (N, T), 1 at valid positions and 0 behind. @param lengths (N) u32 */
export function lengthMask(lengths: Tensor, steps: number): Tensor {
  const rows = lengths.shape[0];
  return iota([rows, steps], 1).lt(lengths.toFloat().reshape([rows, 1]));
}

/** (N, T), 1 at the last valid position only; a row of length 0 has none. @param lengths (N) u32 */
export function lastStepMask(lengths: Tensor, steps: number): Tensor {
  const rows = lengths.shape[0];
  return iota([rows, steps], 1).eq(lengths.toFloat().sub(1).reshape([rows, 1]));
}
