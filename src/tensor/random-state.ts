/**
 * The state of the random numbers: a seed and a count of the draws so far. A draw is fully given by (seed, count, element), so saving these
 * two numbers is enough to resume bit for bit.
 */
let seed = 0;
let drawn = 0;

export interface RandomState {
  readonly seed: number;
  readonly drawn: number;
}

/** Seeds every random op that follows (dropout, rand, randn), as `torch.manual_seed`. @param value whole number, 0 … 2³² − 1 */
export function manualSeed(value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new RangeError(`manualSeed(): ${value} is not a whole number from 0 to 4294967295.`);
  }
  seed = value;
  drawn = 0;
}

export const randomSeed = (): number => seed;
export const nextRandomKey = (): number => drawn++;
export const randomState = (): RandomState => ({ seed, drawn });
export function setRandomState(state: RandomState): void {
  seed = state.seed;
  drawn = state.drawn;
}
