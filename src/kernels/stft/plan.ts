/** What a short-time spectrum is asked for, and the numbers that its launches are made from. */
import type { Problem } from '../launch.js';

/** What stands outside of a clip: zeros, its end samples again, or the clip mirrored about them (`pad` < L then). */
export type StftPadMode = 'constant' | 'edge' | 'reflect';

export interface FramesAttrs {
  readonly hop: number;
  /** Samples before the first of a clip at which frame 0 begins; as many may follow the last. */
  readonly pad: number;
  readonly mode: StftPadMode;
}

export interface StftAttrs extends FramesAttrs {
  /** |X|² instead of X. */
  readonly power: boolean;
}

export interface MelSpectrumAttrs extends FramesAttrs {
  /** Columns of the matrix. */
  readonly columns: number;
}

/** T of waveforms of `samples`. */
export const stftFrames = (samples: number, nFft: number, { hop, pad }: FramesAttrs): number =>
  Math.floor((samples + 2 * pad - nFft) / hop) + 1;

/** All that the launches are made from. */
export interface StftPlan {
  readonly attrs: FramesAttrs;
  readonly clips: number;
  readonly samples: number;
  readonly frames: number;
  readonly nFft: number;
  readonly result: 'complex' | 'power' | { readonly columns: number };
}

const resultOf = (attrs: StftAttrs | MelSpectrumAttrs): StftPlan['result'] =>
  'columns' in attrs ? { columns: attrs.columns } : attrs.power ? 'power' : 'complex';

export function planOf({ inputs: [x, window], attrs }: Problem<StftAttrs | MelSpectrumAttrs>): StftPlan {
  const [clips, samples] = x.shape;
  const nFft = window.shape[0];
  return { attrs, clips, samples, nFft, frames: stftFrames(samples, nFft, attrs), result: resultOf(attrs) };
}

/** Elements of workgroup memory besides the transform's planes: the power spectrum, where threads take bands of it. */
export const powerRoom = ({ result: kind, nFft }: StftPlan): number =>
  typeof kind === 'object' ? Math.floor(nFft / 2) + 1 : 0;
