import type { Prediction } from '../../run/types.js';
import type { Context, Outcome } from '../context.js';
import { UsageError } from '../errors.js';
import type { AddCommand } from '../program.js';
import { lineBatches } from '../line-batches.js';

interface Flags {
  readonly run: string;
}

export const predict: AddCommand = (program, pick) =>
  program
    .command('predict')
    .description('tell the emotion of clips')
    .argument('<clip...>', 'audio files; a single - reads file names from stdin, one a line, and prints JSON Lines')
    .requiredOption('--run <run>', 'run folder')
    .action((clips: string[], { run }: Flags) => {
      if (clips.includes('-') && clips.length > 1) {
        throw new UsageError('- (file names from stdin) must be the only clip; give either files or -.');
      }
      pick((context) => (clips[0] === '-' ? predictLines(context, run) : predictFiles(context, run, clips)));
    });

async function predictFiles(context: Context, run: string, clips: readonly string[]): Promise<Outcome> {
  return context.work(async ({ signal }) => {
    const functions = await context.services.runs();
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
async function predictLines(context: Context, run: string): Promise<Outcome> {
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

const failed = (prediction: Prediction): boolean => 'error' in prediction;

/** `clip.wav  angry 0.93  (happy 0.04)`. */
function predictionText(prediction: Prediction): string {
  if ('error' in prediction) return `${prediction.file}  cannot be read: ${prediction.error}`;
  const ranked = Object.entries(prediction.probabilities).sort(([, a], [, b]) => b - a);
  const [best, second] = ranked.map(([name, p]) => `${name} ${p.toFixed(2)}`);
  return `${prediction.file}  ${best}${second ? `  (${second})` : ''}`;
}
