/** How the parser and the checker refuse a text. `parseWgsl` adds the text to the error. */
import { WgslError, type Place } from '../error.js';

export function fail(reason: string, at: Place): never {
  throw new WgslError(reason, at.line, at.column);
}

/** For what WGSL has and this compiler has not. */
export function unsupported(what: string, at: Place): never {
  fail(`${what} not supported here`, at);
}

/** How deep we are in parts of const-expressions that WGSL does not evaluate: the right side of `false && …` and `true || …`. */
let skipped = 0;

/** A const-expression that has no value (1 / 0, an overflow). Gives a stand-in where the value does not count. */
export function evaluationFault(reason: string, at: Place): number {
  if (skipped === 0) fail(reason, at);
  return 0;
}

export function withoutEvaluation<T>(parse: () => T): T {
  skipped++;
  try {
    return parse();
  } finally {
    skipped--;
  }
}

/** The opposite, for a declaration that is read on the way. */
export function withEvaluation<T>(parse: () => T): T {
  const before = skipped;
  skipped = 0;
  try {
    return parse();
  } finally {
    skipped = before;
  }
}
