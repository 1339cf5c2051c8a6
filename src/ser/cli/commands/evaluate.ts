import { cacheOption, withCacheOptions, type CacheFlags } from '../cache-options.js';
import { breakOffEarly } from '../context.js';
import { CORPUS_FLAGS, corpusSettings, withCorpusOptions, type CorpusFlags } from '../corpus-options.js';
import { UsageError } from '../errors.js';
import type { AddCommand } from '../program.js';
import { runOutcome } from '../result.js';

interface Flags extends CorpusFlags, CacheFlags {
  readonly run: string;
  readonly data?: string[];
  readonly strict?: true;
  readonly report?: string;
  readonly beside?: string[];
}

export const evaluate: AddCommand = (program, pick) =>
  withCacheOptions(
    withCorpusOptions(
      program
        .command('evaluate')
        .description('test a trained run on its held-out clips, or on other corpora, and write report.html')
        .requiredOption('--run <run>', 'run folder')
        .option('--data <dir...>', "other corpus folders (default: the run's own held-out clips); may be repeated"),
    ),
  )
    .option('--strict', 'fail if any file cannot be used')
    .option('--report <file>', "where the report goes (default: the run's report.html; with --data, none)")
    .option('--beside <run...>', 'other runs whose results the report shows beside this one; may be repeated')
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
          const { run, data, strict, report, beside } = flags;
          const corpus = corpusSettings(flags);
          const kept = cacheOption(flags, context.io.env);
          return runOutcome(
            await evaluateRun(
              {
                run,
                data,
                strict,
                ...(corpus && { corpus }),
                ...(report && { report }),
                ...(beside && { beside }),
                ...kept,
              },
              breakOffEarly(hooks),
            ),
          );
        }),
      );
    });
