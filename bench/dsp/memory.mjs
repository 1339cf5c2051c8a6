/**
 * Memory over many clips: `node bench/dsp/memory.mjs <folder> [--clips 5000] [--features frames] [--dist dist]`. A corpus that has fewer is repeated
 * under other names. Once through the corpus first, so that all lengths of clips have been met: each has a program of its own. Prints the process'
 * memory and the device's every tenth of the way, and ends with 1 where the median of the second half is more than a tenth above the first's.
 */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { clipsIn, median, syntheticCorpus } from './files.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clips: { type: 'string', default: '5000' },
    features: { type: 'string', default: 'frames' },
    dist: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
  },
});
const dist = resolve(options.dist);
const { init, shutdown } = await import(join(dist, 'index.js'));
const { streamFeatures } = await import(join(dist, 'ser/features/index.js'));
const { encodeNpy, ndarray, replaceFile } = await import(join(dist, 'io/index.js'));

const count = Number(options.clips);
const found = clipsIn(positionals[0] ? resolve(positionals[0]) : await syntheticCorpus(dist));
const folder = mkdtempSync(join(tmpdir(), 'formant-bench-memory-'));
const device = await init();
try {
  const sources = Array.from({ length: count }, (_, i) => {
    const path = join(folder, `${i}.wav`);
    symlinkSync(found[i % found.length], path);
    return { path, variant: 0 };
  });
  for await (const _ of streamFeatures(
    found.slice(0, count).map((path) => ({ path, variant: 0 })),
    options.features,
    { seed: 0 },
  ));
  const mib = (bytes) => Math.round(bytes / 2 ** 20);
  const resident = [[], []];
  const deviceMost = [0, 0];
  let done = 0;
  const start = performance.now();
  console.log('clips | resident MiB | heap MiB | device MiB | buffers made');
  for await (const group of streamFeatures(sources, options.features, { seed: 0 })) {
    await Promise.all(
      group.map(({ index, item, error }) => {
        if (error) throw error;
        return replaceFile(
          join(folder, `${index % 100}.npy`),
          encodeNpy(ndarray([item.frames, item.width], item.data)),
        );
      }),
    );
    const before = done;
    done += group.length;
    const { rss, heapUsed } = process.memoryUsage();
    const { bytes } = device.memory();
    const { buffersCreated } = device.counters();
    const half = done > count / 2 ? 1 : 0;
    resident[half].push(rss);
    deviceMost[half] = Math.max(deviceMost[half], bytes);
    if (Math.floor((10 * before) / count) < Math.floor((10 * done) / count)) {
      console.log([done, mib(rss), mib(heapUsed), mib(bytes), buffersCreated].join(' | '));
    }
  }
  console.log(`${Math.round((count * 1000) / (performance.now() - start))} clips/s`);
  const [first, second] = resident.map(median);
  const flat = second <= 1.1 * first && deviceMost[1] <= 1.1 * deviceMost[0];
  console.log(
    `second half against first: ${mib(second)} and ${mib(first)} MiB resident, ${mib(deviceMost[1])} and ` +
      `${mib(deviceMost[0])} MiB on the device: ${flat ? 'flat' : 'IT GROWS'}`,
  );
  process.exitCode = flat ? 0 : 1;
} finally {
  await shutdown();
  rmSync(folder, { recursive: true });
}
