import { existsSync } from 'node:fs';
import { breakOffEarly } from '../context.js';
import { makeFolder } from '../folder.js';
import type { AddCommand } from '../program.js';
import { runOutcome } from '../result.js';
import { wholeNumber } from '../values.js';

interface Flags {
  readonly out?: string;
  readonly epochs?: number;
  readonly seed?: number;
}

export const demo: AddCommand = (program, pick) =>
  program
    .command('demo')
    .description('the whole way in one go (npm start): synthesize speech, train, test on unseen speakers, report')
    .option('--out <run>', 'run folder (default: runs/demo, or runs/demo-2, … where that exists)')
    .option('--epochs <n>', 'passes over the training clips', wholeNumber(1))
    .option('--seed <n>', 'of speech, split and weights', wholeNumber(0))
    .action((flags: Flags) =>
      pick((context) =>
        context.work(async (hooks) => {
          const { out = freeFolder('runs/demo'), epochs, seed } = flags;
          makeFolder(out);
          if (!context.json) {
            context.io.stdout.write(
              'Formant demo: synthetic speech of several speakers in seven emotions, a CNN-BiLSTM trained on some of them on\n' +
                'hand-written WebGPU kernels, and a test on speakers it has never heard.\n\n',
            );
          }
          const { trainRun } = await context.services.runs();
          const given = { ...(epochs !== undefined && { epochs }), ...(seed !== undefined && { seed }) };
          return runOutcome(await trainRun({ data: [], out, recipe: 'quick', ...given }, breakOffEarly(hooks)), NEXT);
        }),
      ),
    );

/** A demo never touches an earlier one's results. */
function freeFolder(wanted: string): string {
  for (let n = 2, folder = wanted; ; n++) {
    if (!existsSync(folder)) return folder;
    folder = `${wanted}-${n}`;
  }
}

const NEXT = (run: string): string =>
  `\nTry next:  node dist/cli.js predict --run ${run} <clip.wav>\n` +
  '           node dist/cli.js train --data <folder of RAVDESS, CREMA-D, TESS or SAVEE> --out runs/first';
