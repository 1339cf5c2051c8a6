import { Option } from 'commander';
import { PROTOCOLS, type Fold, type ProtocolName } from '../../protocols/types.js';
import type { TechniqueOptions } from '../../run/techniques.js';
import type { FeatureName, ModelName, ModelSize, Normalization } from '../../run/types.js';
import { FEATURES, MODELS, NORMALIZATIONS, RECIPES, SIZES, type Recipe } from '../choices.js';
import { cacheOption, withCacheOptions, type CacheFlags } from '../cache-options.js';
import { breakOffEarly } from '../context.js';
import { CORPUS_FLAGS, corpusSettings, withCorpusOptions, type CorpusFlags } from '../corpus-options.js';
import { UsageError } from '../errors.js';
import { makeFolder } from '../folder.js';
import type { AddCommand } from '../program.js';
import { runOutcome } from '../result.js';
import { TECHNIQUES, addTechniques } from './technique-options.js';
import { commaList, fold, positiveNumber, wholeNumber } from '../values.js';

interface Flags extends CorpusFlags, CacheFlags, TechniqueOptions {
  readonly data?: string[];
  readonly out?: string;
  readonly model?: ModelName;
  readonly features?: FeatureName;
  readonly size?: ModelSize;
  readonly protocol?: ProtocolName;
  readonly testSpeakers?: string[];
  readonly testCorpora?: string[];
  readonly validationSpeakers?: string[];
  readonly fold?: Fold;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly patience?: number;
  readonly seed?: number;
  readonly normalize?: Normalization;
  readonly recipe?: Recipe;
  readonly strict?: true;
  readonly shuffleLabels?: true;
  readonly resume?: string;
}

/** What a resumed run has fixed already. */
const FIXED = [
  'data',
  ...CORPUS_FLAGS,
  'out',
  'model',
  'features',
  'size',
  'protocol',
  'testSpeakers',
  'testCorpora',
  'validationSpeakers',
  'fold',
  'epochs',
  'batchSize',
  'learningRate',
  'patience',
  'seed',
  'normalize',
  'recipe',
  'strict',
  'shuffleLabels',
  ...TECHNIQUES,
] as const satisfies readonly (keyof Flags)[];

export const train: AddCommand = (program, pick) =>
  addTechniques(
    withCacheOptions(
      withCorpusOptions(
        program
          .command('train')
          .description('train a model and test it on held-out clips; with no --data, on the synthetic corpus')
          .option('--data <dir...>', 'corpus folders; may be repeated'),
      ),
    )
      .option('--out <run>', 'run folder: checkpoints, log, report')
      .addOption(new Option('--model <name>', 'what to train').choices(MODELS))
      .addOption(new Option('--features <name>', 'what it hears').choices(FEATURES))
      .addOption(new Option('--size <name>', 'width of cnn-bilstm').choices(SIZES))
      .addOption(new Option('--protocol <name>', 'who trains and who is tested (default speaker)').choices(PROTOCOLS))
      .option(
        '--test-speakers <A,B>',
        'the unseen speakers, as RAVDESS/19,RAVDESS/20 (default: a seeded choice)',
        commaList,
      )
      .option('--test-corpora <A,B>', 'with --protocol cross-corpus: tested on these, trained on all others', commaList)
      .option('--validation-speakers <A,B>', 'who chooses the epoch (default: a seeded choice)', commaList)
      .option('--fold <i/n>', 'which fold of --protocol loso or random; formant merge joins them', fold)
      .option('--epochs <n>', 'passes over the training clips', wholeNumber(1))
      .option('--batch-size <n>', 'clips a step', wholeNumber(2))
      .option('--learning-rate <x>', "Adam's step size", positiveNumber)
      .option('--patience <n>', 'epochs without a better validation score before it stops; 0: never', wholeNumber(0))
      .option('--seed <n>', 'same seed, same data, same adapter: same weights', wholeNumber(0))
      .addOption(
        new Option('--normalize <by>', "features by each speaker's own statistics, or by the training set's").choices(
          NORMALIZATIONS,
        ),
      )
      .addOption(
        new Option(
          '--recipe <name>',
          "other defaults: functionals for statistics of clips, good on unseen speakers; quick for a small model in minutes; paper for the paper's Table VI",
        ).choices(RECIPES),
      )
      .option('--strict', 'fail if any file cannot be used')
      .option('--shuffle-labels', 'a control: deal the labels anew by chance; an honest protocol then gives chance')
      .option('--resume <run>', 'go on with an interrupted run, with the settings that it was started with'),
  ).action((flags: Flags) => {
    check(flags);
    pick((context) =>
      context.work(async (hooks) => {
        if (flags.out) makeFolder(flags.out);
        const { trainRun, resumeRun } = await context.services.runs();
        const { resume, out = '', data = [], layout, manifest, keepCalm, map, cache, ...rest } = flags;
        const kept = cacheOption({ cache }, context.io.env);
        const corpus = corpusSettings({ layout, manifest, keepCalm, map });
        const result = resume
          ? await resumeRun({ run: resume, ...kept }, breakOffEarly(hooks))
          : await trainRun({ ...options(rest), ...(corpus && { corpus }), ...kept, data, out }, breakOffEarly(hooks));
        return runOutcome(result);
      }),
    );
  });

/** Protocols whose validation speakers can be named; in folds every speaker is tested once, also those that would be named. */
const NAMES_VALIDATION: readonly ProtocolName[] = ['speaker', 'cross-corpus'];

/** @throws UsageError where options do not go together */
function check(flags: Flags): void {
  if (flags.resume !== undefined) {
    const extra = FIXED.filter((name) => flags[name] !== undefined).map(optionName);
    if (extra.length > 0) {
      throw new UsageError(
        `--resume goes on with the settings that the run was started with; ${extra.join(', ')} cannot be given with it. Start a new run for other settings.`,
      );
    }
    return;
  }
  if (!flags.out)
    throw new UsageError('Name a folder for the run with --out <run>, or an interrupted run with --resume <run>.');
  const { protocol = 'speaker' } = flags;
  if (flags.testSpeakers && protocol !== 'speaker') {
    throw new UsageError(`--test-speakers belongs to --protocol speaker; the protocol given is ${protocol}.`);
  }
  if (flags.testCorpora && protocol !== 'cross-corpus') {
    throw new UsageError(`--test-corpora belongs to --protocol cross-corpus; the protocol given is ${protocol}.`);
  }
  if (protocol === 'cross-corpus' && !flags.testCorpora) {
    throw new UsageError('--protocol cross-corpus needs the corpora to test on: --test-corpora TESS, for example.');
  }
  if (flags.validationSpeakers && !NAMES_VALIDATION.includes(protocol)) {
    throw new UsageError(
      `--validation-speakers belongs to --protocol ${NAMES_VALIDATION.join(' or ')}; the protocol given is ${protocol}.`,
    );
  }
  if (flags.fold && protocol !== 'loso' && protocol !== 'random') {
    throw new UsageError(`--fold belongs to --protocol loso or random; the protocol given is ${protocol}.`);
  }
}

/** The flags as options of a run: `undefined` ones are left out, so that defaults are the run's business. */
function options(flags: Omit<Flags, 'data' | 'out' | 'resume' | keyof CorpusFlags | keyof CacheFlags>): typeof flags {
  const known = Object.entries(flags).filter(([name, value]) => name !== 'json' && value !== undefined);
  return Object.fromEntries(known) as typeof flags;
}

const optionName = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
