/** Learning rates over time, with PyTorch's names, formulae and defaults. Call `step()` once a step or epoch, after the optimizer's. */
import { OptimizerError, StateDictError } from './errors.js';

/** What a scheduler changes: an optimizer. */
export interface Schedulable {
  lr: number;
  momentum: number;
}

/** All that a scheduler remembers, ready for JSON. */
export type SchedulerState = Readonly<Record<string, number | string>>;

function numberOf(state: SchedulerState, name: string): number {
  const value = state[name];
  if (typeof value !== 'number') throw new StateDictError(`The scheduler's state has no number "${name}".`);
  return value;
}

/** A learning rate that is a function of the number of steps. */
abstract class TimedScheduler {
  /** The optimizer's rate when the scheduler was made. */
  protected baseLr: number;
  private count = 0;

  constructor(protected readonly optimizer: Schedulable) {
    this.baseLr = optimizer.lr;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.count;
  }

  get lr(): number {
    return this.optimizer.lr;
  }

  protected abstract apply(step: number): void;

  step(): void {
    this.apply(this.count + 1);
    this.count++;
  }

  stateDict(): SchedulerState {
    return { scheduler: this.constructor.name, steps: this.count, baseLr: this.baseLr };
  }

  /** Goes on where `stateDict()` was taken, and sets the optimizer's rate accordingly. */
  loadStateDict(state: SchedulerState): void {
    checkKind(state, this.constructor.name);
    this.baseLr = numberOf(state, 'baseLr');
    this.count = numberOf(state, 'steps');
    this.apply(this.count);
  }
}

function checkKind(state: SchedulerState, name: string): void {
  if (state.scheduler !== name) {
    throw new StateDictError(`The state is of ${String(state.scheduler)}; this scheduler is ${name}.`);
  }
}

export interface OneCycleOptions {
  readonly maxLr: number;
  /** Steps of the whole cycle, or… */
  readonly totalSteps?: number;
  /** …epochs and steps an epoch. */
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Share of the cycle in which the rate rises. Default 0.3. */
  readonly pctStart?: number;
  readonly annealStrategy?: 'cos' | 'linear';
  /** The first rate is maxLr / divFactor. Default 25. */
  readonly divFactor?: number;
  /** The last rate is the first / finalDivFactor. Default 1e4. */
  readonly finalDivFactor?: number;
  /** Rise, fall back to the first rate, then anneal; default is rise and anneal. */
  readonly threePhase?: boolean;
  /** Whether momentum (β₁ of Adam) moves the other way, where the optimizer has one. Default true. */
  readonly cycleMomentum?: boolean;
  /** Default 0.85. */
  readonly baseMomentum?: number;
  /** Default 0.95. */
  readonly maxMomentum?: number;
}

interface Phase {
  readonly end: number;
  readonly lr: readonly [from: number, to: number];
  readonly momentum: readonly [from: number, to: number];
}

/** One cycle (Smith and Topin, "Super-convergence", 2018), in PyTorch's form: sets the first rate when it is made. */
export class OneCycleLR extends TimedScheduler {
  readonly totalSteps: number;
  private readonly phases: readonly Phase[];
  private readonly anneal: (from: number, to: number, share: number) => number;
  private readonly cycles: boolean;

  /** @throws OptimizerError if the cycle's length is not given or an option is out of range */
  constructor(optimizer: Schedulable, options: OneCycleOptions) {
    super(optimizer);
    const { maxLr, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4, threePhase = false } = options;
    const { baseMomentum: low = 0.85, maxMomentum: high = 0.95 } = options;
    const total = options.totalSteps ?? (options.epochs ?? NaN) * (options.stepsPerEpoch ?? NaN);
    if (!Number.isInteger(total) || total < 1) {
      throw new OptimizerError('OneCycleLR: give totalSteps, or epochs and stepsPerEpoch, as whole numbers from 1 up.');
    }
    if (!(pctStart >= 0 && pctStart <= 1))
      throw new OptimizerError(`OneCycleLR: pctStart is from 0 to 1; got ${pctStart}.`);
    this.totalSteps = total;
    const first = maxLr / divFactor;
    const last = first / finalDivFactor;
    const rise: Phase = { end: pctStart * total - 1, lr: [first, maxLr], momentum: [high, low] };
    this.phases = threePhase
      ? [
          rise,
          { end: 2 * pctStart * total - 2, lr: [maxLr, first], momentum: [low, high] },
          { end: total - 1, lr: [first, last], momentum: [high, high] },
        ]
      : [rise, { end: total - 1, lr: [maxLr, last], momentum: [low, high] }];
    this.anneal =
      options.annealStrategy === 'linear'
        ? (from, to, share) => from + (to - from) * share
        : (from, to, share) => to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
    // An optimizer made without momentum has no buffer for it.
    this.cycles = (options.cycleMomentum ?? true) && optimizer.momentum > 0;
    this.apply(0);
  }

  protected override apply(step: number): void {
    if (step >= this.totalSteps) {
      throw new OptimizerError(
        `OneCycleLR: step ${step + 1} of a cycle of ${this.totalSteps}. Give the number of all steps as totalSteps.`,
      );
    }
    let start = 0;
    const phase = this.phases.find(({ end }, i) => {
      if (step <= end || i === this.phases.length - 1) return true;
      start = end;
      return false;
    });
    if (!phase) return;
    const share = phase.end === start ? 1 : (step - start) / (phase.end - start);
    this.optimizer.lr = this.anneal(...phase.lr, share);
    if (this.cycles) this.optimizer.momentum = this.anneal(...phase.momentum, share);
  }
}

