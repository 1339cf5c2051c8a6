import { globals } from 'webgpu';
import { afterEach, describe, expect, test } from 'vitest';
import type { Tensor, Variable } from '../../src/tensor/index.js';
import {
  assign,
  commit,
  conv1d,
  counters,
  crossEntropy,
  memory,
  noGrad,
  parameter,
  programStats,
  rand,
  readAll,
  tensor,
  variable,
  type Parameter,
} from '../../src/tensor/index.js';
import { Adam } from '../../src/nn/optim/index.js';
import { disposeVariable } from '../../src/nn/optim/arena.js';
import { randomArray } from '../support/compare.js';
import { ON_WEBGPU } from '../support/device.js';
import { testEngine } from '../support/engine.js';

const MAX_PROGRAMS = 8;
testEngine({ maxPrograms: MAX_PROGRAMS });

const WATCHED: Readonly<Record<string, readonly string[]>> = {
  GPUDevice: [
    'createBuffer',
    'createBindGroup',
    'createBindGroupLayout',
    'createPipelineLayout',
    'createComputePipeline',
    'createComputePipelineAsync',
    'createShaderModule',
    'createCommandEncoder',
    'createQuerySet',
    'createTexture',
  ],
  GPUQueue: ['submit', 'writeBuffer'],
  GPUCommandEncoder: ['beginComputePass', 'copyBufferToBuffer', 'clearBuffer'],
  GPUComputePassEncoder: ['dispatchWorkgroups'],
};

const restore: (() => void)[] = [];
afterEach(() => restore.splice(0).forEach((undo) => undo()));

/** Counts calls of the WebGPU objects themselves, behind the engine's back, until the test ends. */
function watch(): Map<string, number> {
  const calls = new Map<string, number>();
  for (const [owner, methods] of Object.entries(WATCHED)) {
    const constructor: unknown = Reflect.get(globals, owner);
    if (typeof constructor !== 'function') throw new Error(`no ${owner}`);
    const prototype: object = constructor.prototype;
    for (const name of methods) {
      const original: unknown = Reflect.get(prototype, name);
      if (typeof original !== 'function') throw new Error(`no ${owner}.${name}`);
      calls.set(name, 0);
      Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]): unknown {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return Reflect.apply(original, this, args);
      });
      restore.push(() => Reflect.set(prototype, name, original));
    }
  }
  return calls;
}

/** A small classifier with all that a training step has: convolution, dropout, running statistics, loss, Adam by hand. */
class Trainer {
  readonly parameters: Parameter[] = [
    parameter(randomArray(3 * 2 * 4, 1), [3, 2, 4]),
    parameter(new Float32Array(4), [4]),
    parameter(randomArray(7 * 4 * 3, 2), [28, 3]),
    parameter(new Float32Array(3), [3]),
  ];
  readonly moments: Variable[] = this.parameters.map((p) => variable(new Float32Array(p.size), p.shape));
  readonly running: Variable = variable(new Float32Array(4), [4]);
  private steps = 0;

  forward(x: Tensor): Tensor {
    const [w, b, v, c] = this.parameters;
    const hidden = conv1d(x, w, { padding: 'same' }).add(b).relu();
    noGrad(() => assign(this.running, this.running.mul(0.9).add(hidden.mean([0, 1]).mul(0.1))));
    const dropped = hidden.mul(rand(hidden.shape).ge(0.3).div(0.7));
    return dropped.reshape([x.shape[0], 28]).matmul(v).add(c);
  }

  batch(i: number, rows = 5): { x: Tensor; y: Tensor } {
    return {
      x: tensor(randomArray(rows * 14, 1000 + i), [rows, 7, 2]),
      y: tensor(
        Int32Array.from({ length: rows }, (_, k) => (k + i) % 3),
        [rows],
      ),
    };
  }

  /** One step by plain ops: gradients, momentum, a learning rate that changes every time. */
  step(i: number, rows?: number): Tensor {
    const { x, y } = this.batch(i, rows);
    const loss = crossEntropy(this.forward(x), y).mean();
    for (const p of this.parameters) p.grad = null;
    loss.backward();
    const rate = 0.1 / ++this.steps;
    noGrad(() =>
      this.parameters.forEach((p, k) => {
        if (!p.grad) throw new Error('no gradient');
        assign(this.moments[k], this.moments[k].mul(0.9).add(p.grad));
        assign(p, p.sub(this.moments[k].mul(rate)));
      }),
    );
    commit();
    for (const p of this.parameters) p.grad = null;
    return loss;
  }

  [Symbol.dispose](): void {
    // Parameters that an optimizer has moved into its arena give that up, too.
    for (const v of [...this.parameters, ...this.moments, this.running]) disposeVariable(v);
  }
}

