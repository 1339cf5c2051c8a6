/** How training is done, beyond data and model: what can be chosen, what the recipes choose, and what is allowed. */
import { parseAugmentation, usualAugmentation, type Augmentation } from '../augmentation.js';
import { isVector, type FeatureName } from '../feature-kinds.js';
import { RunError } from './errors.js';

export const OPTIMIZERS = ['adam', 'adamw', 'rmsprop', 'sgd'] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];
export const SCHEDULES = ['one-cycle', 'plateau', 'cosine', 'constant'] as const;
export type ScheduleName = (typeof SCHEDULES)[number];
/** By validation recall (the lower loss where equal), by validation loss, or the last epoch whatever validation says. */
export const CHOICES = ['uar', 'loss', 'last'] as const;
export type EpochChoice = (typeof CHOICES)[number];
export const RECIPE_NAMES = ['default', 'functionals', 'paper', 'quick'] as const;
export type RecipeName = (typeof RECIPE_NAMES)[number];

/** As it is kept with a run. */
export interface Techniques {
  /** `sgd` has momentum 0.9. */
  readonly optimizer: OptimizerName;
  readonly weightDecay: number;
  /** `one-cycle` and `cosine` move with every step, `plateau` halves after five epochs without a better validation loss. */
  readonly schedule: ScheduleName;
  readonly labelSmoothing: number;
  /** Longest gradient; 0: any. */
  readonly clipGradNorm: number;
  readonly dropout: number;
  readonly augment: Augmentation;
  /** Rare classes weigh more in the loss. */
  readonly classWeights: boolean;
  /** Every class is drawn as often, or as often within each speaker where batches have one speaker each. */
  readonly balanced: boolean;
  /** α of mixup's Beta distribution; 0: none. */
  readonly mixup: number;
  /** Decay of the moving average of weights, which is then tested and kept; 0: none. */
  readonly average: number;
  /** Which epoch's weights are kept. */
  readonly choose: EpochChoice;
}

/** As it is asked for; what is absent comes from the recipe. */
export interface TechniqueOptions extends Partial<Omit<Techniques, 'clipGradNorm' | 'augment'>> {
  readonly clipGrad?: number;
  /** As `gain:0.3,mask:20x20`; '' or false: none. */
  readonly augment?: string | false;
}

const COMMON = { clipGradNorm: 5, classWeights: false, balanced: false, mixup: 0, average: 0, choose: 'uar' } as const;
const ADAMW = { optimizer: 'adamw', weightDecay: 1e-3, schedule: 'one-cycle' } as const;

type Recipe = Omit<Techniques, 'augment'> & { readonly augments: boolean };

const RECIPES: Readonly<Record<RecipeName, Recipe>> = {
  default: { ...COMMON, ...ADAMW, dropout: 0.4, labelSmoothing: 0.1, augments: true },
  functionals: {
    ...COMMON,
    ...ADAMW,
    dropout: 0.5,
    labelSmoothing: 0.1,
    average: 0.99,
    choose: 'last',
    augments: true,
  },
  /** Table VI. */
  paper: {
    ...COMMON,
    optimizer: 'adam',
    weightDecay: 0,
    schedule: 'plateau',
    dropout: 0.4,
    labelSmoothing: 0,
    augments: true,
  },
  quick: { ...COMMON, ...ADAMW, dropout: 0.1, labelSmoothing: 0.05, augments: false },
};

/** @throws RunError for values that make no sense, AugmentationError */
export function resolveTechniques(options: TechniqueOptions, recipe: RecipeName, features: FeatureName): Techniques {
  const { augments, ...usual } = RECIPES[recipe];
  const { optimizer = usual.optimizer, schedule = usual.schedule } = options;
  const wanted = options.augment ?? (augments ? undefined : '');
  const augment = wanted === undefined ? usualAugmentation(features) : parseAugmentation(wanted || '');
  const useless = Object.entries(augment).filter(([name, value]) => name !== 'noise' && value > 0);
  if (isVector(features) && useless.length > 0) {
    throw new RunError(
      `Of the statistics of a clip (--features ${features}) nothing can be masked or moved; --augment noise is what they take, not ${options.augment || ''}.`,
    );
  }
  return {
    optimizer: oneOf('optimizer', optimizer, OPTIMIZERS),
    // Adam with decay in the moments is rarely what is meant: only AdamW has some by default.
    weightDecay: within(
      'weight decay',
      options.weightDecay ?? (optimizer === usual.optimizer ? usual.weightDecay : 0),
      1,
    ),
    schedule: oneOf('schedule', schedule, SCHEDULES),
    labelSmoothing: within('label smoothing', options.labelSmoothing ?? usual.labelSmoothing, 1),
    clipGradNorm: within('longest gradient (--clip-grad)', options.clipGrad ?? usual.clipGradNorm, Infinity),
    dropout: within('dropout', options.dropout ?? usual.dropout, 1),
    augment,
    classWeights: options.classWeights ?? usual.classWeights,
    balanced: options.balanced ?? usual.balanced,
    mixup: within('mixup', options.mixup ?? usual.mixup, Infinity),
    average: within('average', options.average ?? usual.average, 1),
    choose: oneOf('choice of the epoch', options.choose ?? usual.choose, CHOICES),
  };
}

/** Settings of a run of an earlier version, whose file knew fewer of them. */
export function upgradeTechniques(
  found: Readonly<Record<string, unknown>> & { readonly features: FeatureName },
): Partial<Techniques> {
  if ('optimizer' in found) return 'choose' in found ? {} : { choose: COMMON.choose };
  const cycle = found.schedule === 'one-cycle';
  return {
    ...COMMON,
    optimizer: cycle ? 'adamw' : 'adam',
    weightDecay: cycle ? 1e-3 : 0,
    augment: found.augment === true ? usualAugmentation(found.features) : {},
  };
}

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find((c) => c === value);
  if (!found) throw new RunError(`The ${name} "${value}" is not known; choose one of ${choices.join(', ')}.`);
  return found;
}

/** 0 ≤ value < below. */
function within(name: string, value: number, below: number): number {
  if (value >= 0 && value < below) return value;
  const range = below === Infinity ? 'a number from 0 up' : `from 0 to below ${below}`;
  throw new RunError(`The ${name} must be ${range}; got ${value}.`);
}
