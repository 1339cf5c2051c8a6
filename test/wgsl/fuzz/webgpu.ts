/** Runs generated kernels on the project's WebGPU device. */
import type { Device, Program } from '../../../src/device/index.js';
import type { Kernel } from './kernel.js';

/** Submits every kernel before it waits for the first: compilation and execution overlap. */
export async function runOnDevice(device: Device, kernels: readonly Kernel[]): Promise<Uint32Array[][]> {
  const programs: Program[] = [];
  const all = kernels.map((kernel) => {
    const slices = kernel.bindings.map((binding) => {
      const buffer = device.createBuffer(binding.words.byteLength, binding.name);
      device.write(buffer, 0, binding.words);
      return { buffer, offset: 0, bytes: binding.words.byteLength };
    });
    const source = {
      name: `seed ${kernel.seed}`,
      code: kernel.code,
      storageBindings: kernel.bindings.length,
      hasParams: true,
    };
    const program = device.createProgram(source.name, [
      { kernel: source, buffers: slices, params: kernel.params, grid: kernel.grid },
    ]);
    device.run(program);
    programs.push(program);
    return slices;
  });
  try {
    const read = await device.read(all.flat());
    let next = 0;
    return all.map((slices) => slices.map(() => new Uint32Array(read[next++])));
  } finally {
    for (const program of programs) program.destroy();
    for (const { buffer } of all.flat()) buffer.destroy();
  }
}
