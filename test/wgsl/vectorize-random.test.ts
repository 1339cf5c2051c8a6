import { expect, test } from 'vitest';
import { printIr } from '../../src/wgsl/print.js';
import { vectorize } from '../../src/wgsl/vectorize.js';
import { Random } from './fuzz/random.js';
import { OUTPUT_WORDS, PARAMS, WORDS, randomIr } from './support/vectorize-programs.js';
import { runStrictly } from './support/strict-run.js';

const SEEDS = Number(process.env['VECTORIZE_SEEDS'] ?? 120);
const FIRST = Number(process.env['VECTORIZE_FIRST'] ?? 1);

function inputWords(seed: number): Uint32Array {
  const random = new Random(seed);
  return Uint32Array.from({ length: WORDS }, () => (random.chance(0.8) ? random.below(64) : random.next()));
}

/** Two NaNs are the same whatever their bits. */
const words = (output: Uint32Array): number[] =>
  Array.from(output, (w) => ((w & 0x7fffffff) > 0x7f800000 && w < 0xffffff00 ? 0x7fc00000 : w));

test('random functions do the same with four invocations side by side', () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const { ir, grid } = randomIr(seed);
    const wide = vectorize(ir);
    const results = [ir, wide].map((f) => {
      const output = new Uint32Array(OUTPUT_WORDS);
      try {
        runStrictly(f, [inputWords(seed), output], PARAMS, grid);
      } catch (error) {
        throw new Error(`Seed ${seed}, width ${f.width}\n${printIr(ir)}\n\n${printIr(f)}`, { cause: error });
      }
      return words(output);
    });
    if (results[0].some((w, i) => w !== results[1][i])) {
      const at = results[0].findIndex((w, i) => w !== results[1][i]);
      const what = `seed ${seed}: word ${at} is ${results[1][at]}, not ${results[0][at]}`;
      expect.fail(`${what}\n${printIr(ir)}\n\n${printIr(wide)}`);
    }
  }
});