export interface CosineAnnealingOptions {
  /** Steps from the first rate down to the last. */
  readonly tMax: number;
  /** The last rate. Default 0. */
  readonly etaMin?: number;
}

/** ηmin + (η₀ − ηmin)·(1 + cos(π·t / tMax)) / 2 (Loshchilov and Hutter, "SGDR", 2017, without restarts); beyond tMax it rises again. */
export class CosineAnnealingLR extends TimedScheduler {
  constructor(
    optimizer: Schedulable,
    private readonly options: CosineAnnealingOptions,
  ) {
    super(optimizer);
    if (!(options.tMax > 0)) throw new OptimizerError(`CosineAnnealingLR: tMax must be above 0; got ${options.tMax}.`);
  }

  protected override apply(step: number): void {
    const { tMax, etaMin = 0 } = this.options;
    this.optimizer.lr = etaMin + ((this.baseLr - etaMin) * (1 + Math.cos((Math.PI * step) / tMax))) / 2;
  }
}

export interface StepLROptions {
  readonly stepSize: number;
  /** Default 0.1. */
  readonly gamma?: number;
}

/** Times `gamma` every `stepSize` steps. */
export class StepLR extends TimedScheduler {
  constructor(
    optimizer: Schedulable,
    private readonly options: StepLROptions,
  ) {
    super(optimizer);
    if (!(options.stepSize >= 1))
      throw new OptimizerError(`StepLR: stepSize must be 1 or more; got ${options.stepSize}.`);
  }

  protected override apply(step: number): void {
    this.optimizer.lr = this.baseLr * (this.options.gamma ?? 0.1) ** Math.floor(step / this.options.stepSize);
  }
}

/** Times `gamma` every step. */
export class ExponentialLR extends TimedScheduler {
  constructor(
    optimizer: Schedulable,
    private readonly options: { readonly gamma: number },
  ) {
    super(optimizer);
  }

  protected override apply(step: number): void {
    this.optimizer.lr = this.baseLr * this.options.gamma ** step;
  }
}

export interface PlateauOptions {
  /** Whether the metric should fall (default) or rise. */
  readonly mode?: 'min' | 'max';
  /** The rate is multiplied by it. Default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement that are waited for. Default 10. */
  readonly patience?: number;
  /** What counts as improvement: relative (default) or absolute. Default 1e-4. */
  readonly threshold?: number;
  readonly thresholdMode?: 'rel' | 'abs';
  /** Epochs after a reduction in which nothing is counted. Default 0. */
  readonly cooldown?: number;
  /** Default 0. */
  readonly minLr?: number;
  /** Smaller changes of the rate are not made. Default 1e-8. */
  readonly eps?: number;
}

/** Reduces the rate when a metric has stopped to improve. */
export class ReduceLROnPlateau {
  private best: number;
  private bad = 0;
  private cooling = 0;
  private count = 0;

  /** @throws OptimizerError if factor is not below 1 */
  constructor(
    private readonly optimizer: Schedulable,
    private readonly options: PlateauOptions = {},
  ) {
    if (!((options.factor ?? 0.1) < 1)) {
      throw new OptimizerError(`ReduceLROnPlateau: factor must be below 1; got ${options.factor}.`);
    }
    this.best = options.mode === 'max' ? -Infinity : Infinity;
  }

  get steps(): number {
    return this.count;
  }

  get lr(): number {
    return this.optimizer.lr;
  }

  private improves(metric: number): boolean {
    const { mode = 'min', threshold = 1e-4, thresholdMode = 'rel' } = this.options;
    // As in PyTorch: relative to the best itself, whatever its sign.
    if (mode === 'min') {
      return metric < (thresholdMode === 'rel' ? this.best * (1 - threshold) : this.best - threshold);
    }
    return metric > (thresholdMode === 'rel' ? this.best * (1 + threshold) : this.best + threshold);
  }

  /** @param metric of this epoch; NaN counts as no improvement @returns whether the rate was reduced */
  step(metric: number): boolean {
    const { patience = 10, cooldown = 0, factor = 0.1, minLr = 0, eps = 1e-8 } = this.options;
    this.count++;
    if (this.improves(metric)) {
      this.best = metric;
      this.bad = 0;
    } else this.bad++;
    if (this.cooling > 0) {
      this.cooling--;
      this.bad = 0;
    }
    if (this.bad <= patience) return false;
    this.cooling = cooldown;
    this.bad = 0;
    const next = Math.max(this.optimizer.lr * factor, minLr);
    if (this.optimizer.lr - next <= eps) return false;
    this.optimizer.lr = next;
    return true;
  }

  /** `best` is text, since JSON has no infinity. */
  stateDict(): SchedulerState {
    return {
      scheduler: 'ReduceLROnPlateau',
      steps: this.count,
      best: String(this.best),
      bad: this.bad,
      cooling: this.cooling,
      lr: this.optimizer.lr,
    };
  }

  loadStateDict(state: SchedulerState): void {
    checkKind(state, 'ReduceLROnPlateau');
    this.count = numberOf(state, 'steps');
    this.best = Number(state.best);
    this.bad = numberOf(state, 'bad');
    this.cooling = numberOf(state, 'cooling');
    this.optimizer.lr = numberOf(state, 'lr');
  }
}
