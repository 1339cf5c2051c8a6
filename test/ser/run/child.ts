/** Training, or writing features, in a Node process of its own, which can be killed for real. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { transformWithEsbuild } from 'vite';
import type { FeaturesOptions, TrainOptions } from '../../../src/ser/run/index.js';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Where a process ends itself with SIGKILL, told by the file that it writes (`times` counts from 1); `full` is a disk without room instead. */
export interface Crash {
  readonly at: 'write' | 'half' | 'full' | 'rename' | 'renamed' | 'appended';
  readonly file: string;
  readonly times?: number;
}

export interface Job {
  readonly train?: TrainOptions;
  readonly resume?: string;
  readonly features?: FeaturesOptions;
  readonly crash?: Crash;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The child. `node:fs` is changed before anything imports it: the temporary file of a write is told by its name, and what is killed at `half`
 * leaves a file of half the length behind, as a process does that dies in the midst of a write.
 */
const SCRIPT = `
import fs from 'node:fs';
import path from 'node:path';
import { syncBuiltinESMExports } from 'node:module';

const { train, resume, features, crash } = JSON.parse(process.argv[2]);
const die = () => process.kill(process.pid, 'SIGKILL');
const seen = {};
const hit = (at, file) => {
  if (!crash || crash.at !== at || !path.basename(String(file)).includes(crash.file)) return false;
  seen[at] = (seen[at] ?? 0) + 1;
  return seen[at] === (crash.times ?? 1);
};
const noRoom = () => {
  throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
};
const names = new Map();
const { openSync, writeFileSync, renameSync, appendFileSync } = fs;
fs.openSync = (file, ...rest) => {
  const handle = openSync(file, ...rest);
  names.set(handle, file);
  return handle;
};
fs.writeFileSync = (target, data, ...rest) => {
  const name = typeof target === 'number' ? names.get(target) : target;
  if (hit('write', name)) die();
  if (hit('half', name)) {
    writeFileSync(target, data.slice(0, Math.floor(data.length / 2)), ...rest);
    die();
  }
  if (hit('full', name)) {
    writeFileSync(target, data.slice(0, Math.floor(data.length / 2)), ...rest);
    noRoom();
  }
  return writeFileSync(target, data, ...rest);
};
fs.renameSync = (from, to) => {
  if (hit('rename', to)) die();
  renameSync(from, to);
  if (hit('renamed', to)) die();
};
fs.appendFileSync = (file, ...rest) => {
  // It writes by writeFileSync, which sees a full disk.
  appendFileSync(file, ...rest);
  if (hit('appended', file)) die();
};
const { writeFile, rename } = fs.promises;
fs.promises.writeFile = async (file, data, options) => {
  if (hit('write', file)) die();
  if (hit('half', file)) {
    writeFileSync(file, data.slice(0, Math.floor(data.length / 2)), options);
    die();
  }
  return writeFile(file, data, options);
};
fs.promises.rename = async (from, to) => {
  if (hit('rename', to)) die();
  await rename(from, to);
  if (hit('renamed', to)) die();
};
syncBuiltinESMExports();

const { trainRun, resumeRun, writeFeatures } = await import('./src/ser/run/index.js');
const hooks = {
  onNotice: (text) => console.log('notice ' + text),
  onProgress: ({ stage, done, epoch }) => stage === 'train' && console.log(epoch ? 'epoch ' + done : 'step ' + done),
};
if (features) {
  const onProgress = ({ stage, done }) => stage === 'features' && console.log('clip ' + done);
  const { clips, reused } = await writeFeatures(features, { onProgress });
  console.log('clips ' + clips + ' reused ' + reused);
} else await (train ? trainRun(train, hooks) : resumeRun({ run: resume }, hooks));
console.log('done');
`;

/** The engine and the application as plain JavaScript, beside the script above. */
export class TrainingScripts {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<TrainingScripts> {
    // Inside the project, so that the packages are found.
    const cache = join(ROOT, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, 'training-scripts-'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module","version":"0.0.0"}');
    writeFileSync(join(folder, 'script.mjs'), SCRIPT);
    const source = join(ROOT, 'src');
    for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const file = join(entry.parentPath, entry.name);
      const output = join(folder, 'src', relative(source, file)).replace(/\.ts$/, '.js');
      mkdirSync(dirname(output), { recursive: true });
      const { code } = await transformWithEsbuild(readFileSync(file, 'utf8'), file, {
        target: 'es2022',
        sourcemap: false,
      });
      writeFileSync(output, code);
    }
    return new TrainingScripts(folder);
  }

  /** Starts the command line; the caller sees to its ends. */
  formant(args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [join(this.#folder, 'src', 'cli.js'), ...args], {
      env: { ...process.env, FORMANT_QUIET: '1' },
    });
  }

  /** Runs a job; `onLine` hears what it prints, and may kill it. */
  run(job: Job, onLine: (line: string, kill: () => void) => void = () => undefined): Promise<Ended> {
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, [join(this.#folder, 'script.mjs'), JSON.stringify(job)], {
        env: { ...process.env, FORMANT_QUIET: '1' },
      });
      const kill = (): void => void child.kill('SIGKILL');
      const timer = setTimeout(kill, 100_000);
      let stdout = '';
      let stderr = '';
      let heard = 0;
      child.stdout.on('data', (chunk) => {
        stdout += String(chunk);
        const lines = stdout.split('\n').slice(0, -1);
        for (const line of lines.slice(heard)) onLine(line, kill);
        heard = lines.length;
      });
      child.stderr.on('data', (chunk) => (stderr += String(chunk)));
      child.on('error', fail);
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        done({ code, signal, stdout, stderr });
      });
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
