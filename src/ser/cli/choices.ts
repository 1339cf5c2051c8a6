/**
 * The values of options with a fixed choice. They are written down here again because the lists themselves lie among the models, and help
 * must not load a GPU; their type sees to it that none is missing.
 */
import type { PcmFormat } from '../run/pcm-stream.js';
import type { EpochChoice, OptimizerName, ScheduleName } from '../run/techniques.js';
import type { ModelName, ModelSize, Normalization, TrainOptions } from '../run/types.js';

export { FEATURES } from '../feature-kinds.js';

const listOf = <Name extends string>(choices: Readonly<Record<Name, true>>): string[] => Object.keys(choices);

export const MODELS = listOf<ModelName>({
  'cnn-bilstm': true,
  'cnn-bilstm-frames': true,
  bilstm: true,
  'table-v': true,
  cnn2d: true,
  mlp: true,
});
export const SIZES = listOf<ModelSize>({ base: true, small: true });
export const NORMALIZATIONS = listOf<Normalization>({ speaker: true, global: true });

export const PCM_FORMATS = listOf<PcmFormat>({ s16le: true, f32le: true });
export const OPTIMIZERS = listOf<OptimizerName>({ adam: true, adamw: true, rmsprop: true, sgd: true });
export const SCHEDULES = listOf<ScheduleName>({ 'one-cycle': true, plateau: true, cosine: true, constant: true });
export const CHOICES = listOf<EpochChoice>({ uar: true, loss: true, last: true });

export type Recipe = NonNullable<TrainOptions['recipe']>;
export const RECIPES = listOf<Recipe>({ default: true, functionals: true, quick: true, paper: true });
