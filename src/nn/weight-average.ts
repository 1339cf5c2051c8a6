/**
 * Exponential moving average of a module's weights (Polyak and Juditsky, 1992; as `AveragedModel` with `get_ema_multi_avg_fn` in PyTorch):
 * smoother than the weights of any one step, and mostly better on unseen data. Running statistics are averaged, too.
 */
import { Tensor, assign, commit, noGrad, readAll, variable, type Variable } from '../tensor/index.js';
import { StateDictError } from './errors.js';
import type { LoadableState, Module, StateDict } from './module.js';
import { checkDecay } from './optim/optimizer.js';

export interface WeightAverageState {
  /** Updates so far. */
  readonly updates: number;
  readonly weights: StateDict;
}

export class WeightAverage {
  private readonly pairs: readonly { name: string; of: Variable; average: Variable }[];
  private count = 0;

  /**
   * @param decay share of the average that an update keeps, as 0.999
   * @throws OptimizerError unless 0 ≤ decay < 1
   */
  constructor(
    module: Module,
    readonly decay: number,
  ) {
    checkDecay('WeightAverage', 'decay', decay);
    this.pairs = module.namedState().map(([name, of]) => ({
      name,
      of,
      average: variable(new Float32Array(of.size), of.shape, { label: `average of ${name}` }),
    }));
  }

  /** Updates so far. */
  get updates(): number {
    return this.count;
  }

  /**
   * average ← d·average + (1 − d)·weights, committed; call it after `optimizer.step()`. The first update copies. So that an average of few
   * weights does not drag the first ones along, d is at most (1 + n) / (10 + n) after n updates (as TensorFlow's `num_updates` has it).
   */
  update(): void {
    const n = this.count;
    const decay = n === 0 ? 0 : Math.min(this.decay, (1 + n) / (10 + n));
    noGrad(() => {
      for (const { of, average } of this.pairs) assign(average, average.mul(decay).add(of.mul(1 - decay)));
    });
    commit();
    this.count++;
  }

  /** Copies of the averages under the module's names, ready for its `loadStateDict`; one read-back. */
  async stateDict(): Promise<WeightAverageState> {
    const arrays = await readAll(this.pairs.map(({ average }) => new Tensor(average.leaf)));
    const weights: StateDict = {};
    this.pairs.forEach(({ name, of }, i) => {
      weights[name] = { shape: [...of.shape], data: (arrays[i] as Float32Array).slice() };
    });
    return { updates: this.count, weights };
  }

  /** Goes on where `stateDict()` was taken. @throws StateDictError if it is of another module */
  loadStateDict({ updates, weights }: { readonly updates: number; readonly weights: LoadableState }): void {
    for (const { name, of } of this.pairs) {
      const found = Object.hasOwn(weights, name) ? weights[name].data.length : 0;
      if (found !== of.size) {
        throw new StateDictError(`The average of "${name}" has ${found} values, expected ${of.size}.`);
      }
    }
    for (const { name, average } of this.pairs) {
      average.set(Float32Array.from<number | bigint>(weights[name].data, Number));
    }
    this.count = updates;
  }

  [Symbol.dispose](): void {
    for (const { average } of this.pairs) average[Symbol.dispose]();
  }
}
