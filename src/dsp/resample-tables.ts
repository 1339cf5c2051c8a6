/**
 * The taps of a change of sampling rate as tables for the banded product (kernels/banded-columns.ts): a frame of `rows` inputs times the matrix gives
 * `outputs` outputs. Written down run by run: the whole matrix of 24414 → 16000 Hz has 99 million elements, of which 1.6 million are not 0.
 */
import type { Runs } from './banded.js';
import { polyphase, type ResampleOptions } from './resample.js';

export interface ResampleBlocks {
  /** Outputs of a block, a multiple of `up`, and inputs from one block to the next. */
  readonly outputs: number;
  readonly inputs: number;
  /** Inputs in a frame, the first of which lies `before` samples in front of the block's first. */
  readonly rows: number;
  readonly before: number;
  /** Columns of the matrix, and of its transpose. */
  readonly forward: () => Runs;
  readonly backward: () => Runs;
}

/** Values of the larger table: 32 MB on the device. One turn of the largest ratio that `resampleRatio` lets pass has 6.5 million. */
const MOST_VALUES = 8_000_000;

/** @param most outputs that are wanted: blocks are not made larger */
export function resampleBlocks(up: number, down: number, most: number, options: ResampleOptions = {}): ResampleBlocks {
  const { half, width, phases } = polyphase(up, down, options);
  // Several turns of the ratio in one block, so that frames do not overlap by much more than their distance, or than what comes out.
  const turns = Math.max(
    1,
    Math.min(
      Math.ceil(width / down),
      Math.ceil(width / up),
      Math.ceil(most / up),
      Math.floor(MOST_VALUES / (up * width)),
    ),
  );
  const outputs = up * turns;
  // Output r of a block reads `width` inputs from here on, counted from the frame's first.
  const newest = (r: number): number => Math.floor((r * down + half) / up);
  const start = (r: number): number => newest(r) - newest(0);
  const phase = (r: number): number => (r * down + half) % up;
  const rows = start(outputs - 1) + width;
  return {
    outputs,
    inputs: down * turns,
    rows,
    before: width - 1 - newest(0),
    forward: () => {
      const runs = new Uint32Array(3 * outputs);
      for (let r = 0; r < outputs; r++) runs.set([start(r), phase(r) * width, width], 3 * r);
      return { values: phases, runs };
    },
    backward: () => {
      const runs = new Uint32Array(3 * rows);
      const values = new Float64Array(outputs * width);
      let [first, end, place] = [0, 0, 0];
      for (let row = 0; row < rows; row++) {
        // The outputs that read this input.
        while (start(first) + width <= row) first++;
        while (end < outputs && start(end) <= row) end++;
        runs.set([first, place, end - first], 3 * row);
        for (let r = first; r < end; r++) values[place++] = phases[phase(r) * width + row - start(r)];
      }
      return { values, runs };
    },
  };
}
