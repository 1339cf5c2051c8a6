/** One cell in a process of its own: `node worker.mjs <library> <backend> <work> <runs> <dist> <folder>`, paths on stdin. The last line is JSON. */
import { readFileSync } from 'node:fs';
import { median } from './files.mjs';

const [library, backend, work, runs, dist, folder] = process.argv.slice(2);
const files = readFileSync(0, 'utf8').split('\n').filter(Boolean);

/** A library may be chatty while it loads, and keep the process open when it is done. */
const answer = (result) => process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));

try {
  const { open } = await import(`./${library}.mjs`);
  const opened = await open(backend, dist, files, folder);
  const [kind, ...args] = work.split(':');
  const walls = [];
  const splits = [];
  let last;
  let steady;
  let first;
  // The first run compiles kernels and fills caches, and does not count.
  for (let run = 0; run <= Number(runs); run++) {
    const before = opened.counters?.();
    const start = performance.now();
    last = await opened[kind](...args);
    const wall = performance.now() - start;
    const after = opened.counters?.();
    if (run === 0) {
      first = wall;
      continue;
    }
    walls.push(wall);
    splits.push(last.times);
    if (after)
      steady = {
        submits: after.submits - before.submits,
        buffersCreated: after.buffersCreated - before.buffersCreated,
      };
  }
  const times = Object.fromEntries(Object.keys(last.times).map((name) => [name, median(splits.map((s) => s[name]))]));
  answer({
    about: opened.about,
    clips: last.clips,
    frames: last.frames,
    firstMs: first,
    walls,
    times,
    steady,
    check: last.check,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  });
} catch (error) {
  answer({
    note: `fails: ${String(error?.message ?? error)
      .split('\n')[0]
      .slice(0, 300)}`,
  });
}
