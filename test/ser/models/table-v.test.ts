/**
 * The Table V model against PyTorch in float64 (tools/reference/tablev.py): one full-size step, ten steps of the ⅛-width twin, Adam alone, weights in
 * and out. ‖a − b‖₂/‖b‖₂ a tensor. PyTorch's own float32 is off by 2e-6 in the logits and 4e-6 in the worst gradient; a ReLU or a pooling winner that
 * goes the other way would show as about 2e-4 in the convolutions' gradients.
 */
import { describe, expect, test } from 'vitest';
import { Adam, Module, crossEntropyLoss, loadTorchStateDict, summary, torchStateDict } from '../../../src/nn/index.js';
import { noGrad, parameter, readAll, tensor, type Parameter, type Tensor } from '../../../src/tensor/index.js';
import { TableV } from '../../../src/ser/models/table-v.js';
import { relativeNorm } from '../../support/compare.js';
import { testEngine } from '../../support/engine.js';
import { fixtureCases, fixtureTensors, tableVFixture, type TableVFixture } from '../../support/fixtures.js';
import type { NdArray } from '../../support/nd-array.js';
import { fromTorch, loadState, toTorch, type Arrays } from './support.js';

/** A step is 10 GFLOP, which SwiftShader on two busy cores does in some tens of seconds. */
const FULL_STEP_LIMIT = 300_000;

testEngine();

/** Every entry of `<prefix>.<name>` by its name. */
function section({ tensors }: Pick<TableVFixture, 'tensors'>, prefix: string): Map<string, NdArray> {
  const names = tensors.names.filter((name) => name.startsWith(`${prefix}.`));
  if (names.length === 0) throw new Error(`the fixture has no ${prefix}`);
  return new Map(names.map((name) => [name.slice(prefix.length + 1), tensors.array(name)]));
}

/** Demands the names of `expected`, no fewer, each within `limit`; says how far off the worst is. */
function expectAll(actual: Readonly<Record<string, NdArray>>, expected: Arrays, limit: number): void {
  const off = [...expected].map(([name, array]) => {
    if (!actual[name]) throw new Error(`${name} is missing; there are ${Object.keys(actual).join(', ')}`);
    expect(actual[name].shape, name).toEqual(array.shape);
    return { name, off: relativeNorm(actual[name].data, array.data) };
  });
  const wrong = off.filter((one) => !(one.off <= limit));
  expect(wrong, `off by more than ${limit}`).toEqual([]);
}

interface Step {
  readonly logits: ArrayLike<number>;
  readonly loss: number;
  /** Under PyTorch's names. */
  readonly grads: Readonly<Record<string, NdArray>>;
}

/** One training step: forward, backward, Adam. */
async function trainStep(model: TableV, optimizer: Adam, fixture: TableVFixture, batch: number): Promise<Step> {
  const { x, labels } = fixture.batchAt(batch);
  optimizer.zeroGrad();
  const logits = model.forward({ x: tensor(x, [fixture.batch, 350, 1]) }).keep();
  const loss = crossEntropyLoss(logits, tensor(labels));
  loss.backward();
  const named = model.namedParameters();
  const grads = named.map(([name, parameter]) => {
    if (!parameter.grad) throw new Error(`${name} has no gradient`);
    return parameter.grad.keep();
  });
  optimizer.step();
  const [logitValues, lossValue, ...gradValues] = await readAll([logits, loss, ...grads]);
  for (const kept of [logits, ...grads]) kept[Symbol.dispose]();
  const byName = new Map(
    named.map(([name, p], i): [string, NdArray] => [name, { shape: p.shape, data: gradValues[i] }]),
  );
  return { logits: logitValues, loss: lossValue[0], grads: toTorch(model, byName) };
}

/** Numbers to be optimized, and nothing else. */
class Weights extends Module {
  readonly p: Parameter;
  constructor(values: Float32Array) {
    super();
    this.p = parameter(values, [values.length]);
  }
  override forward(): Tensor {
    return this.p;
  }
}

describe('summary of the Table V model', () => {
  test('counts 917,703 parameters as Keras does, layer by layer as the table', () => {
    using model = new TableV();
    const found = summary(model, [{ x: tensor(new Float32Array(350), [1, 350, 1]) }]);
    const counts = found.layers.filter((layer) => layer.trainable > 0);
    expect(counts.map(({ name, trainable, running }) => [name, trainable + running])).toEqual([
      ['conv1', 96],
      ['conv2', 2_592],
      ['conv3', 10_304],
      ['bn1', 256],
      ['conv4', 41_088],
      ['lstm', 788_480],
      ['fc1', 65_664],
      ['bn2', 512],
      ['fc2', 8_256],
      ['fc3', 455],
    ]);
    expect(found.total).toBe(917_703);
    expect(found.toString()).toContain('total: 917,703');
  });

  test('shows the shapes of the table, in its order', () => {
    using model = new TableV();
    const found = summary(model, [{ x: tensor(new Float32Array(2 * 350), [2, 350, 1]) }]);
    const shapes = found.layers.filter(({ type }) => type !== 'Dropout').map(({ outputShape }) => outputShape);
    expect(shapes).toEqual(
      [[350, 16], [350, 32], [350, 64], [350, 64], [350, 128], [43, 128], [512], [128], [128], [64], [7]].map(
        (shape) => [2, ...shape],
      ),
    );
  });
});

