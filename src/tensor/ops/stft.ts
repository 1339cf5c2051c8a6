/** Short-time spectra of waveforms; see kernels/stft.ts. */
import { numel, type Spec } from '../../kernels/launch.js';
import {
  melSpectrum as melKernel,
  stft as kernel,
  stftFrames,
  type FramesAttrs,
  type MelSpectrumAttrs,
  type StftAttrs,
  type StftPadMode,
} from '../../kernels/stft.js';
import { ShapeError } from '../errors.js';
import type { KernelOp } from '../op.js';
import { record } from '../record.js';
import type { Tensor } from '../tensor.js';
import { bandedOp } from './banded.js';
import { binWeights, irfftOp, transformTable } from './fft.js';
import { overlapAdd } from './frame.js';

function framesOf([x, window]: readonly Spec[], attrs: FramesAttrs): { clips: number; frames: number; bins: number } {
  const [clips, samples] = x.shape;
  const nFft = window.shape[0];
  const frames = stftFrames(samples, nFft, attrs);
  if (frames < 1) {
    throw new ShapeError(
      `stft: no frame of ${nFft} fits in ${samples} samples with ${attrs.pad} on both sides; pad the signal first.`,
    );
  }
  if (attrs.mode === 'reflect' && attrs.pad >= samples) {
    throw new ShapeError(`stft: ${samples} samples cannot be mirrored over ${attrs.pad}; pad the signal first.`);
  }
  return { clips, frames, bins: Math.floor(nFft / 2) + 1 };
}

/** The gradient of padding: what fell on a copy of a sample is added to it. (N, L + 2·pad) → (N, L) */
function unpad(grad: Tensor, samples: number, { pad, mode }: FramesAttrs): Tensor {
  const own = grad.slice(1, pad, pad + samples);
  if (pad === 0 || mode === 'constant') return own;
  const before = grad.slice(1, 0, pad);
  const after = grad.slice(1, pad + samples);
  if (mode === 'edge') {
    const [first, last] = [before.sum([1], true), after.sum([1], true)];
    return own.add(first.pad(1, 0, samples - 1)).add(last.pad(1, samples - 1, 0));
  }
  const room = samples - 1 - pad;
  return own.add(before.flip(1).pad(1, 1, room)).add(after.flip(1).pad(1, room, 1));
}

/**
 * The gradient of the waveforms from that of X (N, T, bins, 2): each step in turn, backwards. A frame's is n·irfft of dX, halved where irfft counts a
 * bin twice (`rfftOp`).
 */
function waveformGradient(dX: Tensor, x: Tensor, window: Tensor, table: Tensor, attrs: FramesAttrs): Tensor {
  const [clips, frames, bins] = dX.shape;
  const [samples, n] = [x.shape[1], window.shape[0]];
  const weighted = dX.reshape([clips * frames, bins, 2]).mul(binWeights(n, n / 2, [n, 0]));
  const dFrames = record(irfftOp, [weighted, table], { n }).mul(window).reshape([clips, frames, n]);
  return unpad(overlapAdd(dFrames, attrs.hop, samples + 2 * attrs.pad), samples, attrs);
}

/** d|X|² = 2·X·dX, with X transformed again rather than kept. */
function powerGradient(dP: Tensor, inputs: readonly Tensor[], { hop, pad, mode }: FramesAttrs): Tensor {
  const [x, window, table] = inputs;
  const attrs = { hop, pad, mode };
  const spectrum = record(stftOp, [x, window, table], { ...attrs, power: false });
  return waveformGradient(spectrum.mul(dP.unsqueeze(3)).mul(2), x, window, table, attrs);
}

/** Inputs: waveforms (N, L), window (nFft), real table of nFft. → (N, T, bins, 2), or (N, T, bins) with `power`. The window gets no gradient. */
export const stftOp: KernelOp<StftAttrs> = {
  kind: 'kernel',
  name: 'stft',
  kernel,
  shape: (inputs, attrs) => {
    const { clips, frames, bins } = framesOf(inputs, attrs);
    return [{ shape: attrs.power ? [clips, frames, bins] : [clips, frames, bins, 2], dtype: 'f32' }];
  },
  gradient: ({ inputs, attrs, grad }) => [
    attrs.power ? powerGradient(grad, inputs, attrs) : waveformGradient(grad, inputs[0], inputs[1], inputs[2], attrs),
    null,
    null,
  ],
};

/** Inputs as of `stft`, then weights and runs of a matrix M (bins, columns), then those of its transpose. → |X|²·M, (N, T, columns) */
export const melSpectrumOp: KernelOp<MelSpectrumAttrs> = {
  kind: 'kernel',
  name: 'melSpectrum',
  kernel: melKernel,
  shape: (inputs, attrs) => {
    const { clips, frames } = framesOf(inputs, attrs);
    return [{ shape: [clips, frames, attrs.columns], dtype: 'f32' }];
  },
  gradient: ({ inputs, attrs, grad }) => {
    const [, window, , weights, runs, backWeights, backRuns] = inputs;
    const [clips, frames, columns] = grad.shape;
    const bins = Math.floor(window.shape[0] / 2) + 1;
    const flat = grad.reshape([numel([clips, frames]), columns]);
    const dP = record(bandedOp, [flat, backWeights, backRuns, weights, runs], { columns: bins });
    return [powerGradient(dP.reshape([clips, frames, bins]), inputs, attrs), null, null, null, null, null, null];
  },
};

export interface ShortTimeOptions {
  readonly hop: number;
  readonly pad: number;
  readonly mode: StftPadMode;
}

/** Complex short-time spectrum of waveforms (N, L) under a window (nFft): (N, T, bins, 2). */
export const shortTimeSpectrum = (x: Tensor, window: Tensor, options: ShortTimeOptions): Tensor =>
  record(stftOp, [x, window, transformTable(window.shape[0], 'real')], { ...options, power: false });

/** |X|² of it: (N, T, bins). */
export const shortTimePower = (x: Tensor, window: Tensor, options: ShortTimeOptions): Tensor =>
  record(stftOp, [x, window, transformTable(window.shape[0], 'real')], { ...options, power: true });

/** |X|² times a matrix (bins, columns) given by the four tables of its short runs: (N, T, columns). */
export const shortTimeBands = (
  x: Tensor,
  window: Tensor,
  tables: readonly Tensor[],
  columns: number,
  options: ShortTimeOptions,
): Tensor =>
  record(melSpectrumOp, [x, window, transformTable(window.shape[0], 'real'), ...tables], { ...options, columns });
