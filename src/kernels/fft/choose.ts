/** Which variant of a transform runs where, and what it costs. */
import type { DeviceInfo } from '../../device/device.js';
import type { Cost } from '../launch.js';
import { fftFactors } from './factors.js';
import type { RowVariant } from './row-form.js';
import { rowVariants } from './row-transform.js';
import type { TransformTable } from './tables.js';

export type FftVariant = 'passes' | RowVariant;

/** The ladder for a transform; `extra`: elements of workgroup memory that a kernel keeps for each row besides. */
export const fftVariants = (table: TransformTable, device: DeviceInfo, extra = 0): FftVariant[] => [
  'passes',
  ...rowVariants(table, device, extra),
];

/**
 * Workgroup memory on a graphics card, four rows at once on the WebAssembly device (three of them may be idle: with a single row it does
 * the work four times over), passes without barriers on WebGPU through a CPU.
 */
export function chooseFft(rows: number, variants: readonly FftVariant[], device: DeviceInfo): FftVariant {
  if (device.device === 'wasm') return rows >= 3 && variants.includes('rows4') ? 'rows4' : 'passes';
  return device.kind === 'hardware' && variants.includes('workgroup') ? 'workgroup' : 'passes';
}

/** 5·n·log2(n) operations, the usual count, with the memory read and written once a pass. */
export function transformCost(rows: number, { length, rough }: TransformTable, variant: string): Cost {
  const times = rough ? 2 : 1;
  const passes = variant === 'passes' ? fftFactors(length).length * times : 1;
  return { flops: 5 * rows * length * Math.max(1, Math.log2(length)) * times, bytes: 16 * rows * length * passes };
}
