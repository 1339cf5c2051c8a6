/**
 * The deferred graph. Calling an op makes a `Node`; nothing runs until a value is read or a step is committed
 * (compile/execute.ts). A `Value` is one output of a node.
 */
import type { Spec } from '../kernels/launch.js';
import type { Op } from './op.js';
import type { Storage } from './storage.js';

export interface Value {
  readonly node: Node;
  readonly index: number;
}

/** Where the value of a finished node lives: memory of its own, or a place in the ring of scalars. */
export interface Result {
  readonly index: number;
  readonly storage: Storage;
}

let nextId = 1;

export class Node {
  readonly id = nextId++;
  /** Longest chain of ops below this node; a chain that never ends is a forgotten commit. */
  readonly depth: number;
  /** The generation in which it was recorded: a commit ends a generation. */
  readonly generation: number;
  readonly requiresGrad: boolean;
  /** Set when a commit has output this node's value. */
  results: Result[] | undefined;
  /** True once a commit has run it and let go of its inputs. */
  released = false;
  private readonly trace: { stack?: string };

  constructor(
    readonly op: Op,
    public inputs: readonly Value[],
    readonly attrs: unknown,
    readonly outputs: readonly Spec[],
    options: { generation: number; requiresGrad: boolean },
  ) {
    this.generation = options.generation;
    this.requiresGrad = options.requiresGrad;
    let depth = 0;
    for (const value of inputs) if (value.node.depth > depth) depth = value.node.depth;
    this.depth = depth + 1;
    this.trace = {};
    if (op.kind !== 'leaf') Error.captureStackTrace?.(this.trace, Node);
  }

  get isLeaf(): boolean {
    return this.op.kind === 'leaf';
  }

  /** The line of the user's program that recorded this op, as "file:line:column", or an empty string. */
  origin(): string {
    const lines = (this.trace.stack ?? '').split('\n').slice(1);
    const outside = lines.find((line) => !ENGINE.test(line));
    return /\(?((?:file:\/\/|\/|[A-Za-z]:)[^()]*:\d+:\d+)\)?$/.exec(outside ?? '')?.[1] ?? '';
  }

  /** "conv1d (32, 350, 16), recorded at train.js:12:9" */
  describe(): string {
    const origin = this.origin();
    const shapes = this.outputs.map((s) => shapeText(s.shape)).join(' ');
    return `${this.op.name} ${shapes}${origin ? `, recorded at ${origin}` : ''}`;
  }
}

/** Frames of the engine itself, which `origin` passes over. */
const ENGINE = /[/\\](?:src|dist)[/\\](?:tensor|nn|dsp)[/\\]|node:internal/;

export const shapeText = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
