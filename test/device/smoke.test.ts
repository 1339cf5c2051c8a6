import { expect, test } from 'vitest';
import { defineLaunch, f32 } from '../../src/kernels/launch.js';
import { testDevice } from '../support/device.js';
const device = testDevice();
test('runs a program', async () => {
  const d = device();
  const launch = defineLaunch({
    name: 'scale',
    bindings: [{ name: 'x', type: 'f32', ref: { kind: 'input', index: 0 } }],
    params: [f32('s', 2)],
    workgroupSize: [64, 1, 1],
    body: 'if (gid.x < arrayLength(&x)) { x[gid.x] *= p.s; }',
    grid: [1, 1, 1],
  });
  const b = d.createBuffer(20, 'x');
  d.write(b, 0, new Float32Array([1, 2, 3, 4, 5]));
  const slice = { buffer: b, offset: 0, bytes: 20 };
  const program = d.createProgram('p', [
    { kernel: launch.kernel, buffers: [slice], params: new Uint32Array(new Float32Array([2]).buffer), grid: [1, 1, 1] },
  ]);
  d.run(program);
  const [out] = await d.read([slice]);
  expect([...new Float32Array(out)]).toEqual([2, 4, 6, 8, 10]);
  console.log(d.info, await d.profile(program));
  program.destroy();
  b.destroy();
});
