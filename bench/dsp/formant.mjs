/** Formant: files to (T, 143) features in the host's memory, and the command `formant features`, which also scans, hashes and writes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Check, SETTINGS } from './files.mjs';

export async function open(backend, dist, files, folder) {
  const { init } = await import(join(dist, 'index.js'));
  const device = await init({ device: backend });
  const { streamSequences } = await import(join(dist, 'ser/features/index.js'));
  const { writeFeatures } = await import(join(dist, 'ser/run/index.js'));
  const sources = files.map((path) => ({ path, variant: 0 }));
  const { description, threads } = device.info;
  const counters = () => {
    const { submits, buffersCreated } = device.counters();
    return { submits, buffersCreated };
  };
  return {
    about: `Formant on ${description}${threads ? `, ${threads} thread${threads === 1 ? '' : 's'}` : ''}`,
    counters,
    /** Times are the host's, in ms; what is left of the whole is handing results over. */
    async stream() {
      const check = new Check();
      const times = { read: 0, decode: 0, device: 0 };
      let frames = 0;
      for await (const group of streamSequences(sources, SETTINGS, { seed: 0, times })) {
        for (const one of group) {
          if ('error' in one) throw one.error;
          frames += one.sequence.frames;
          if (one.index < 4) check.addFrames(one.sequence.data);
        }
      }
      return { clips: files.length, frames, times, check: check.means() };
    },
    /** Of a whole folder, as it stands. */
    async command(features) {
      const out = mkdtempSync(join(tmpdir(), 'formant-bench-features-'));
      try {
        const { clips, times } = await writeFeatures({ data: [folder], out, features });
        return { clips, times: Object.fromEntries(Object.entries(times).map(([name, s]) => [name, s * 1000])) };
      } finally {
        rmSync(out, { recursive: true });
      }
    },
  };
}
