import { afterEach, describe, expect, test } from 'vitest';
import {
  NotInitializedError,
  assign,
  commit,
  counters,
  device,
  fft,
  init,
  memory,
  parameter,
  programStats,
  shutdown,
  tensor,
  variable,
} from '../../src/tensor/index.js';

afterEach(() => shutdown());

describe('before there is a device', () => {
  test('graphs and parameters are made; a commit says what to call', () => {
    const w = parameter(Float32Array.of(1, 2), [2]);
    const y = w.mul(2).sum();
    expect(y.shape).toEqual([]);
    y.backward();
    expect(w.grad?.shape).toEqual([2]);
    assign(w, w.add(1));
    for (const use of [commit, device, memory, counters, programStats]) {
      expect(use).toThrow(NotInitializedError);
      expect(use).toThrow('There is no device yet: call `await init()` before the first optimizer.step() or commit().');
    }
  });

  test('what was recorded can be committed once it is there', async () => {
    const v = variable(Float32Array.of(1, 2), [2]);
    assign(v, v.mul(3));
    await init();
    commit();
    expect([...(await v.data())]).toEqual([3, 6]);
  });

  test('a read opens it by itself', async () => {
    expect(await tensor([1, 2, 3]).sum().item()).toBe(6);
    expect(memory().buffers).toBeGreaterThan(0);
  });

  test('several calls of init() open one', async () => {
    const [a, b] = await Promise.all([init(), init()]);
    expect(a).toBe(b);
    expect(await init()).toBe(a);
  });
});

describe('after shutdown()', () => {
  test('everything on the device is gone, and a new one serves new tensors', async () => {
    const v = variable(Float32Array.of(1, 2), [2]);
    expect([...(await v.add(1).data())]).toEqual([2, 3]);
    const first = device();
    shutdown();
    shutdown(); // harmless
    expect(() => memory()).toThrow(NotInitializedError);
    expect(first.memory().buffers).toBe(0);
    // Transforms keep tables on the device: they must come anew.
    const spectrum = async (): Promise<number[]> => [...(await fft(tensor([1, 0, 0, 0], [2, 2])).data())];
    expect(await spectrum()).toEqual([1, 0, 1, 0]);
    shutdown();
    expect(await spectrum()).toEqual([1, 0, 1, 0]);
    await expect(v.add(1).data()).rejects.toThrow(/lives on a device that was shut down/);
  });

  test('no more programs than asked for are kept, down to one', async () => {
    await init({ maxPrograms: 1 });
    for (const n of [3, 5, 3, 7]) {
      expect(await tensor(new Float32Array(n).fill(1)).sum().item()).toBe(n);
      expect(programStats().programs).toBe(1);
    }
  });
});
