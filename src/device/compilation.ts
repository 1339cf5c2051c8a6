import type { KernelSource } from './device.js';

/** Source lines shown on either side of a message. */
const CONTEXT = 4;

/** As in WebGPU's `GPUCompilationMessage`: lines and positions count from 1; line 0 is nowhere in particular. */
export interface CompilationMessage {
  readonly type: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly lineNum: number;
  readonly linePos: number;
}

/** The part of the WGSL round each error, with line numbers, a caret below the place and the message beside it. */
export function describeCompilation(kernel: KernelSource, messages: readonly CompilationMessage[]): string {
  const errors = messages.filter((m) => m.type === 'error');
  const source = kernel.code.split('\n');
  const width = String(source.length).length;
  const shown = new Set<number>();
  for (const { lineNum } of errors) {
    for (let i = lineNum - CONTEXT; i <= lineNum + CONTEXT; i++) if (i >= 1 && i <= source.length) shown.add(i);
  }
  const lines: string[] = [];
  let previous = 0;
  for (const number of [...shown].sort((a, b) => a - b)) {
    if (number > previous + 1) lines.push(`${' '.repeat(width)} ⋮`);
    previous = number;
    lines.push(`${String(number).padStart(width)} | ${source[number - 1]}`);
    for (const error of errors) {
      if (error.lineNum !== number) continue;
      lines.push(`${' '.repeat(width)} | ${' '.repeat(Math.max(0, error.linePos - 1))}^ ${error.message}`);
    }
  }
  const placeless = errors.filter((m) => m.lineNum === 0).map((m) => m.message);
  const first = errors[0];
  const title = `Kernel '${kernel.name}' does not compile: line ${first?.lineNum ?? 0}: ${first?.message ?? 'unknown error'}`;
  return [title, ...placeless, ...lines].join('\n');
}
