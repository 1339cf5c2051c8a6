/** Optimizer and learning-rate schedule of a run, by name. */
import {
  Adam,
  AdamW,
  CosineAnnealingLR,
  OneCycleLR,
  RMSprop,
  ReduceLROnPlateau,
  SGD,
  type Optimizer,
  type ParameterList,
  type SchedulerState,
} from '../../nn/index.js';
import type { RunConfig } from './config.js';

const MOMENTUM = 0.9;

export function makeOptimizer(parameters: ParameterList, config: RunConfig): Optimizer {
  const { learningRate: lr, weightDecay, clipGradNorm } = config;
  const options = { lr, weightDecay, ...(clipGradNorm > 0 && { clipGradNorm }) };
  switch (config.optimizer) {
    case 'adam':
      return new Adam(parameters, options);
    case 'adamw':
      return new AdamW(parameters, options);
    case 'rmsprop':
      return new RMSprop(parameters, options);
    case 'sgd':
      return new SGD(parameters, { ...options, momentum: MOMENTUM });
  }
}

/** When a learning rate moves. */
export interface Schedule {
  afterStep(): void;
  afterEpoch(validationLoss: number): void;
  stateDict(): SchedulerState;
  loadStateDict(state: SchedulerState): void;
}

export function makeSchedule(optimizer: Optimizer, config: RunConfig, totalSteps: number): Schedule {
  switch (config.schedule) {
    case 'one-cycle': {
      const cycle = new OneCycleLR(optimizer, { maxLr: config.learningRate, totalSteps });
      // The cycle sets the rate of the first step itself, so it moves once less often than there are steps.
      return kept(cycle, { afterStep: () => cycle.steps + 1 < cycle.totalSteps && cycle.step() });
    }
    case 'cosine': {
      const cosine = new CosineAnnealingLR(optimizer, { tMax: totalSteps });
      return kept(cosine, { afterStep: () => cosine.step() });
    }
    case 'plateau': {
      const plateau = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 5 });
      return kept(plateau, { afterEpoch: (loss) => plateau.step(loss) });
    }
    case 'constant':
      return kept({ stateDict: () => ({ scheduler: 'constant' }), loadStateDict: () => undefined }, {});
  }
}

const kept = (
  scheduler: Pick<Schedule, 'stateDict' | 'loadStateDict'>,
  { afterStep, afterEpoch }: { afterStep?: () => unknown; afterEpoch?: (loss: number) => unknown },
): Schedule => ({
  afterStep: () => void afterStep?.(),
  afterEpoch: (loss) => void afterEpoch?.(loss),
  stateDict: () => scheduler.stateDict(),
  loadStateDict: (state) => scheduler.loadStateDict(state),
});
