/** Padding of waveforms (N, L) on both sides, as `numpy.pad`. */
import { concat, gather, tensor, Tensor } from '../tensor/index.js';
import { SettingsError } from './errors.js';
import { hostLengths, type Lengths } from './lengths.js';
import { requireOneOf } from './settings.js';

/**
 * What stands round a signal a b c d: 'constant' zeros; 'edge' a a | a b c d | d d; 'reflect' c b | a b c d | c b;
 * 'symmetric' b a | a b c d | d c; 'wrap' c d | a b c d | a b. Signals shorter than the padding are repeated in the same way.
 */
export type PadMode = 'constant' | 'edge' | 'reflect' | 'symmetric' | 'wrap';

export const padModes: readonly PadMode[] = ['constant', 'edge', 'reflect', 'symmetric', 'wrap'];

/**
 * (N, L) → (N, L + 2·amount). With `lengths`, `constant` needs nothing (the clips end in zeros already); the other modes continue every clip
 * at its own end, which is done by looking up each sample: `lengths` must be numbers then, and the gradient is slow.
 *
 * Every mode works for signals of any length from 1 sample; `librosa.stft` itself refuses 'wrap', `numpy.pad` does not.
 */
export function padWaveforms(name: string, x: Tensor, amount: number, mode: PadMode, lengths?: Lengths): Tensor {
  requireOneOf('padMode', mode, padModes);
  if (amount === 0) return x;
  const [clips, samples] = x.shape;
  if (mode === 'constant') return x.pad(1, amount, amount);
  if (lengths instanceof Tensor) {
    throw new SettingsError(
      `${name}: padMode '${mode}' needs lengths as numbers, not as a tensor. Or use padMode 'constant'.`,
    );
  }
  const own = lengths ? hostLengths(name, lengths, clips, samples) : undefined;
  const sides = own ? undefined : ends(x, amount, mode);
  if (sides) return concat([sides.before, x, sides.after], 1);
  const width = samples + 2 * amount;
  const indices = new Uint32Array(clips * width);
  for (let n = 0; n < clips; n++) {
    const length = own?.[n] ?? samples;
    for (let i = 0; i < width; i++) {
      // An index past the table reads 0: behind the padding of a shorter clip.
      const inside = i < length + 2 * amount;
      indices[n * width + i] = inside ? n * samples + POSITION[mode](i - amount, length) : clips * samples;
    }
  }
  return gather(x.reshape([clips * samples, 1]), tensor(indices, [clips, width])).squeeze(2);
}

/** Both ends as slices of the signal, where it is long enough for that. */
function ends(x: Tensor, amount: number, mode: PadMode): { before: Tensor; after: Tensor } | undefined {
  const [clips, samples] = x.shape;
  if (mode === 'edge') {
    const repeated = (at: number): Tensor => x.slice(1, at, at + 1).expand([clips, amount]);
    return { before: repeated(0), after: repeated(samples - 1) };
  }
  if (mode === 'wrap' && amount <= samples) {
    return { before: x.slice(1, samples - amount, samples), after: x.slice(1, 0, amount) };
  }
  // A reflection leaves out the end sample itself.
  const skip = mode === 'reflect' ? 1 : 0;
  if (mode === 'wrap' || amount + skip > samples) return undefined;
  return {
    before: x.slice(1, skip, amount + skip).flip(1),
    after: x.slice(1, samples - amount - skip, samples - skip).flip(1),
  };
}

const modulo = (i: number, n: number): number => ((i % n) + n) % n;

/** Which sample of a signal of `length` stands at position i of its endless continuation. */
const POSITION: Readonly<Record<Exclude<PadMode, 'constant'>, (i: number, length: number) => number>> = {
  edge: (i, length) => Math.min(Math.max(i, 0), length - 1),
  reflect: (i, length) => {
    if (length === 1) return 0;
    const period = 2 * (length - 1);
    const at = modulo(i, period);
    return at < length ? at : period - at;
  },
  symmetric: (i, length) => {
    const at = modulo(i, 2 * length);
    return at < length ? at : 2 * length - 1 - at;
  },
  wrap: (i, length) => modulo(i, length),
};
