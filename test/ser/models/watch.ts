/** What a program does to WebGPU, counted at the WebGPU objects themselves: behind the engine's back. */
import { globals } from 'webgpu';

const WATCHED = {
  GPUDevice: [
    'createBuffer',
    'createBindGroup',
    'createBindGroupLayout',
    'createPipelineLayout',
    'createComputePipeline',
    'createComputePipelineAsync',
    'createShaderModule',
    'createQuerySet',
    'createTexture',
    'createCommandEncoder',
  ],
  GPUQueue: ['submit', 'writeBuffer'],
  GPUCommandEncoder: ['beginComputePass', 'copyBufferToBuffer', 'clearBuffer'],
  GPUComputePassEncoder: ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect'],
  GPUBuffer: ['destroy'],
} as const;

export type Method = (typeof WATCHED)[keyof typeof WATCHED][number];
export type Calls = Record<Method, number>;

/** Counts calls from `start()` on, for all devices of the process, until `stop()`. */
export class WebGpuWatch {
  readonly #calls = new Map<string, number>();
  readonly #undo: (() => void)[] = [];

  start(): void {
    for (const [owner, methods] of Object.entries(WATCHED)) {
      const constructor: unknown = Reflect.get(globals, owner);
      if (typeof constructor !== 'function') throw new Error(`the package webgpu has no ${owner}`);
      const prototype: object = constructor.prototype;
      for (const name of methods) {
        const original: unknown = Reflect.get(prototype, name);
        if (typeof original !== 'function') throw new Error(`there is no ${owner}.${name}`);
        const count = (): unknown => this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1);
        Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]): unknown {
          count();
          return Reflect.apply(original, this, args);
        });
        this.#undo.push(() => Reflect.set(prototype, name, original));
      }
    }
  }

  stop(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** Calls since the last `take()`. */
  take(): Calls {
    const names = Object.values(WATCHED).flat();
    const calls = Object.fromEntries(names.map((name) => [name, this.#calls.get(name) ?? 0])) as Calls;
    this.#calls.clear();
    return calls;
  }
}
