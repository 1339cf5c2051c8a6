/** Mean square and sign changes of overlapping frames; see kernels/frame-levels.ts. */
import { frameLevels as kernel, type FrameLevelsAttrs } from '../../kernels/frame-levels.js';
import { ShapeError } from '../errors.js';
import type { KernelOp } from '../op.js';
import { record } from '../record.js';
import type { Tensor } from '../tensor.js';
import { overlapAdd } from './frame.js';

/**
 * Input (N, L), with `hasLengths` lengths (N) → (N, T, 2). The mean square m_t = Σ x²/n gives dx_i = (2/n)·x_i·Σ dm_t over the frames t that
 * hold sample i; the count of sign changes gives nothing.
 */
export const frameLevelsOp: KernelOp<FrameLevelsAttrs> = {
  kind: 'kernel',
  name: 'frameLevels',
  kernel,
  shape: ([x], { frameLength, hop, pad }) => {
    const [clips, samples] = x.shape;
    const frames = Math.floor((samples + 2 * pad - frameLength) / hop) + 1;
    if (frames < 1) {
      throw new ShapeError(
        `frameLevels: no frame of ${frameLength} fits in ${samples} samples with ${pad} on both sides; pad the signal first.`,
      );
    }
    return [{ shape: [clips, frames, 2], dtype: 'f32' }];
  },
  gradient: ({ inputs: [x, ...rest], attrs: { frameLength, hop, pad }, grad }) => {
    const [clips, frames] = grad.shape;
    const samples = x.shape[1];
    const perSample = grad.slice(2, 0, 1).expand([clips, frames, frameLength]);
    const covered = overlapAdd(perSample, hop, samples + 2 * pad).slice(1, pad, pad + samples);
    return [x.mul(covered).mul(2 / frameLength), ...rest.map(() => null)];
  },
};

/** (N, T, 2) of waveforms (N, L): mean square and rate of sign changes of each frame, `pad` zeros standing on both sides. */
export const frameLevels = (
  x: Tensor,
  lengths: Tensor | undefined,
  attrs: Omit<FrameLevelsAttrs, 'hasLengths'>,
): Tensor => record(frameLevelsOp, lengths ? [x, lengths] : [x], { ...attrs, hasLengths: lengths !== undefined });
