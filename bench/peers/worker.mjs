/** One workload of one library in a process of its own: `node worker.mjs <library> <backend> <workload> <seconds>`. The last line is JSON. */
import { meanSize } from './data.mjs';

const [library, backend, workload, seconds] = process.argv.slice(2);

/** A library may be chatty while it loads. */
const answer = (result) => process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));

try {
  const { open } = await import(`./${library}.mjs`);
  const opened = await open(backend);
  if (!opened[workload]) answer({ about: opened.about, note: opened.missing?.[workload] ?? 'not offered' });
  else {
    const run = await opened[workload]();
    const result = await run();
    // From the start of the process: loading, compiling and the first result, as somebody who starts the program waits for it.
    const firstMs = performance.now();
    const times = [];
    const until = performance.now() + Number(seconds) * 1000;
    while (times.length < 3 || (performance.now() < until && times.length < 200)) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    answer({
      about: opened.about,
      note: opened.notes?.[workload],
      medianMs: times[Math.floor(times.length / 2)],
      runs: times.length,
      firstMs,
      peakBytes: process.resourceUsage().maxRSS * 1024,
      check: meanSize([...result]),
    });
  }
} catch (error) {
  answer({
    note: `fails: ${String(error?.message ?? error)
      .split('\n')[0]
      .slice(0, 200)}`,
  });
}
