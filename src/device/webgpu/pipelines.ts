import { checkFeatures } from '../checks.js';
import type { KernelSource } from '../device.js';
import { STAGE_COMPUTE } from './constants.js';
import type { Failures } from './failures.js';

export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

interface Layouts {
  readonly group: GPUBindGroupLayout;
  readonly pipeline: GPUPipelineLayout;
}

/** Pipelines by their WGSL, for the life of the device, and the binding layouts they share. */
export class PipelineCache {
  #compiled = new Map<string, CompiledKernel>();
  #layouts = new Map<string, Layouts>();
  created = 0;

  constructor(
    private readonly device: GPUDevice,
    private readonly failures: Failures,
  ) {}

  get(kernel: KernelSource): CompiledKernel {
    const known = this.#compiled.get(kernel.code);
    if (known) return known;
    checkFeatures(kernel, (feature) => this.device.features.has(feature));
    const layouts = this.#layout(kernel.storageBindings, kernel.hasParams);
    const module = this.device.createShaderModule({ label: kernel.name, code: kernel.code });
    // A broken kernel is forgotten, so that using it again tells of it again.
    this.failures.watch(kernel, module, () => this.#compiled.delete(kernel.code));
    const pipeline = this.device.createComputePipeline({
      label: kernel.name,
      layout: layouts.pipeline,
      compute: { module, entryPoint: 'main' },
    });
    this.created++;
    const compiled = { pipeline, layout: layouts.group };
    this.#compiled.set(kernel.code, compiled);
    return compiled;
  }

  /** Layouts are written out, because `layout: 'auto'` leaves out bindings that the code happens not to use. */
  #layout(storageBindings: number, hasParams: boolean): Layouts {
    const key = `${storageBindings}${hasParams ? 'p' : ''}`;
    let layouts = this.#layouts.get(key);
    if (!layouts) {
      const entries: GPUBindGroupLayoutEntry[] = [];
      for (let binding = 0; binding < storageBindings; binding++) {
        entries.push({ binding, visibility: STAGE_COMPUTE, buffer: { type: 'storage' } });
      }
      if (hasParams) {
        entries.push({ binding: storageBindings, visibility: STAGE_COMPUTE, buffer: { type: 'uniform' } });
      }
      const group = this.device.createBindGroupLayout({ label: key, entries });
      layouts = { group, pipeline: this.device.createPipelineLayout({ label: key, bindGroupLayouts: [group] }) };
      this.#layouts.set(key, layouts);
    }
    return layouts;
  }
}