describe('parity with PyTorch in float64', () => {
  test(
    'of one full-size step: logits and loss to 1e-5, every gradient to 5e-5, running statistics',
    async () => {
      const fixture = tableVFixture('full');
      using model = new TableV();
      using optimizer = new Adam(model.namedParameters());
      loadTorchStateDict(model, Object.fromEntries(fixture.startState()));
      const step = await trainStep(model, optimizer, fixture, 0);
      expect(relativeNorm(step.logits, fixture.tensors.array('logits').data)).toBeLessThanOrEqual(1e-5);
      expect(relativeNorm([step.loss], [Number(fixture.json.loss)])).toBeLessThanOrEqual(1e-5);
      expectAll(step.grads, section(fixture, 'grad'), 5e-5);
      // Two roundings and a sum of 11,200: PyTorch's own float32 is off by 6e-8.
      expectAll(await torchStateDict(model), section(fixture, 'after'), 1e-6);
    },
    FULL_STEP_LIMIT,
  );

  test('of ten Adam steps of the ⅛-width twin, each from PyTorch’s state', async () => {
    const fixture = tableVFixture('twin');
    using model = new TableV({ divisor: 8 });
    using optimizer = new Adam(model.namedParameters());
    for (let k = 0; k < 10; k++) {
      loadState(model, section(fixture, `state.${k}`));
      const moments = { expAvg: section(fixture, `m.${k}`), expAvgSq: section(fixture, `v.${k}`) };
      const arrays = Object.entries(moments).flatMap(([moment, values]) =>
        Object.entries(fromTorch(model, values)).map(([name, entry]) => [`${moment}.${name}`, entry] as const),
      );
      optimizer.loadStateDict({
        optimizer: 'Adam',
        steps: k,
        lr: 1e-3,
        momentum: 0.9,
        arrays: Object.fromEntries(arrays),
      });
      const step = await trainStep(model, optimizer, fixture, k);
      expect(relativeNorm([step.loss], fixture.tensors.array(`loss.${k}`).data), `loss of step ${k}`).toBeLessThan(
        1e-6,
      );
      expect(relativeNorm(step.logits, fixture.tensors.array(`logits.${k}`).data), `logits of step ${k}`).toBeLessThan(
        1e-5,
      );
      expectAll(step.grads, section(fixture, `grad.${k}`), 1e-4);

      expectAll(await torchStateDict(model), section(fixture, `state.${k + 1}`), 1e-6);
      const after = await optimizer.stateDict();
      expect(after.steps).toBe(k + 1);
      for (const [moment, letter] of [
        ['expAvg', 'm'],
        ['expAvgSq', 'v'],
      ] as const) {
        const own = Object.entries(after.arrays).filter(([name]) => name.startsWith(`${moment}.`));
        const named = new Map(own.map(([name, entry]) => [name.slice(moment.length + 1), entry]));
        // As far off as the gradients may be.
        expectAll(toTorch(model, named), section(fixture, `${letter}.${k + 1}`), 1e-4);
      }
    }
  });

  test('of Adam alone on ten given gradients: parameters and moments to 1e-6', async () => {
    const [adam] = fixtureCases('tablev/adam');
    const [count] = adam.array('p0').shape;
    using model = new Weights(Float32Array.from(adam.array('p0').data));
    const { p } = model;
    const [lr, eps, betas] = [adam.attrs.number('lr'), adam.attrs.number('eps'), adam.attrs.numbers('betas')];
    using optimizer = new Adam(model.namedParameters(), { lr, eps, betas: [betas[0], betas[1]] });
    const row = (name: string, k: number) => adam.array(name).data.subarray(k * count, (k + 1) * count);
    for (let k = 0; k < 10; k++) {
      p.grad = tensor(Float32Array.from(row('g', k)));
      optimizer.step();
      const { arrays } = await optimizer.stateDict();
      const [value] = await readAll([p]);
      const off = {
        p: relativeNorm(value, row('p', k)),
        m: relativeNorm(arrays['expAvg.p'].data, row('m', k)),
        v: relativeNorm(arrays['expAvgSq.p'].data, row('v', k)),
      };
      for (const [name, distance] of Object.entries(off))
        expect(distance, `${name} after step ${k}`).toBeLessThan(1e-6);
    }
  });
});

describe('a PyTorch state_dict of the Table V twin', () => {
  const stored = fixtureTensors('tablev/twin_state_dict');
  const state = Object.fromEntries(stored.names.map((name) => [name, stored.array(name)]));

  test('gives PyTorch’s logits in evaluation mode', async () => {
    const expected = fixtureTensors('tablev/twin_eval');
    using model = new TableV({ divisor: 8 });
    loadTorchStateDict(model, state);
    model.eval();
    const { shape, data } = expected.array('x');
    const logits: Tensor = noGrad(() => model.forward({ x: tensor(Float32Array.from(data), shape) }));
    expect(logits.shape).toEqual(expected.array('logits').shape);
    const [values] = await readAll([logits]);
    expect(relativeNorm(values, expected.array('logits').data)).toBeLessThan(1e-5);
  });

  test('comes back bit for bit, but for the batch counters', async () => {
    using model = new TableV({ divisor: 8 });
    loadTorchStateDict(model, state);
    const back = await torchStateDict(model);
    const names = stored.names.filter((name) => !name.endsWith('.num_batches_tracked'));
    expect(Object.keys(back).sort()).toEqual([...names].sort());
    for (const name of names) {
      expect(back[name].shape, name).toEqual(state[name].shape);
      expect(Array.from(back[name].data), name).toEqual(Array.from(state[name].data));
    }
  });
});
