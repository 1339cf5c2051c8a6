/** The commands and their options. Reading a command line only picks a job; `main` runs it. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { bench } from './commands/bench.js';
import { cache } from './commands/cache.js';
import { corpus } from './commands/corpus.js';
import { demo } from './commands/demo.js';
import { download } from './commands/download.js';
import { evaluate } from './commands/evaluate.js';
import { exportCommand } from './commands/export.js';
import { features } from './commands/features.js';
import { info } from './commands/info.js';
import { merge } from './commands/merge.js';
import { plot } from './commands/plot.js';
import { predict } from './commands/predict.js';
import { synth } from './commands/synth.js';
import { train } from './commands/train.js';
import type { Context, Outcome } from './context.js';

export type Job = (context: Context) => Promise<Outcome>;
/** Adds one command to the program; its action hands a job to `pick`. */
export type AddCommand = (program: Command, pick: (job: Job) => void) => Command;

const COMMANDS: readonly AddCommand[] = [
  demo,
  info,
  corpus,
  download,
  synth,
  features,
  train,
  evaluate,
  merge,
  predict,
  plot,
  exportCommand,
  bench,
  cache,
];

const EPILOGUE = `
Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 stopped by Ctrl-C (train: saved, go on with --resume).
FORMANT_DEVICE=auto|webgpu|wasm chooses what computes (auto: a graphics card, else the CPU by WebAssembly on FORMANT_THREADS threads);
FORMANT_ADAPTER=auto|hardware|software|llvmpipe|swiftshader chooses WebGPU's adapter; FORMANT_DEBUG=1 shows the stack of an error.`;

export interface HelpOutput {
  out(text: string): void;
  err(text: string): void;
}

export function makeProgram(output: HelpOutput, pick: (job: Job) => void): Command {
  const program = new Command('formant')
    .description('Trains and uses speech emotion recognition on hand-written WebGPU kernels.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EPILOGUE)
    .configureOutput({
      writeOut: (text) => output.out(text),
      writeErr: (text) => output.err(text),
      // Thrown as well (`exitOverride`); main prints it in its own way.
      outputError: () => {},
    })
    .exitOverride();
  for (const add of COMMANDS)
    add(program, pick).option('--json', 'print one JSON document on stdout, and nothing else there');
  return program;
}

/** As package.json says: three folders up, from src/ser/cli as from dist/ser/cli. */
function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version: found } = JSON.parse(text) as { version: string };
  return found;
}
