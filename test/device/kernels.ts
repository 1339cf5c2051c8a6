import type { BufferSlice, DeviceBuffer, Dispatch, KernelSource } from '../../src/device/index.js';

export const slice = (buffer: DeviceBuffer, offset = 0, bytes = buffer.bytes - offset): BufferSlice => ({
  buffer,
  offset,
  bytes,
});

/** x[i] = x[i] · factor + term, on u32: enough to tell orders and parameters apart. `salt` makes another pipeline of it. */
export const scaleAdd = (salt = ''): KernelSource => ({
  name: 'scale-add',
  storageBindings: 1,
  hasParams: true,
  code: `${salt}
@group(0) @binding(0) var<storage, read_write> x: array<u32>;
struct Params { factor: u32, term: u32 }
@group(0) @binding(1) var<uniform> p: Params;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
  if (gid.x < arrayLength(&x)) { x[gid.x] = x[gid.x] * p.factor + p.term; }
}
`,
});

export const scaleAddDispatch = (on: BufferSlice, factor: number, term: number, salt = ''): Dispatch => ({
  kernel: scaleAdd(salt),
  buffers: [on],
  params: new Uint32Array([factor, term]),
  grid: [Math.max(1, Math.ceil(on.bytes / 4 / 64)), 1, 1],
});

/** No parameters, and a binding that the code never uses. */
export const copyKernel: KernelSource = {
  name: 'copy',
  storageBindings: 3,
  hasParams: false,
  code: `
@group(0) @binding(0) var<storage, read_write> a: array<u32>;
@group(0) @binding(1) var<storage, read_write> unused: array<u32>;
@group(0) @binding(2) var<storage, read_write> b: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
  if (gid.x < arrayLength(&b)) { b[gid.x] = a[gid.x]; }
}
`,
};
