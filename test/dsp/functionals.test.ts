import { describe, expect, test } from 'vitest';
import { functionalNames, functionals, functionalsWidth, SignalError } from '../../src/dsp/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';

describe('functionals', () => {
  test.each(fixtureCases('numpy/functionals').map((c) => [c.name, c] as const))(
    'of %s frames and features are NumPy’s',
    (_, c) => {
      const x = c.array('x');
      const [frames, size] = x.shape;
      const y = functionals({ data: Float32Array.from(x.data), frames, size });
      expect(y.length).toBe(functionalsWidth(size));
      expectClose(y, c.array('y').data, { rtol: 1e-6, atol: 1e-6 });
    },
  );

  test('have a name each, in their order', () => {
    const names = functionalNames(['mfcc0', 'rms']);
    expect(names).toHaveLength(functionalsWidth(2));
    expect(new Set(names).size).toBe(names.length);
    const y = functionals({ data: new Float32Array([1, 5, 3, 5]), frames: 2, size: 2 });
    const of = (name: string): number => y[names.indexOf(name)];
    expect([of('mean(mfcc0)'), of('p95(rms)'), of('change(mfcc0)'), of('stdchange(rms)')]).toEqual([2, 5, 2, 0]);
    expect([of('part0(mfcc0)'), of('part7(mfcc0)'), of('frames')]).toEqual([1, 3, 2]);
  });

  test('move with a feature’s scale and level as each of them must', () => {
    const data = randomArray(40 * 2, 3);
    const moved = data.map((v, i) => (i % 2 === 0 ? 3 * v + 10 : v));
    const [before, after] = [data, moved].map((d) => functionals({ data: d, frames: 40, size: 2 }));
    functionalNames(['a', 'b']).forEach((name, i) => {
      const level = /^(std|change)/.test(name) ? 0 : 10;
      const expected = name.includes('(a)') ? 3 * before[i] + level : before[i];
      expect(Math.abs(after[i] - expected), name).toBeLessThan(1e-5);
    });
  });

  test('need frames', () => {
    expect(() => functionals({ data: new Float32Array(0), frames: 0, size: 3 })).toThrow(/expected one or more frames/);
    expect(() => functionals({ data: new Float32Array(5), frames: 2, size: 3 })).toThrow(SignalError);
  });
});