describe('in steady state a training step', () => {
  test('of plain ops is one submit and one pass, and makes nothing', async () => {
    using trainer = new Trainer();
    for (let i = 0; i < 3; i++) trainer.step(i);
    await trainer.running.data();
    const { dispatches } = programStats();
    const before = counters();
    const calls = watch();
    const steps = 10;
    for (let i = 3; i < 3 + steps; i++) trainer.step(i);
    if (ON_WEBGPU) {
      const seen = Object.fromEntries(calls);
      expect(seen).toMatchObject({
        createBuffer: 0,
        createBindGroup: 0,
        createBindGroupLayout: 0,
        createPipelineLayout: 0,
        createComputePipeline: 0,
        createComputePipelineAsync: 0,
        createShaderModule: 0,
        createQuerySet: 0,
        createTexture: 0,
        clearBuffer: 0,
        createCommandEncoder: steps,
        beginComputePass: steps,
        submit: steps,
      });
      // The batch, the labels and the 1 that the gradient starts from; learning rate and random keys in one write of uniforms.
      expect(seen.writeBuffer).toBeLessThanOrEqual(4 * steps);
      // The loss.
      expect(seen.copyBufferToBuffer).toBe(steps);
      expect(seen.dispatchWorkgroups).toBe(programStats().dispatches * steps);
    }
    expect(dispatches).toBeGreaterThan(0);
    const after = counters();
    expect(after).toEqual({
      ...before,
      submits: before.submits + steps,
      dispatches: before.dispatches + programStats().dispatches * steps,
    });
  });

  test('of an optimizer is one submit and makes nothing', async () => {
    using trainer = new Trainer();
    using adam = new Adam(trainer.parameters, { lr: 0.01 });
    const step = (i: number): Tensor => {
      const { x, y } = trainer.batch(i);
      const loss = crossEntropy(trainer.forward(x), y).mean();
      adam.zeroGrad();
      loss.backward();
      adam.lr = 0.01 / (i + 1);
      adam.step();
      return loss;
    };
    for (let i = 0; i < 3; i++) step(i);
    const before = counters();
    const calls = watch();
    const losses = Array.from({ length: 10 }, (_, i) => step(i + 3));
    if (ON_WEBGPU) {
      expect(Object.fromEntries(calls)).toMatchObject({
        createBuffer: 0,
        createBindGroup: 0,
        createComputePipeline: 0,
        createComputePipelineAsync: 0,
        createShaderModule: 0,
        submit: 10,
        beginComputePass: 10,
      });
    }
    const dispatches = before.dispatches + 10 * programStats().dispatches;
    expect(counters()).toEqual({ ...before, submits: before.submits + 10, dispatches });
    adam.zeroGrad();
    for (const [value] of await readAll(losses)) expect(Number.isFinite(value)).toBe(true);
  });

  test('leaves live buffers and bytes exactly as they are, over 200 steps with reads in between', async () => {
    using trainer = new Trainer();
    const losses: Tensor[] = [];
    for (let i = 0; i < 10; i++) losses.push(trainer.step(i));
    await readAll(losses.splice(0));
    const before = memory();
    for (let i = 0; i < 200; i++) {
      losses.push(trainer.step(i));
      if (losses.length === 10) await readAll(losses.splice(0));
      expect(memory()).toEqual(before);
    }
  });

  test('lowers the loss', async () => {
    using trainer = new Trainer();
    const { x, y } = trainer.batch(0);
    const steps = Array.from({ length: 40 }, () => {
      const loss = crossEntropy(trainer.forward(x), y).mean();
      loss.backward();
      noGrad(() => trainer.parameters.forEach((p) => p.grad && assign(p, p.sub(p.grad.mul(0.2)))));
      commit();
      for (const p of trainer.parameters) p.grad = null;
      return loss;
    });
    const values = (await readAll(steps)).map(([v]) => v);
    const mean = (part: readonly number[]): number => part.reduce((a, b) => a + b, 0) / part.length;
    expect(mean(values.slice(-10))).toBeLessThan(0.6 * mean(values.slice(0, 5)));
  });
});

describe('prepared programs', () => {
  test('are replayed for other values, numbers and host data, and not for other shapes', async () => {
    const f = async (rows: number, by: number): Promise<void> => {
      await tensor(new Float32Array(rows)).mul(by).add(0.125).data();
    };
    await f(17, 1);
    const { programs } = programStats();
    const { pipelinesCreated, bindGroupsCreated } = counters();
    await f(17, 2);
    await f(17, -3.5);
    expect(programStats().programs).toBe(programs);
    expect(counters()).toMatchObject({ pipelinesCreated, bindGroupsCreated });
    await f(19, 2);
    // Another shape is another program, with the same pipeline.
    expect(counters().pipelinesCreated).toBe(pipelinesCreated);
    expect(counters().bindGroupsCreated).toBeGreaterThan(bindGroupsCreated);
  });

  test('are bounded; those used longest ago go, and their memory with them', async () => {
    const f = async (n: number): Promise<ArrayLike<number>> => tensor(new Float32Array(n).fill(n)).add(1).sum().data();
    for (let n = 1; n <= 2 * MAX_PROGRAMS; n++) await f(n);
    expect(programStats().programs).toBe(MAX_PROGRAMS);
    const before = memory();
    const created = counters().bindGroupsCreated;
    await f(2 * MAX_PROGRAMS - 3); // one of the last
    expect(counters().bindGroupsCreated).toBe(created);
    for (let n = 1; n <= 5 * MAX_PROGRAMS; n++) {
      const [sum] = Array.from(await f(n));
      expect(sum).toBe(n * (n + 1));
      expect(programStats().programs).toBe(MAX_PROGRAMS);
    }
    expect(memory()).toEqual({ ...before, peakBytes: memory().peakBytes });
    expect(counters().bindGroupsCreated).toBeGreaterThan(created);
  });

  test('share an arena, which is replaced by a larger one and then goes', async () => {
    const f = (n: number): Tensor =>
      tensor(new Float32Array(n).fill(1))
        .sin()
        .reshape([1, n])
        .matmul(tensor(new Float32Array(n), [n, 1]));
    await f(100).data();
    const small = memory();
    await f(50_000).data();
    const large = memory();
    expect(large.bytes - small.bytes).toBeGreaterThan(200_000);
    // Programs of the small arena are pushed out by ones that fit the large one; nothing of the small one is left.
    for (let n = 1; n <= MAX_PROGRAMS; n++) await f(200 + n).data();
    const later = memory();
    expect(later.buffers).toBeLessThanOrEqual(MAX_PROGRAMS * 1 + 3);
  });
});
