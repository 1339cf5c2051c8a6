/** Running graphs: reading values and committing steps on the default device. */
import type { Device, MemoryStats } from '../device/device.js';
import { openDevice } from '../device/index.js';
import type { HostArray } from './storage.js';
import type { Tensor } from './tensor.js';

export interface InitOptions {
  readonly adapter?: 'auto' | 'hardware' | 'software';
}
export declare function init(options?: InitOptions): Promise<Device>;
export declare function shutdown(): void;
export declare function device(): Device;
/** Runs everything that waits: assigned state, losses, kept values. `optimizer.step()` calls it. */
export declare function commit(): void;
/** Reads several values with one wait. */
export declare function readAll(tensors: readonly Tensor[]): Promise<HostArray[]>;
export declare function sync(): Promise<void>;
export declare function memory(): MemoryStats;
export declare function programStats(): { programs: number };
void openDevice;
