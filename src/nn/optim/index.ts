export { Optimizer, type OptimizerOptions, type OptimizerState, type ParameterList } from './optimizer.js';
export { Adam, AdamW, type AdamOptions } from './adam.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';
export { SGD, type SGDOptions } from './sgd.js';
export { clipGradNorm, clipGradValue } from './clip.js';
