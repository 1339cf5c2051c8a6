/** Options of `train` that say how it is done: their names are those of `TechniqueOptions`. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { AUGMENTATIONS, AugmentationError, parseAugmentation } from '../../augmentation.js';
import type { TechniqueOptions } from '../../run/techniques.js';
import { CHOICES, OPTIMIZERS, SCHEDULES } from '../choices.js';
import { numberFrom } from '../values.js';

export const TECHNIQUES = [
  'optimizer',
  'weightDecay',
  'schedule',
  'labelSmoothing',
  'clipGrad',
  'dropout',
  'augment',
  'classWeights',
  'balanced',
  'mixup',
  'average',
  'choose',
] as const satisfies readonly (keyof TechniqueOptions)[];

export const addTechniques = (command: Command): Command =>
  command
    .addOption(new Option('--optimizer <name>', 'how weights move').choices(OPTIMIZERS))
    .addOption(new Option('--schedule <name>', 'how the learning rate moves').choices(SCHEDULES))
    .option('--weight-decay <x>', 'pull of the weights towards 0', numberFrom(0, 1))
    .option('--clip-grad <norm>', 'longest gradient; 0: any', numberFrom(0))
    .option('--dropout <p>', 'share of activations dropped', numberFrom(0, 1))
    .option('--label-smoothing <x>', 'share of a label that goes to all classes', numberFrom(0, 1))
    .option('--class-weights', 'rare classes weigh more in the loss')
    .option('--balanced', 'draw every class as often, whatever its number of clips')
    .option('--mixup <alpha>', 'mix pairs of clips, by a Beta(alpha, alpha) share; 0: not', numberFrom(0))
    .option('--average <decay>', 'test and keep the moving average of the weights, as 0.999; 0: not', numberFrom(0, 1))
    .addOption(
      new Option(
        '--choose <by>',
        'whose weights are kept: of the epoch with the best validation uar (the default) or loss, or of the last',
      ).choices(CHOICES),
    )
    .option(
      '--augment <list>',
      `alter training clips by ${AUGMENTATIONS.join(', ')}; with strengths, as gain:0.3,mask:20x20`,
      augmentation,
    )
    .option('--no-augment', 'leave training clips as they are');

/** Read here only to be refused at once; the run reads it again. */
function augmentation(text: string): string {
  try {
    parseAugmentation(text);
    return text;
  } catch (error) {
    if (error instanceof AugmentationError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
