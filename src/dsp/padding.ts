/** Padding of waveforms (N, L) on both sides, by zeros or by reflection about the end samples. */
import { concat, gather, tensor, Tensor } from '../tensor/index.js';
import { SettingsError } from './errors.js';
import { hostLengths, type Lengths } from './lengths.js';
import { requireOneOf } from './settings.js';

export type PadMode = 'constant' | 'reflect';

/**
 * (N, L) → (N, L + 2·amount). With `lengths`, `constant` needs nothing (the clips end in zeros already); `reflect` mirrors every clip about
 * its own last sample, which is done by looking up each sample: `lengths` must be numbers then, and the gradient is slow.
 */
export function padWaveforms(name: string, x: Tensor, amount: number, mode: PadMode, lengths?: Lengths): Tensor {
  requireOneOf('padMode', mode, ['constant', 'reflect']);
  if (amount === 0) return x;
  const [clips, samples] = x.shape;
  if (mode === 'constant') return x.pad(1, amount, amount);
  if (lengths instanceof Tensor) {
    throw new SettingsError(
      `${name}: padMode 'reflect' needs lengths as numbers, not as a tensor. Or use padMode 'constant'.`,
    );
  }
  const own = lengths ? hostLengths(name, lengths, clips, samples) : undefined;
  if (!own && amount < samples) {
    const before = x.slice(1, 1, amount + 1).flip(1);
    const after = x.slice(1, samples - 1 - amount, samples - 1).flip(1);
    return concat([before, x, after], 1);
  }
  const width = samples + 2 * amount;
  const indices = new Uint32Array(clips * width);
  for (let n = 0; n < clips; n++) {
    const length = own?.[n] ?? samples;
    for (let i = 0; i < width; i++) {
      // An index past the table reads 0: behind the padding of a shorter clip.
      const inside = i < length + 2 * amount;
      indices[n * width + i] = inside ? n * samples + reflected(i - amount, length) : clips * samples;
    }
  }
  return gather(x.reshape([clips * samples, 1]), tensor(indices, [clips, width])).squeeze(2);
}

/** Position i of a signal that is mirrored for ever about its first and last sample. */
function reflected(i: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const at = ((i % period) + period) % period;
  return at < length ? at : period - at;
}
