import { describe, expect, it } from 'vitest';
import { runIr } from '../../src/wgsl/js/index.js';
import { randomTangle, WORDS } from './support/tangle.js';
import { runWasm } from './support/run-wasm.js';

/** Invocations: three workgroups of 8 × 2. */
const N = 48;

describe.each([
  [1, false],
  [4, false],
  [1, true],
  [4, true],
] as const)('random functions of width %i, with barriers: %s', (width, barriers) => {
  it('give what they give in JavaScript', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const f = randomTangle(seed, width, barriers);
      const inputs = (): Uint32Array[] => [
        Uint32Array.from({ length: N + 4 }, (_, i) => Math.imul(i * i + 1, 2654435761)),
        new Uint32Array(N * WORDS),
      ];
      const rest = { grid: [3, 1, 1], params: Uint32Array.of(seed, 0x9e3779b9 >>> (seed % 30)) } as const;
      const [got, want] = [inputs(), inputs()];
      runWasm(f, { bindings: got, ...rest });
      runIr(f, { bindings: want, ...rest });
      expect([seed, got[1]]).toEqual([seed, want[1]]);
      expect(new Set(want[1]).size).toBeGreaterThan(3);
    }
  });
});
