import { breakOffEarly } from '../context.js';
import { CORPUS_FLAGS, corpusSettings, withCorpusOptions, type CorpusFlags } from '../corpus-options.js';
import { UsageError } from '../errors.js';
import type { AddCommand } from '../program.js';
import { runOutcome } from '../result.js';

interface Flags extends CorpusFlags {
  readonly run: string;
  readonly data?: string[];
  readonly strict?: true;
}

export const evaluate: AddCommand = (program, pick) =>
  withCorpusOptions(
    program
      .command('evaluate')
      .description('test a trained run on its held-out clips, or on other corpora, and write report.html')
      .requiredOption('--run <run>', 'run folder')
      .option('--data <dir...>', "other corpus folders (default: the run's own held-out clips); may be repeated"),
  )
    .option('--strict', 'fail if any file cannot be used')
    .action((flags: Flags) => {
      const given = CORPUS_FLAGS.filter((name) => flags[name] !== undefined);
      if (given.length > 0 && !flags.data && !flags.manifest) {
        throw new UsageError(
          "--layout, --keep-calm and --map are for other corpora, which --data or --manifest names; the run's own clips keep the run's classes.",
        );
      }
      pick((context) =>
        context.work(async (hooks) => {
          const { evaluateRun } = await context.services.runs();
          const { run, data, strict } = flags;
          const corpus = corpusSettings(flags);
          return runOutcome(await evaluateRun({ run, data, strict, ...(corpus && { corpus }) }, breakOffEarly(hooks)));
        }),
      );
    });
