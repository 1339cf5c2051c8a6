/** Random numbers on the host out of the same counted draws as `rand`: seeded by `manualSeed`, resumed by `setRandomState`. */
import { Philox, philox4x32 } from '../kernels/random.js';
import { nextRandomKey, randomSeed } from '../tensor/random-state.js';

/** A fresh stream; every call takes the next key, so two layers never share numbers. */
export const nextStream = (): Philox => new Philox(randomSeed(), nextRandomKey());

/** The first `count` numbers of `stream.uniformAt`, in [0, 1): four come out of one block, which it would compute four times. */
export function uniforms(stream: Philox, count: number): Float64Array {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i += 4) {
    const words = philox4x32([i >>> 2, 0, 0, 0], stream.key);
    for (let k = 0; k < 4 && i + k < count; k++) out[i + k] = (words[k] >>> 8) / 0x1000000;
  }
  return out;
}
