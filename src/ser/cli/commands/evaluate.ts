import { breakOffEarly } from '../context.js';
import type { AddCommand } from '../program.js';
import { runOutcome } from '../result.js';

interface Flags {
  readonly run: string;
  readonly data?: string[];
  readonly strict?: true;
}

export const evaluate: AddCommand = (program, pick) =>
  program
    .command('evaluate')
    .description('test a trained run on its held-out clips, or on other corpora, and write report.html')
    .requiredOption('--run <run>', 'run folder')
    .option('--data <dir...>', "other corpus folders (default: the run's own held-out clips); may be repeated")
    .option('--strict', 'fail if any file cannot be used')
    .action((flags: Flags) =>
      pick((context) =>
        context.work(async (hooks) => {
          const { evaluateRun } = await context.services.runs();
          const { run, data, strict } = flags;
          return runOutcome(await evaluateRun({ run, data, strict }, breakOffEarly(hooks)));
        }),
      ),
    );
