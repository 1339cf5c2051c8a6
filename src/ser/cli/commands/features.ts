import { Option } from 'commander';
import type { FeatureName } from '../../run/types.js';
import { FEATURES } from '../choices.js';
import { NO_DATA, corpusSettings, withCorpusOptions, type CorpusFlags } from '../corpus-options.js';
import { UsageError } from '../errors.js';
import { makeFolder } from '../folder.js';
import type { AddCommand } from '../program.js';
import { duration, plural } from '../table.js';

interface Flags extends CorpusFlags {
  readonly out: string;
  readonly features: FeatureName;
  readonly strict?: true;
}

export const features: AddCommand = (program, pick) =>
  withCorpusOptions(
    program
      .command('features')
      .description(
        'compute the features of clips and write them as .npy files with an index; a second call goes on where the first was stopped',
      )
      .argument('[dir...]', 'corpus folders'),
  )
    .requiredOption('--out <dir>', 'folder to write to')
    .addOption(new Option('--features <name>', 'which features').choices(FEATURES).default('frames'))
    .option('--strict', 'fail if any file cannot be used')
    .action((dirs: string[], flags: Flags) => {
      if (dirs.length === 0 && !flags.manifest) throw new UsageError(NO_DATA);
      pick((context) =>
        context.work(async (hooks) => {
          makeFolder(flags.out);
          const { writeFeatures } = await context.services.runs();
          const { out, strict } = flags;
          const corpus = corpusSettings(flags);
          const totals = await writeFeatures(
            { data: dirs, out, features: flags.features, strict, ...(corpus && { corpus }) },
            hooks,
          );
          const there = totals.reused > 0 ? `; ${totals.reused} of them were there already` : '';
          const rejected = totals.rejected.map(({ file, reason }) => `\n  rejected: ${file}: ${reason}`).join('');
          return {
            incomplete: hooks.signal.aborted,
            json: { ...totals, out, features: flags.features },
            text:
              `Wrote ${flags.features} features of ${plural(totals.clips, 'clip')} to ${out} in ${duration(totals.seconds)} ` +
              `(${totals.clipsPerSecond.toFixed(1)} clips/s)${there}${rejected}`,
          };
        }),
      );
    });
