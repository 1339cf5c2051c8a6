/**
 * Runs one kernel on a device the way the compiler would, but with every buffer its own: what the kernel reads is what the test gave,
 * and what it does not write stays poison.
 */
import type { BufferSlice, Device, DeviceBuffer, Dispatch } from '../../src/device/device.js';
import {
  identityEpilogue,
  numel,
  type BufferRef,
  type DType,
  type Epilogue,
  type Kernel,
  type Launch,
  type Param,
  type Problem,
  type Spec,
} from '../../src/kernels/launch.js';

export interface KernelInput {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: ArrayLike<number>;
}

export interface RunKernelOptions<Attrs> {
  readonly inputs: readonly KernelInput[];
  readonly outputs: readonly Spec[];
  readonly attrs: Attrs;
  readonly variant?: string;
  /** Values of scalar inputs by input index; where absent, the first element of that input's data. */
  readonly scalars?: readonly number[];
  readonly epilogue?: Epilogue;
  /** The extra inputs that the epilogue binds (`{ kind: 'epilogue', index }`). */
  readonly epilogueInputs?: readonly KernelInput[];
  /** Values of the epilogue's `{ epilogueScalar }` params. */
  readonly epilogueScalars?: readonly number[];
}

export type TypedData = Float32Array | Uint32Array | Int32Array;

export interface KernelResult {
  readonly outputs: TypedData[];
  /** The inputs as the kernel left them: changed only by kernels that work in place. */
  readonly inputs: TypedData[];
}

/** A float32 vector as kernel input of that shape. */
export const f32Input = (shape: readonly number[], data: ArrayLike<number>): KernelInput => ({
  shape,
  dtype: 'f32',
  data,
});
export const u32Input = (shape: readonly number[], data: ArrayLike<number>): KernelInput => ({
  shape,
  dtype: 'u32',
  data,
});
export const f32Spec = (...shape: number[]): Spec => ({ shape, dtype: 'f32' });
export const u32Spec = (...shape: number[]): Spec => ({ shape, dtype: 'u32' });

/** The problem that `runKernel` hands to the kernel, for tests that ask for its variants, choice or cost. */
export function problemOf<Attrs>(device: Device, options: RunKernelOptions<Attrs>): Problem<Attrs> {
  return {
    inputs: options.inputs.map(({ shape, dtype }) => ({ shape, dtype })),
    outputs: options.outputs,
    attrs: options.attrs,
    device: device.info,
    epilogue: options.epilogue ?? identityEpilogue,
    variant: options.variant,
  };
}

/**
 * Launches `kernel` once and reads everything back. Outputs and temporaries hold NaN bits (0xffffffff) before the run, so that an element
 * which is never written shows. Destroys all that it made, also when the run fails.
 */
export async function runKernel<Attrs>(
  device: Device,
  kernel: Kernel<Attrs>,
  options: RunKernelOptions<Attrs>,
): Promise<KernelResult> {
  const plan = kernel.launch(problemOf(device, options));
  const made: DeviceBuffer[] = [];

  const place = (bytes: number, label: string): BufferSlice => {
    // A binding may not be empty, so an empty tensor still gets one word.
    const size = Math.max(4, bytes);
    const buffer = device.createBuffer(size, label);
    made.push(buffer);
    return { buffer, offset: 0, bytes: size };
  };
  const upload = (given: KernelInput, label: string): BufferSlice => {
    if (given.data.length !== numel(given.shape)) {
      throw new RangeError(`${label}: ${given.data.length} values given for shape [${given.shape.join(', ')}]`);
    }
    const slice = place(4 * given.data.length, label);
    if (given.data.length > 0) device.write(slice.buffer, 0, toTyped(given.dtype, given.data));
    return slice;
  };
  const poisoned = (bytes: number, label: string): BufferSlice => {
    const slice = place(bytes, label);
    device.write(slice.buffer, 0, new Uint32Array(slice.bytes / 4).fill(0xffffffff));
    return slice;
  };

  try {
    const inputs = options.inputs.map((given, i) => upload(given, `input ${i}`));
    const epilogueInputs = (options.epilogueInputs ?? []).map((given, i) => upload(given, `epilogue input ${i}`));
    const outputs = options.outputs.map((spec, i) => poisoned(4 * numel(spec.shape), `output ${i}`));
    const temps = (plan.temps ?? []).map((bytes, i) => poisoned(bytes, `temp ${i}`));
    const slices = { input: inputs, output: outputs, temp: temps, epilogue: epilogueInputs };
    const resolve = (ref: BufferRef): BufferSlice => {
      const slice = slices[ref.kind][ref.index];
      if (!slice) throw new RangeError(`${kernel.name} binds ${ref.kind} ${ref.index}, which the test does not give`);
      return slice;
    };

    if (plan.launches.length > 0) {
      const dispatches = plan.launches.map((launch): Dispatch => ({
        kernel: launch.kernel,
        buffers: launch.buffers.map(resolve),
        params: paramWords(launch, options),
        grid: launch.grid,
      }));
      const program = device.createProgram(`${kernel.name} test`, dispatches);
      try {
        device.run(program);
        await device.sync();
      } finally {
        program.destroy();
      }
    }
    const raw = await device.read([...outputs, ...inputs]);
    const view = (spec: Spec, i: number): TypedData => fromBits(spec.dtype, raw[i], numel(spec.shape));
    return {
      outputs: options.outputs.map((spec, i) => view(spec, i)),
      inputs: options.inputs.map((spec, i) => view(spec, outputs.length + i)),
    };
  } finally {
    for (const buffer of made) buffer.destroy();
  }
}

function toTyped(dtype: DType, data: ArrayLike<number>): TypedData {
  if (dtype === 'f32') return Float32Array.from(data);
  return dtype === 'u32' ? Uint32Array.from(data) : Int32Array.from(data);
}

function fromBits(dtype: DType, bits: ArrayBuffer, length: number): TypedData {
  if (dtype === 'f32') return new Float32Array(bits, 0, length);
  return dtype === 'u32' ? new Uint32Array(bits, 0, length) : new Int32Array(bits, 0, length);
}

function paramWords<Attrs>(launch: Launch, options: RunKernelOptions<Attrs>): Uint32Array {
  const words = new DataView(new ArrayBuffer(4 * launch.params.length));
  launch.params.forEach((param, i) => {
    const value = paramValue(param, options);
    if (param.type === 'f32') words.setFloat32(4 * i, value, true);
    else if (param.type === 'i32') words.setInt32(4 * i, value, true);
    else words.setUint32(4 * i, value, true);
  });
  return new Uint32Array(words.buffer);
}

function paramValue<Attrs>({ name, value }: Param, options: RunKernelOptions<Attrs>): number {
  if (typeof value === 'number') return value;
  const given =
    'scalarInput' in value
      ? (options.scalars?.[value.scalarInput] ?? options.inputs[value.scalarInput]?.data[0])
      : options.epilogueScalars?.[value.epilogueScalar];
  if (given === undefined) throw new RangeError(`no value given for param ${name}: ${JSON.stringify(value)}`);
  return given;
}
