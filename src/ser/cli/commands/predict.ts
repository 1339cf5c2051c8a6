import { Option } from 'commander';
import type { LiveOptions, LivePrediction } from '../../run/predict-live.js';
import type { Prediction } from '../../run/types.js';
import { PCM_FORMATS } from '../choices.js';
import type { Context, Outcome } from '../context.js';
import { UsageError } from '../errors.js';
import type { AddCommand } from '../program.js';
import { lineBatches } from '../line-batches.js';
import { numberBetween, positiveNumber, wholeNumber } from '../values.js';

interface Flags extends LiveOptions {
  readonly run: string;
  readonly names?: true;
}

const LIVE = ['format', 'rate', 'window', 'hop', 'silence'] as const satisfies readonly (keyof LiveOptions)[];

export const predict: AddCommand = (program, pick) =>
  program
    .command('predict')
    .description('tell the emotion of clips, of folders of clips, or of a voice that is speaking now')
    .argument('[clip...]', 'audio files and folders; a single - listens to raw mono PCM on stdin')
    .requiredOption('--run <run>', 'run folder')
    .option('--names', 'read file names from stdin, one a line, and print JSON Lines')
    .addOption(new Option('--format <name>', 'with -: samples on stdin (default s16le)').choices(PCM_FORMATS))
    .option('--rate <hz>', 'with -: samples a second (default 16000)', wholeNumber(1000))
    .option('--window <s>', 'with -: seconds that an answer is about (default 3)', positiveNumber)
    .option('--hop <s>', 'with -: seconds between answers (default 1)', positiveNumber)
    .option('--silence <db>', 'with -: quieter is silence (default -50)', numberBetween(-200, 0))
    .action((clips: string[], { run, names, ...flags }: Flags) => {
      const live = Object.fromEntries(LIVE.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])));
      if (clips.includes('-') && clips.length > 1) {
        throw new UsageError('- (a live signal on stdin) must be the only clip; give either files or -.');
      }
      if (names && clips.length > 0)
        throw new UsageError('--names reads file names from stdin; give either it or clips.');
      if (!names && clips.length === 0) throw new UsageError('Name clips or folders, or - for a live signal on stdin.');
      if (clips[0] !== '-' && Object.keys(live).length > 0) {
        throw new UsageError(`--${Object.keys(live).join(', --')} is for a live signal, which - listens to.`);
      }
      pick((context) => {
        if (names) return predictNames(context, run);
        return clips[0] === '-' ? listen(context, run, live) : predictFiles(context, run, clips);
      });
    });

async function predictFiles(context: Context, run: string, paths: readonly string[]): Promise<Outcome> {
  return context.work(async ({ signal }) => {
    const functions = await context.services.runs();
    const clips = await functions.findClips(paths);
    const predictions: Prediction[] = [];
    for await (const prediction of functions.predictFiles(run, clips)) {
      predictions.push(prediction);
      if (!context.json) context.io.stdout.write(`${predictionText(prediction)}\n`);
      if (signal.aborted) break;
    }
    return {
      json: predictions,
      text: '',
      printed: !context.json,
      incomplete: predictions.length < clips.length,
      code: predictions.some(failed) ? 1 : 0,
    };
  });
}

/** Answers file names as they arrive: as many as have piled up at a time. */
async function predictNames(context: Context, run: string): Promise<Outcome> {
  const functions = await context.services.runs();
  let code = 0;
  for await (const files of lineBatches(context.io.lines())) {
    for await (const prediction of functions.predictFiles(run, files)) {
      if (failed(prediction)) code = 1;
      context.io.stdout.write(`${JSON.stringify(prediction)}\n`);
    }
  }
  return { json: undefined, text: '', printed: true, code };
}

/** A line for each answer, until the signal ends. */
async function listen(context: Context, run: string, options: LiveOptions): Promise<Outcome> {
  return context.work(async ({ signal }) => {
    const functions = await context.services.runs();
    for await (const answer of functions.predictLive(run, context.io.bytes(signal), options)) {
      context.io.stdout.write(`${context.json ? JSON.stringify(answer) : liveText(answer)}\n`);
      if (signal.aborted) break;
    }
    return { json: undefined, text: '', printed: true, incomplete: signal.aborted };
  });
}

const failed = (prediction: Prediction): boolean => 'error' in prediction;

/** `clip.wav  angry 0.93  (happy 0.04)`. */
const predictionText = (prediction: Prediction): string =>
  'error' in prediction
    ? `${prediction.file}  cannot be read: ${prediction.error}`
    : `${prediction.file}  ${ranking(prediction.probabilities)}`;

/** `   4.0 s  angry 0.93  (happy 0.04)`. */
const liveText = (answer: LivePrediction): string =>
  `${answer.time.toFixed(1).padStart(6)} s  ${answer.silence ? 'silence' : ranking(answer.probabilities)}`;

function ranking(probabilities: Readonly<Record<string, number>>): string {
  const ranked = Object.entries(probabilities).sort(([, a], [, b]) => b - a);
  const [best, second] = ranked.map(([name, p]) => `${name} ${p.toFixed(2)}`);
  return `${best}${second ? `  (${second})` : ''}`;
}
