/**
 * From one invocation to four neighbours in x side by side, in the lanes of packed fours (SPMD on SIMD: Pharr and Mark 2012). What is equal in the four
 * stays a scalar; whole numbers that go up evenly from lane to lane stay scalars too, so that addresses do (lanes.ts). Lanes that part run under
 * masks (control.ts); for the cases without masks, and for what can be guessed (guess.ts), there are copies of the statements.
 */
import type { IrFunction } from './ir.js';
import { statements } from './vectorize/control.js';
import { Copy } from './vectorize/copy.js';
import { finish } from './vectorize/draft.js';
import { guessed } from './vectorize/site.js';
import { State } from './vectorize/state.js';
import { survey } from './vectorize/survey.js';

/** Takes a function of width 1 with scalars only, whose workgroup's x is a multiple of 4; gives the same with width 4. */
export function vectorize(ir: IrFunction): IrFunction {
  if (ir.width !== 1 || ir.workgroupSize[0] % 4 !== 0)
    throw new Error(`${ir.name}: a function is vectorized once, and with a workgroup whose x is a multiple of 4.`);
  const surveyed = survey(ir.body);
  const root = new Copy(undefined, -1, Infinity);
  for (;;) {
    root.begin();
    const state = new State(surveyed, root);
    state.out.push(root.prologue);
    guessed(state, surveyed.nodes, statements);
    // What a try finds out is only ever more than the one before knew, so there is an end.
    if (!state.again) return { ...ir, width: 4, body: finish(state.out) };
  }
}
