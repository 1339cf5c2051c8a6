/** Makes a failing kernel smaller: takes out statements and puts 1 for expressions while it still fails in the same way. */
import { generateKernel, type Kernel } from './kernel.js';
import { tryWay, type Failure } from './ways.js';

const MOST_TRIES = 3000;

export function reduce(seed: number, failure: Failure): Kernel {
  let dropped: ReadonlySet<number> = new Set();
  let best = generateKernel(seed);
  let tries = 0;
  const attempt = (from: number, to: number): boolean => {
    const more = new Set(dropped);
    for (let id = from; id < to; id++) more.add(id);
    if (more.size === dropped.size || tries++ > MOST_TRIES) return false;
    try {
      const candidate = generateKernel(seed, { dropped: more });
      const found = tryWay(candidate, candidate.expected(), failure.way);
      if (candidate.code.length >= best.code.length || !found || !alike(found, failure)) return false;
      dropped = more;
      best = candidate;
      return true;
    } catch {
      return false; // The generator no longer makes sense of it: not this way.
    }
  };
  for (let size = best.nodes; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < best.nodes; from += size) attempt(from, from + size);
  }
  return best;
}

/** Both differ, or both throw the same, but for numbers. */
function alike(a: Failure, b: Failure): boolean {
  const plain = (f: Failure): string => (f.error?.message ?? '').split('\n')[0].replace(/\d+/g, '#').slice(0, 60);
  return (a.error === undefined) === (b.error === undefined) && plain(a) === plain(b);
}
