/**
 * What a training step of the Table V model costs once it has settled: one submit of at most 150 dispatches, and nothing made. Counted at
 * WebGPU's own objects.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Adam, crossEntropyLoss } from '../../../src/nn/index.js';
import { memory, programStats, readAll, tensor, type Tensor } from '../../../src/tensor/index.js';
import { TableV, type TableVOptions } from '../../../src/ser/models/table-v.js';
import { randomArray } from '../../support/compare.js';
import { ON_WEBGPU } from '../../support/device.js';
import { testEngine } from '../../support/engine.js';
import { WebGpuWatch, type Calls } from './watch.js';

/** The bound; the LSTM alone takes two dispatches for each of its 43 steps where there is no kernel for all of them. */
const MOST_DISPATCHES = 150;
/** Losses are read every so many steps. */
const LOG_EVERY = 10;
/** A full-width step at batch 32 is 10 GFLOP: some ten seconds on SwiftShader. */
const LIMIT = 300_000;

testEngine();

const watch = new WebGpuWatch();
beforeEach(() => watch.start());
afterEach(() => watch.stop());

/** Calls that make something, none of which a settled step may do. */
const making = (calls: Calls): Partial<Calls> =>
  Object.fromEntries(
    Object.entries(calls).filter(
      ([name, count]) => name.startsWith('create') && name !== 'createCommandEncoder' && count > 0,
    ),
  );

class Trainer {
  readonly model: TableV;
  readonly optimizer: Adam;
  private taken = 0;

  constructor(
    private readonly batch: number,
    options: TableVOptions,
  ) {
    this.model = new TableV(options);
    this.optimizer = new Adam(this.model.namedParameters());
  }

  /** New data every time, the learning rate too. */
  step(): Tensor {
    const k = this.taken++;
    const x = tensor(randomArray(this.batch * 350, k), [this.batch, 350, 1]);
    const labels = tensor(Int32Array.from({ length: this.batch }, (_, i) => (i + k) % 7));
    this.optimizer.lr = 1e-3 / (1 + k);
    this.optimizer.zeroGrad();
    const loss = crossEntropyLoss(this.model.forward({ x }), labels);
    loss.backward();
    this.optimizer.step();
    return loss;
  }

  async log(losses: readonly Tensor[]): Promise<void> {
    for (const [loss] of await readAll(losses)) expect(Number.isFinite(loss)).toBe(true);
  }

  [Symbol.dispose](): void {
    this.optimizer[Symbol.dispose]();
    this.model[Symbol.dispose]();
  }
}

describe.runIf(ON_WEBGPU)('a settled training step of the full-width Table V model', () => {
  test(
    'is one submit and one pass, makes nothing, and has at most 150 dispatches; reading ten losses adds at most a submit',
    async () => {
      using trainer = new Trainer(2, {});
      await trainer.log([trainer.step(), trainer.step()]);
      // The first step does make things: the watch sees.
      expect(making(watch.take())).toHaveProperty('createBindGroup');
      const counts = new Set<number>();
      const losses: Tensor[] = [];
      for (let k = 0; k < LOG_EVERY; k++) {
        losses.push(trainer.step());
        const calls = watch.take();
        expect(making(calls)).toEqual({});
        expect(calls).toMatchObject({ submit: 1, createCommandEncoder: 1, beginComputePass: 1, destroy: 0 });
        expect(calls.dispatchWorkgroupsIndirect).toBe(0);
        counts.add(calls.dispatchWorkgroups);
      }
      await trainer.log(losses);
      const read = watch.take();
      expect(making(read)).toEqual({});
      expect(read.submit).toBeLessThanOrEqual(1);
      expect(read.dispatchWorkgroups).toBe(0);
      expect([...counts]).toEqual([programStats().dispatches]);
      expect(Math.max(...counts), programStats().kernels.join(' ')).toBeLessThanOrEqual(MOST_DISPATCHES);
    },
    LIMIT,
  );

  test(
    'keeps to that at batch 32 with dropout',
    async () => {
      using trainer = new Trainer(32, { dropout: 0.3 });
      await trainer.log([trainer.step()]);
      watch.take();
      const loss = trainer.step();
      const calls = watch.take();
      expect(making(calls)).toEqual({});
      expect(calls).toMatchObject({ submit: 1, beginComputePass: 1 });
      expect(calls.dispatchWorkgroups, programStats().kernels.join(' ')).toBeLessThanOrEqual(MOST_DISPATCHES);
      await trainer.log([loss]);
    },
    LIMIT,
  );
});

test(
  '200 training steps at batch 2 leave live buffers and bytes exactly as they are',
  async () => {
    // An eighth of the width, so that a software driver is done in seconds; the steps are the same.
    using trainer = new Trainer(2, { divisor: 8 });
    await trainer.log([trainer.step(), trainer.step()]);
    watch.take();
    const before = memory();
    for (let k = 0; k < 200 / LOG_EVERY; k++) {
      const losses = Array.from({ length: LOG_EVERY }, () => trainer.step());
      await trainer.log(losses);
      expect(memory()).toEqual(before);
    }
    if (!ON_WEBGPU) return;
    const calls = watch.take();
    expect(making(calls)).toEqual({});
    expect(calls.destroy).toBe(0);
    expect(calls.submit).toBeGreaterThanOrEqual(200);
    expect(calls.submit).toBeLessThanOrEqual(200 + 200 / LOG_EVERY);
  },
  LIMIT,
);
