/**
 * Random WGSL kernels, our compiler against WebGPU: `npm run fuzz -- --count 1000 --seed 1 [--out summary.json]`.
 * A failing seed prints its kernel, made small, and the first element that differs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
const out = values.out ?? join(mkdtempSync(join(tmpdir(), 'formant-fuzz-')), 'summary.json');
const { status } = spawnSync('npx', ['vitest', 'run', 'test/wgsl/fuzz/fuzz.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, FORMANT_FUZZ: values.count, FORMANT_FUZZ_SEED: values.seed, FORMANT_FUZZ_OUT: out },
});
process.stdout.write(readFileSync(out, 'utf8'));
process.exit(status ?? 1);
