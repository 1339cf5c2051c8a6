/** Readers of option values. They throw commander's `InvalidArgumentError`, which names the option and ends with exit code 2. */
import { InvalidArgumentError } from 'commander';
import { FormantError } from '../../device/errors.js';
import { parseFold } from '../protocols/fold.js';
import type { Fold } from '../protocols/types.js';

/** A whole number from `least` up. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text.trim()) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`Expected a whole number ${range}.`);
    }
    return value;
  };
}

/** A number above 0. */
export function positiveNumber(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

/** `A,B`, also repeated: all in one list. */
export function commaList(text: string, before: readonly string[] = []): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes(''))
    throw new InvalidArgumentError('Expected names with a comma between them, as RAVDESS/19,RAVDESS/20.');
  return [...new Set([...before, ...names])];
}

/** `i/n` with 1 ≤ i ≤ n and n ≥ 2. */
export function fold(text: string): Fold {
  try {
    const { index, count } = parseFold(text);
    if (count >= 2 && index >= 1 && index <= count) return { index, count };
  } catch (error) {
    if (!(error instanceof FormantError)) throw error;
  }
  throw new InvalidArgumentError('Expected i/n with i from 1 to n, as 3/24.');
}

/** `a-b` or one number, in seconds. */
export function secondsRange(text: string): [number, number] {
  const parts = text.split('-').map((part) => positiveNumber(part));
  const [shortest, longest = shortest] = parts;
  if (parts.length > 2 || longest < shortest) {
    throw new InvalidArgumentError('Expected a shortest and a longest length in seconds, as 1-1.6.');
  }
  return [shortest, longest];
}

/** A number from `least` up, and below `below` where that is given. */
export function numberFrom(least: number, below = Infinity): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (value >= least && value < below) return value;
    throw new InvalidArgumentError(
      below === Infinity ? `Expected a number from ${least} up.` : `Expected a number from ${least} to below ${below}.`,
    );
  };
}

/** A number from `least` to `most`. */
export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
  };
}
