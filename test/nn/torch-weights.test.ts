import { describe, expect, test } from 'vitest';
import {
  BatchNorm1d,
  Conv1d,
  Conv2d,
  LSTM,
  Linear,
  Module,
  StateDictError,
  loadTorchStateDict,
  torchStateDict,
} from '../../src/nn/index.js';
import type { Tensor } from '../../src/tensor/index.js';
import { manualSeed } from '../../src/tensor/index.js';
import { useEngine } from './engine.js';

useEngine();

class Model extends Module {
  readonly conv1 = new Conv1d(2, 3, 5);
  readonly conv2 = new Conv2d(2, 3, [5, 4]);
  readonly bn = new BatchNorm1d(3);
  readonly lstm = new LSTM({ inputSize: 3, hiddenSize: 2, bidirectional: true });
  readonly fc = new Linear(4, 7);
  override forward(x: Tensor): Tensor {
    return x;
  }
}

const counting = (...shape: number[]): { shape: number[]; data: Float32Array } => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
});

describe('weights from PyTorch', () => {
  test('come back as they were, after a load into this library', async () => {
    manualSeed(4);
    const a = new Model();
    const torch = await torchStateDict(a);
    const lstm = (suffix: string): [string, number[]][] => [
      [`lstm.weight_ih_l0${suffix}`, [8, 3]],
      [`lstm.weight_hh_l0${suffix}`, [8, 2]],
      [`lstm.bias_ih_l0${suffix}`, [8]],
      [`lstm.bias_hh_l0${suffix}`, [8]],
    ];
    expect(Object.fromEntries(Object.entries(torch).map(([name, { shape }]) => [name, [...shape]]))).toEqual(
      Object.fromEntries<number[]>([
        ['conv1.weight', [3, 2, 5]],
        ['conv1.bias', [3]],
        ['conv2.weight', [3, 2, 5, 4]],
        ['conv2.bias', [3]],
        ['bn.weight', [3]],
        ['bn.bias', [3]],
        ['bn.running_mean', [3]],
        ['bn.running_var', [3]],
        ...lstm(''),
        ...lstm('_reverse'),
        ['fc.weight', [7, 4]],
        ['fc.bias', [7]],
      ]),
    );
    const b = new Model();
    loadTorchStateDict(b, torch);
    expect(await b.stateDict()).toEqual(await a.stateDict());
    expect(await torchStateDict(b)).toEqual(torch);
  });

  test('are laid out element by element as the layers read them', async () => {
    const linear = new Linear(2, 3);
    loadTorchStateDict(linear, { weight: counting(3, 2), bias: counting(3) });
    // W[in][out] = torch W[out][in]
    expect([...(await linear.stateDict()).weight.data]).toEqual([0, 2, 4, 1, 3, 5]);
    const lstm = new LSTM({ inputSize: 1, hiddenSize: 2 });
    loadTorchStateDict(lstm, {
      weight_ih_l0: counting(8, 1),
      weight_hh_l0: counting(8, 2),
      bias_ih_l0: counting(8),
      bias_hh_l0: counting(8),
    });
    const state = await lstm.stateDict();
    // Rows of PyTorch are i0 i1 f0 f1 g0 g1 o0 o1; ours are unit by unit, gates together.
    expect([...state.weightIh.data]).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
    expect([...state.bias.data]).toEqual([0, 4, 8, 12, 2, 6, 10, 14]);
    expect([...state.weightHh.data]).toEqual([0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15]);
  });

  test('an LSTM without biases loads with a bias of 0', async () => {
    const lstm = new LSTM({ inputSize: 1, hiddenSize: 1 });
    loadTorchStateDict(lstm, { weight_ih_l0: counting(4, 1), weight_hh_l0: counting(4, 1) });
    expect([...(await lstm.stateDict()).bias.data]).toEqual([0, 0, 0, 0]);
  });

  test('that are missing, unknown or of another shape are named', async () => {
    const model = new Model();
    const torch = await torchStateDict(model);
    const load = (changes: object, without = ''): (() => void) => {
      const state = { ...torch, ...changes };
      delete state[without];
      return () => loadTorchStateDict(model, state);
    };
    expect(load({}, 'lstm.weight_hh_l0_reverse')).toThrow(/"weight_hh_l0_reverse" is missing/);
    expect(load({ 'lstm.weight_ih_l0': counting(8, 4) })).toThrow(/"weight_ih_l0" should be \(8, 3\)/);
    expect(load({}, 'bn.running_var')).toThrow(/missing: bn\.runningVar/);
    expect(load({ 'fc9.bias': counting(1) })).toThrow(/unexpected: fc9\.bias/);
    expect(load({ 'fc.weight': counting(4, 7) })).toThrow(/"fc\.weight" has shape \(7, 4\).*expected \(4, 7\)/);
    expect(load({ 'fc.weight': counting(28) })).toThrow(StateDictError);
  });
});
