/**
 * Formant against other libraries, on this machine, in one go: `npm run bench:peers -- [--only formant,tfjs] [--workloads matmul,step]
 * [--seconds 3] [--webgpu] [--minutes 10] [--json file]`. Every cell is a process of its own; they run one after the other, each to the
 * result in the host's memory. `--webgpu` adds the libraries' WebGPU backends (without a graphics card: very slow). All compute the same
 * numbers from the same inputs (Table V's step starts from each library's own weights), and the table says where one does not.
 */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WORKLOADS } from './data.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    workloads: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '10' },
    webgpu: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const PEERS = [
  ['formant', 'wasm'],
  ['tfjs', 'wasm'],
  ['jax', 'wasm'],
  ['ort', 'wasm'],
  ['pytorch', 'cpu'],
  ['formant', 'webgpu'],
  ['tfjs', 'webgpu'],
  ['jax', 'webgpu'],
].filter(([library, backend]) => {
  const wanted = options.only?.split(',').includes(library) ?? true;
  return wanted && (backend !== 'webgpu' || options.webgpu);
});
const workloads = options.workloads?.split(',') ?? Object.keys(WORKLOADS);

for (const [missing, remedy] of [
  [here('node_modules'), 'npm ci --prefix bench/peers --ignore-scripts'],
  [here('../../dist/index.js'), 'npm run build'],
]) {
  if (existsSync(missing)) continue;
  console.error(`${missing} is missing. First: ${remedy}`);
  process.exit(2);
}

/** Runs one cell and gives what its last line says. */
function cell(library, backend, workload) {
  const [command, args] =
    library === 'pytorch'
      ? ['python3', [here('pytorch.py'), workload, options.seconds]]
      : [process.execPath, [here('worker.mjs'), library, backend, workload, options.seconds]];
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORMANT_QUIET: '1' },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    let late = false;
    const limit = setTimeout(
      () => {
        late = true;
        child.kill('SIGKILL');
      },
      Number(options.minutes) * 60_000,
    );
    child.on('error', (error) => resolve({ note: `does not start: ${error.message}` }));
    child.on('close', (code) => {
      clearTimeout(limit);
      const last = out.trim().split('\n').at(-1);
      if (last?.startsWith('{')) return resolve(JSON.parse(last));
      if (late) return resolve({ note: `not done after ${options.minutes} minutes` });
      const why = err.includes('ModuleNotFoundError') ? 'PyTorch is not installed' : `ended with code ${code}`;
      resolve({ note: why });
    });
  });
}

const rows = [];
for (const workload of workloads) {
  for (const [library, backend] of PEERS) {
    process.stderr.write(`${workload}: ${library} (${backend}) …\n`);
    rows.push({ workload, library, backend, ...(await cell(library, backend, workload)) });
  }
}
for (const row of rows) {
  const reference = rows.find((r) => r.workload === row.workload && r.check !== undefined)?.check;
  // A training step starts from random weights: then only the size of the loss is known.
  const tolerance = row.workload === 'step' ? 0.5 : 1e-4;
  row.agrees = row.check === undefined ? undefined : Math.abs(row.check - reference) <= tolerance * Math.abs(reference);
}
if (options.json) {
  const machine = {
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    node: process.version,
    date: new Date().toISOString(),
  };
  writeFileSync(options.json, `${JSON.stringify({ machine, rows }, null, 1)}\n`);
}

console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`);
const ms = (t) => (t === undefined ? '' : `${t.toFixed(t < 10 ? 2 : t < 1000 ? 1 : 0)} ms`);
const columns = [20, 11, 13, 9];
const line = (...cells) =>
  cells.map((c, i) => (i === 0 ? c.padEnd(columns[0]) : c.padStart(columns[i] ?? 0))).join('  ');
for (const workload of workloads) {
  console.log(`\n${WORKLOADS[workload]}`);
  console.log(line('', 'median', 'first result', 'memory'));
  for (const row of rows.filter((r) => r.workload === workload)) {
    const memory = row.peakBytes === undefined ? '' : `${Math.round(row.peakBytes / 2 ** 20)} MiB`;
    const notes = [row.agrees === false ? `RESULT DIFFERS (${row.check})` : '', row.note ?? '']
      .filter(Boolean)
      .join('; ');
    console.log(`${line(`${row.library} (${row.backend})`, ms(row.medianMs), ms(row.firstMs), memory)}  ${notes}`);
  }
}
console.log('\nFirst result: since the start of the process. Memory: most that the process held at once.');
for (const about of new Set(rows.map((r) => r.about).filter(Boolean))) console.log(about);
