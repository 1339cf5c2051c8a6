/** Random numbers on the host out of the same counted draws as `rand`: seeded by `manualSeed`, resumed by `setRandomState`. */
import { Philox } from '../kernels/random.js';
import { nextRandomKey, randomSeed } from '../tensor/random-state.js';

/** A fresh stream; every call takes the next key, so two layers never share numbers. */
export const nextStream = (): Philox => new Philox(randomSeed(), nextRandomKey());
