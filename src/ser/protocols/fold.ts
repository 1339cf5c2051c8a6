import { SplitError } from './errors.js';
import type { Fold } from './types.js';

/** Reads `i/n` as the command line gives it. */
export function parseFold(text: string): Fold {
  const match = /^(\d+)\/(\d+)$/.exec(text.trim());
  if (!match) throw new SplitError(`Fold "${text}" is not of the form i/n, for example 3/24.`);
  return { index: Number(match[1]), count: Number(match[2]) };
}
