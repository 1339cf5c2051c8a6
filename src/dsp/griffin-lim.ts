/** Waveforms from magnitudes alone, as `librosa.griffinlim`. */
import { Philox } from '../kernels/random.js';
import { concat, rand, tensor, type Tensor } from '../tensor/index.js';
import { SettingsError, SignalError } from './errors.js';
import { istft, type IstftOptions } from './istft.js';
import type { PadMode } from './padding.js';
import { requireAtLeast, requireOneOf, requireWhole } from './settings.js';
import { stft } from './stft.js';

export interface GriffinLimOptions extends IstftOptions {
  /** Iterations, default 32. */
  readonly nIter?: number;
  /** How the ends are padded when centred; default 'constant' (zeros). */
  readonly padMode?: PadMode;
  /** Of the fast algorithm, default 0.99; 0 gives Griffin and Lim's own. Above 1 it may not converge. */
  readonly momentum?: number;
  /** Phases to begin with: 'random' (default), uniform; null: all 0. */
  readonly init?: 'random' | null;
  /** Seed of the random phases, a whole number 0 … 2³² − 1; without it they come from `manualSeed`'s stream. */
  readonly randomState?: number;
}

/** Keeps divisions by nothing at 0; the smallest normal float32. */
const TINY = 2 ** -126;

/**
 * The signal whose short-time spectrum has magnitudes near `magnitudes`: (N, T, F) → (N, L), (T, F) → (L), with L as for `istft`. The graph of all
 * iterations runs as one program when the result is read.
 *
 * Perraudin, Balazs and Søndergaard, "A fast Griffin-Lim algorithm" (WASPAA 2013): in turn the spectrum of a signal, and the wanted magnitudes
 * with the phases of that spectrum less momentum / (1 + momentum) of the one before.
 * @throws SignalError, SettingsError
 */
export function griffinLim(magnitudes: Tensor, options: GriffinLimOptions = {}): Tensor {
  if (magnitudes.rank === 2) return griffinLim(magnitudes.unsqueeze(0), options).squeeze(0);
  if (magnitudes.rank !== 3 || magnitudes.size === 0) {
    throw new SignalError(
      `griffinLim: magnitudes are (N, T, F) or (T, F), not empty; got (${magnitudes.shape.join(', ')}).`,
    );
  }
  const { nIter = 32, momentum = 0.99, init = 'random', randomState, padMode } = options;
  requireWhole('nIter', nIter, 0);
  requireAtLeast('momentum', momentum, 0);
  if (init !== null) requireOneOf('init', init, ['random']);
  // The same frames in both directions.
  const nFft = options.nFft ?? 2 * (magnitudes.shape[2] - 1);
  const settings = { ...options, nFft };
  const wanted = magnitudes.unsqueeze(3);
  let estimate = wanted.mul(startPhases(magnitudes.shape, init, randomState));
  let previous: Tensor | undefined;
  for (let i = 0; i < nIter; i++) {
    const rebuilt = stft(istft(estimate, settings), { ...settings, padMode });
    if (rebuilt.shape[1] !== magnitudes.shape[1]) {
      throw new SettingsError(
        `griffinLim: the magnitudes have ${magnitudes.shape[1]} frames, a signal of this length has ${rebuilt.shape[1]}; leave the length out, or give the one that they were made from.`,
      );
    }
    const ahead = previous ? rebuilt.sub(previous.mul(momentum / (1 + momentum))) : rebuilt;
    estimate = wanted.mul(phasor(ahead));
    previous = rebuilt;
  }
  return istft(estimate, settings);
}

/** z / |z|, and 0 for 0. Scaled by the larger part first: squares of small spectra underflow in float32. */
function phasor(z: Tensor): Tensor {
  const scaled = z.div(z.abs().max([3], true).maximum(TINY));
  return scaled.div(scaled.square().sum([3], true).sqrt().maximum(TINY));
}

/** (N, T, F, 2), or what broadcasts to it. */
function startPhases(shape: readonly number[], init: 'random' | null, randomState: number | undefined): Tensor {
  if (init === null) return tensor(Float32Array.of(1, 0), [1, 1, 1, 2]);
  let turns: Tensor;
  if (randomState === undefined) turns = rand(shape);
  else {
    requireWhole('randomState', randomState, 0, 0xffffffff);
    const philox = new Philox(randomState, 0);
    const count = shape.reduce((a, b) => a * b, 1);
    turns = tensor(
      Float32Array.from({ length: count }, (_, i) => philox.uniformAt(i)),
      shape,
    );
  }
  const angles = turns.mul(2 * Math.PI).unsqueeze(3);
  return concat([angles.cos(), angles.sin()], 3);
}
