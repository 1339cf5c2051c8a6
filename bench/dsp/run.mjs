/**
 * Files of speech to (T, 143) features, Formant beside librosa, Meyda and TensorFlow.js, in one go: `npm run bench:dsp -- [folder]
 * [--clips 1320] [--slow 24] [--runs 7] [--only formant,librosa] [--cells <part of a cell's name>] [--json file]`. Without a folder the clips are
 * synthetic. Every cell is a process of its own; they run one after the other. A first run warms up; the median of the others counts.
 * `--slow` is the number of clips for what would take minutes (Meyda; TensorFlow.js, and beside it Formant on the same WebGPU device).
 */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { clipsIn, median, syntheticCorpus } from './files.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clips: { type: 'string', default: '1320' },
    slow: { type: 'string', default: '24' },
    runs: { type: 'string', default: '7' },
    only: { type: 'string' },
    cells: { type: 'string' },
    minutes: { type: 'string', default: '20' },
    dist: { type: 'string', default: here('../../dist') },
    json: { type: 'string' },
  },
});
const dist = resolve(options.dist);
const cores = availableParallelism();
for (const [missing, remedy] of [
  [here('../peers/node_modules'), 'npm ci --prefix bench/peers --ignore-scripts'],
  [`${dist}/index.js`, 'npm run build'],
]) {
  if (existsSync(missing)) continue;
  console.error(`${missing} is missing. First: ${remedy}`);
  process.exit(2);
}

/** `threads`: of Formant on wasm. `slow`: on the few clips. `work`: what worker.mjs is to run. */
const CELLS = [
  { name: 'Formant, wasm, 1 thread', library: 'formant', backend: 'wasm', threads: 1 },
  { name: 'Formant, wasm, 2 threads', library: 'formant', backend: 'wasm', threads: 2 },
  { name: 'librosa, 1 process', library: 'librosa', processes: 1 },
  { name: 'librosa, 2 processes', library: 'librosa', processes: 2 },
  { name: 'Meyda, few clips', library: 'meyda', backend: 'js', slow: true },
  { name: 'Formant, WebGPU, few clips', library: 'formant', backend: 'webgpu', slow: true },
  { name: 'TensorFlow.js, WebGPU, few clips', library: 'tfjs', backend: 'webgpu', slow: true },
  {
    name: 'formant features, wasm, 2 threads',
    library: 'formant',
    backend: 'wasm',
    threads: 2,
    work: 'command:frames',
  },
  { name: '… --features paper', library: 'formant', backend: 'wasm', threads: 2, work: 'command:paper' },
  { name: '… --features mel-image', library: 'formant', backend: 'wasm', threads: 2, work: 'command:mel-image' },
].filter(
  ({ name, library }) =>
    (options.only?.split(',').includes(library) ?? true) && (!options.cells || name.includes(options.cells)),
);

const folder = positionals[0] ? resolve(positionals[0]) : await syntheticCorpus(dist);
const all = clipsIn(folder, Number(options.clips));
const few = clipsIn(folder, Number(options.slow));

/** Runs one cell and gives what its last line says. */
function measure({ library, backend, threads, processes, slow, work = 'stream' }) {
  const files = slow ? few : all;
  const [command, args] =
    library === 'librosa'
      ? ['python3', [here('librosa_cell.py'), String(processes), options.runs]]
      : [process.execPath, [here('worker.mjs'), library, backend, work, options.runs, dist, folder]];
  return new Promise((done) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, FORMANT_QUIET: '1', ...(threads && { FORMANT_THREADS: String(threads) }) },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    const limit = setTimeout(() => child.kill('SIGKILL'), Number(options.minutes) * 60_000);
    child.on('error', (error) => done({ note: `does not start: ${error.message}` }));
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      const last = out.trim().split('\n').at(-1);
      if (last?.startsWith('{')) return done(JSON.parse(last));
      const missing = /ModuleNotFoundError.*/.exec(err)?.[0];
      done({ note: missing ?? (signal ? `not done after ${options.minutes} minutes` : `ended with code ${code}`) });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(files.join('\n'));
  });
}

const rows = [];
for (const cell of CELLS) {
  process.stderr.write(`${cell.name} …\n`);
  const result = await measure(cell);
  const medianMs = result.walls && median(result.walls);
  rows.push({ ...cell, ...result, medianMs, clipsPerSecond: medianMs && (result.clips * 1000) / medianMs });
}

/** Kinds of features in which a row differs from Formant on wasm by more than a thousandth. */
const reference = rows.find((row) => row.check?.mfcc !== undefined && !row.slow)?.check;
const fewReference = rows.find((row) => row.slow && row.check?.mfcc !== undefined)?.check;
for (const row of rows) {
  const expected = row.slow ? fewReference : reference;
  row.differs = Object.entries(row.check ?? {})
    .filter(([kind, value]) => expected && Math.abs(value - expected[kind]) > 1e-3 * Math.abs(expected[kind]))
    .map(([kind]) => kind);
}

const machine = { cpu: cpus()[0]?.model, cores, node: process.version, date: new Date().toISOString() };
const corpus = { folder: positionals[0] ? folder.split('/').at(-1) : 'synthetic', clips: all.length, few: few.length };
if (options.json) {
  writeFileSync(options.json, `${JSON.stringify({ machine, corpus, runs: Number(options.runs), rows }, null, 1)}\n`);
}

console.log(`${machine.cpu}, ${cores} cores, Node ${process.version}; ${all.length} clips of ${corpus.folder}\n`);
console.log('| | clips/s | median | range | read | decode | device | write | memory | |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
const seconds = (ms) => (ms === undefined ? '' : `${(ms / 1000).toFixed(2)} s`);
for (const row of rows) {
  const { times = {}, walls, steady } = row;
  const scan = times.scan === undefined ? times.read : times.scan + times.check + times.read;
  const remarks = [
    row.note,
    row.slow && row.clips ? `${row.clips} clips` : undefined,
    row.differs?.length ? `differs in ${row.differs.join(', ')}` : undefined,
    steady ? `${steady.submits} submits, ${steady.buffersCreated} new buffers` : undefined,
  ];
  const cells = [
    row.name,
    row.clipsPerSecond === undefined ? '' : row.clipsPerSecond.toFixed(row.clipsPerSecond < 10 ? 2 : 0),
    seconds(row.medianMs),
    walls ? `${(Math.min(...walls) / 1000).toFixed(2)}–${seconds(Math.max(...walls))}` : '',
    ...[scan, times.decode, times.device, times.write].map(seconds),
    row.peakBytes ? `${Math.round(row.peakBytes / 2 ** 20)} MiB` : '',
    remarks.filter(Boolean).join('; '),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
for (const about of new Set(rows.map((row) => row.about).filter(Boolean))) console.log(`\n${about}`);
