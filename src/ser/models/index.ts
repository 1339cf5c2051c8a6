/** The models by name. */
import { FormantError } from '../../device/errors.js';
import { isVector, type FeatureName } from '../feature-kinds.js';
import { Bilstm } from './bilstm.js';
import { CnnBilstm } from './cnn-bilstm.js';
import { CnnBilstmFrames } from './cnn-bilstm-frames.js';
import { Cnn2d } from './cnn2d.js';
import type { ConvBilstmOptions } from './conv-bilstm.js';
import { Mlp } from './mlp.js';
import { TableV } from './table-v.js';
import type { SerModel } from './model.js';

export { FEATURES, type FeatureName } from '../feature-kinds.js';
export { EmbeddingModel, SerModel, type ModelInput } from './model.js';
export { TableV, type TableVOptions } from './table-v.js';
export { CnnBilstm, type CnnBilstmOptions } from './cnn-bilstm.js';
export { CnnBilstmFrames, type CnnBilstmFramesOptions } from './cnn-bilstm-frames.js';
export { Bilstm, type BilstmOptions } from './bilstm.js';
export { Cnn2d } from './cnn2d.js';
export { Mlp } from './mlp.js';

/** `cnn-bilstm` is Table V on the paper's features, and the same kinds of layers on frames; `cnn-bilstm-frames` is ours, see its file. */
export const MODELS = ['cnn-bilstm', 'cnn-bilstm-frames', 'bilstm', 'table-v', 'cnn2d', 'mlp'] as const;
export type ModelName = (typeof MODELS)[number];
/** `small` has half the widths of models on frames and pools less, for short clips: for demonstrations and slow machines. */
export const SIZES = ['base', 'small'] as const;
export type ModelSize = (typeof SIZES)[number];

/** What makes a model, as it is kept with its weights. */
export interface ModelSettings {
  readonly model: ModelName;
  readonly features: FeatureName;
  /** Features of a frame. */
  readonly width: number;
  readonly classes: number;
  readonly size: ModelSize;
  readonly dropout: number;
}

export class ModelChoiceError extends FormantError {}

/** Side of the mel image. */
export const IMAGE_SIZE = 128;

/** Which features a model takes. */
const TAKES: Readonly<Record<ModelName, readonly FeatureName[]>> = {
  'cnn-bilstm': ['frames', 'hybrid', 'paper'],
  'cnn-bilstm-frames': ['hybrid', 'frames'],
  bilstm: ['frames', 'hybrid'],
  'table-v': ['paper'],
  cnn2d: ['mel-image'],
  mlp: ['paper', 'functionals', 'frames', 'hybrid'],
};

/** The features a model is trained on unless others are asked for. */
export const defaultFeatures = (model: ModelName): FeatureName => TAKES[model][0];

/** @throws ModelChoiceError where the model cannot take the features */
export function checkChoice(model: ModelName, features: FeatureName): void {
  if (TAKES[model].includes(features)) return;
  throw new ModelChoiceError(`The model ${model} takes ${TAKES[model].join(' or ')} features, not ${features}.`);
}

/** Widths of the models on frames. */
const WIDTHS: Readonly<Record<ModelSize, Omit<ConvBilstmOptions, 'features' | 'dropout'>>> = {
  base: { channels: [64, 128], hidden: 128, pool: 4 },
  small: { channels: [32, 64], hidden: 48, pool: 2 },
};

/** A model with fresh weights, drawn from the current seed. `cnn-bilstm` on `paper` features is Table V. */
export function createModel(settings: ModelSettings): SerModel {
  const { model, features, width, classes, size, dropout } = settings;
  checkChoice(model, features);
  switch (model) {
    case 'cnn-bilstm':
      if (features === 'paper') return new TableV({ classes, dropout });
      return new CnnBilstm({ ...WIDTHS[size], features: width, classes, dropout });
    case 'cnn-bilstm-frames':
      return new CnnBilstmFrames({ ...WIDTHS[size], features: width, classes, dropout });
    case 'bilstm':
      return new Bilstm({ features: width, classes, hidden: size === 'small' ? 48 : 128, dropout });
    case 'table-v':
      return new TableV({ classes, dropout });
    case 'cnn2d':
      return new Cnn2d({ size: IMAGE_SIZE, classes, dropout });
    case 'mlp':
      return new Mlp({
        width: isVector(features) ? width : 2 * width,
        classes,
        dropout,
        inputDropout: features === 'functionals' ? dropout : 0,
      });
  }
}
