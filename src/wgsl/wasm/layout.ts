/** Where things lie in scratch memory: workgroup variables first, then a record for each invocation (one for all, if the kernel has no barriers). */
import { isPacked } from '../build.js';
import type { IrFunction, Local, Memory } from '../ir.js';
import { memoryKey, type Survey } from './survey.js';

const ALIGN = 16;
const align = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;

export class Layout {
  readonly workgroupBytes: number;
  private readonly memories = new Map<string, number>();
  private readonly slots = new Map<number, number>();
  private recordBytes = 0;

  constructor(
    private readonly ir: IrFunction,
    { memories }: Survey,
  ) {
    let workgroup = 0;
    for (const [key, memory] of memories) {
      if (memory.kind !== 'workgroup') continue;
      this.memories.set(key, workgroup);
      workgroup = align(workgroup + 4 * memory.words);
    }
    this.workgroupBytes = workgroup;
    for (const [key, memory] of memories) {
      if (memory.kind !== 'private') continue;
      this.memories.set(key, this.recordBytes);
      this.recordBytes = align(this.recordBytes + 4 * memory.words * ir.width);
    }
  }

  /** Bytes from the start of scratch memory; of private memory, those of the first record. */
  offset(memory: Memory): number {
    const offset = this.memories.get(memoryKey(memory)) ?? 0;
    return memory.kind === 'private' ? this.workgroupBytes + offset : offset;
  }

  /** Gives a local a place in each record. */
  addSlot(local: Local): void {
    const bytes = isPacked(local.type) ? 16 : 4;
    const at = Math.ceil(this.recordBytes / bytes) * bytes;
    this.slots.set(local.id, at);
    this.recordBytes = at + bytes;
  }

  hasSlot(local: Local): boolean {
    return this.slots.has(local.id);
  }

  /** Of the first record, from the start of scratch memory. */
  slot(local: Local): number {
    return this.workgroupBytes + (this.slots.get(local.id) ?? 0);
  }

  /** From one invocation's record to the next one's. */
  get stride(): number {
    return align(this.recordBytes);
  }

  /** `records`: invocations (or fours of them) that have a record of their own. */
  bytes(records: number): number {
    return this.workgroupBytes + this.stride * records;
  }

  /** All of a workgroup's records. */
  get records(): number {
    const [x, y, z] = this.ir.workgroupSize;
    return (x * y * z) / this.ir.width;
  }
}
