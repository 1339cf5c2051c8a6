/** The layers room: modules, initial weights, losses, optimizers, schedulers. */
export * from './errors.js';
export { Module, type Layer, type LoadOptions, type LoadableState, type StateDict, type StateEntry } from './module.js';
export { Linear, type LinearOptions } from './linear.js';
export { Conv1d, type Conv1dLayerOptions } from './conv1d.js';
export { Conv2d, type Conv2dLayerOptions } from './conv2d.js';
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './batch-norm.js';
export { LSTM, LSTMResult, type LSTMForwardOptions, type LSTMOptions } from './lstm.js';
export { Dropout, Dropout1d } from './dropout.js';
export { AvgPool1d, AvgPool2d, GlobalAveragePool, GlobalMaxPool, MaxPool1d, MaxPool2d } from './pooling.js';
export { AttentionPooling, type AttentionPoolingOptions } from './attention-pooling.js';
export { Embedding } from './embedding.js';
export { Flatten, Identity, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Tanh } from './activation.js';
export { Sequential } from './sequential.js';
export { lastStepMask, lengthMask, type Lengths } from './mask.js';
export * from './losses.js';
export * from './optim/index.js';
export { WeightAverage, type WeightAverageState } from './weight-average.js';
export {
  CosineAnnealingLR,
  ExponentialLR,
  OneCycleLR,
  ReduceLROnPlateau,
  StepLR,
  type CosineAnnealingOptions,
  type OneCycleOptions,
  type PlateauOptions,
  type Schedulable,
  type SchedulerState,
  type StepLROptions,
} from './schedulers.js';
export { Summary, summary, type LayerSummary } from './summary.js';
export { loadTorchStateDict, torchStateDict } from './torch-weights.js';
export * as initializers from './init.js';
