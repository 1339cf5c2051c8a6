import { afterEach, expect, test } from 'vitest';
import type { Device, DeviceBuffer, Dispatch } from '../../src/device/device.js';
import { openWasmDevice } from '../../src/device/wasm/open.js';
import { sanitizing } from '../../src/device/wasm/sanitize.js';

let device: Device | undefined;
afterEach(() => device?.destroy());

const open = async (): Promise<Device> => (device = await openWasmDevice(sanitizing()));

const code = (body: string): string => `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
struct Params { n: u32 }
@group(0) @binding(2) var<uniform> p: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
  let i = gid.x;
  ${body}
}
`;

const dispatch = (
  name: string,
  body: string,
  x: DeviceBuffer,
  out: DeviceBuffer,
  rest: Partial<Dispatch> = {},
): Dispatch => ({
  kernel: { name, code: code(body), storageBindings: 2, hasParams: true },
  buffers: [
    { buffer: x, offset: 0, bytes: 256 },
    { buffer: out, offset: 256, bytes: 256 },
  ],
  params: Uint32Array.of(64),
  grid: [1, 1, 1],
  ...rest,
});

test('a kernel without faults computes; one with a fault is the next error, with kernel, line and invocation', async () => {
  const d = await open();
  const [x, out] = [d.createBuffer(512, 'x'), d.createBuffer(512, 'out')];
  d.write(
    x,
    0,
    Float32Array.from({ length: 64 }, (_, i) => i),
  );
  d.run(d.createProgram('clean', [dispatch('double', 'if (i < p.n) { out[i] = x[i] * 2.0; }', x, out)]));
  const [result] = await d.read([{ buffer: out, offset: 256, bytes: 256 }]);
  expect([...new Float32Array(result)]).toEqual(Array.from({ length: 64 }, (_, i) => 2 * i));
  d.run(d.createProgram('planted', [dispatch('shift', 'out[i] = x[i + 1u];', x, out)]));
  await expect(d.sync()).rejects.toThrow(
    'shift, line 8, invocation (63, 0, 0) of workgroup (0, 0, 0): it reads x[64], which has 64 elements\n  8 | out[i] = x[i + 1u];',
  );
  await d.sync();
});

test('memory with a new owner must be written before it is read, in each run anew', async () => {
  const d = await open();
  const [x, out] = [d.createBuffer(512, 'x'), d.createBuffer(512, 'out')];
  const fresh = [{ buffer: x, offset: 0, bytes: 256 }];
  const fill = dispatch('fill', 'if (i < 60u) { x[i] = 1.0; }', x, out, { fresh });
  const add = dispatch('add', 'out[i] = x[i] + 1.0;', x, out);
  const program = d.createProgram('stale', [fill, add]);
  for (let run = 0; run < 2; run++) {
    d.run(program);
    await expect(d.sync()).rejects.toThrow('add, line 8, invocation (60, 0, 0) of workgroup (0, 0, 0): it reads x[60]');
  }
  // What was left is the next program's own business.
  d.run(d.createProgram('alone', [add]));
  await d.sync();
});
