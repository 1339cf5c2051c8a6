/** Every kernel of the engine, lowered: in the form that ir.ts asks for. */
import { describe, expect, it } from 'vitest';
import { forEachExpr, forEachRoot, forEachStmt, isPacked } from '../../src/wgsl/build.js';
import { lower } from '../../src/wgsl/lower/lower.js';
import { parseWgsl } from '../../src/wgsl/parse.js';
import { kernelTexts } from './support/kernel-texts.js';
import { faultsOf } from './support/well-formed.js';

const kernels = kernelTexts().map(({ name, code }) => ({ name, module: parseWgsl(code) }));

describe('the kernels of the engine', () => {
  it('are well formed with packed fours', () => {
    expect(kernels.length).toBeGreaterThan(100);
    for (const { name, module } of kernels) expect(faultsOf(lower(module, { name, packed: true })), name).toEqual([]);
  });

  it('are well formed, and hold no packed four, when taken apart', () => {
    for (const { name, module } of kernels) {
      const ir = lower(module, { name, packed: false });
      expect(faultsOf(ir), name).toEqual([]);
      let packed = 0;
      forEachStmt(ir.body, (s) => {
        forEachRoot(s, (root) => {
          forEachExpr(root, (e) => {
            if (isPacked(e.type)) packed++;
          });
        });
      });
      expect(packed, name).toBe(0);
    }
  });
});
