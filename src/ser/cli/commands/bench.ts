import { Argument, Option } from 'commander';
import { UnsupportedError } from '../../../device/errors.js';
import type { ModelName } from '../../run/types.js';
import { MODELS } from '../choices.js';
import type { AddCommand } from '../program.js';
import { bytes, facts, plural } from '../table.js';
import { wholeNumber } from '../values.js';

type Subject = 'step' | 'kernels' | 'features';

interface Flags {
  readonly model: ModelName;
  readonly batch: number;
  readonly steps: number;
}

export const bench: AddCommand = (program, pick) =>
  program
    .command('bench')
    .description('time a training step (kernels and features come later)')
    .addArgument(new Argument('[what]', 'what to time').choices(['step', 'kernels', 'features']).default('step'))
    .addOption(new Option('--model <name>', 'which model').choices(MODELS).default('table-v'))
    .option('--batch <n>', 'clips a step', wholeNumber(1), 32)
    .option('--steps <n>', 'steps to time, after the first', wholeNumber(1), 10)
    .action((what: Subject, { model, batch, steps }: Flags) =>
      pick(async (context) => {
        if (what !== 'step') {
          throw new UnsupportedError(`formant bench ${what} does not exist yet; formant bench step does.`);
        }
        const { benchStep } = await context.services.runs();
        const times = await benchStep({ model, batch, steps });
        return {
          json: times,
          text: facts([
            ['model', `${times.model}, batch ${times.batch}`],
            ['on', times.adapter],
            ['first step', `${times.firstStepMs.toFixed(0)} ms (compiles and plans)`],
            ['steady step', `${times.medianMs.toFixed(1)} ms (median)`],
            ['a step makes', `${plural(times.submits, 'submit')}, ${times.dispatches} dispatches`],
            ['and creates', `${times.buffersCreated} buffers, ${times.bindGroupsCreated} bind groups`],
            ['peak memory', bytes(times.peakBytes)],
          ]),
        };
      }),
    );
