import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../..');

export interface ChildResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * `src/device` and what it stands on as plain JavaScript, for scripts in a Node process of their own: what a process does at its end, or with its environment,
 * cannot be seen inside the test's process.
 */
export class DeviceScripts {
  // Inside the project, so that the package `webgpu` is found.
  readonly #folder: string;

  constructor() {
    const cache = join(ROOT, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    this.#folder = mkdtempSync(join(cache, 'device-scripts-'));
    writeFileSync(join(this.#folder, 'package.json'), '{"type":"module"}');
    const source = join(ROOT, 'src');
    const entries = ['device', 'wgsl'].flatMap((room) =>
      readdirSync(join(source, room), { recursive: true, withFileTypes: true }),
    );
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const path = join(entry.parentPath, entry.name);
      const output = join(this.#folder, relative(source, path)).replace(/\.ts$/, '.js');
      mkdirSync(dirname(output), { recursive: true });
      const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
      writeFileSync(output, ts.transpile(readFileSync(path, 'utf8'), options));
    }
  }

  /** Runs an ES module whose text may use `openDevice`; the environment has no `FORMANT_…` but those given. */
  run(body: string, env: Readonly<Record<string, string>> = {}, limitMs = 60_000): Promise<ChildResult> {
    const script = join(this.#folder, 'script.mjs');
    const index = pathToFileURL(join(this.#folder, 'device', 'index.js')).href;
    writeFileSync(script, `import { openDevice } from '${index}';\n${body}\n`);
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('FORMANT_'));
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, [script], { env: { ...Object.fromEntries(inherited), ...env } });
      let stdout = '';
      let stderr = '';
      const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
      child.stdout.on('data', (chunk) => (stdout += String(chunk)));
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
