import { usualCacheFolder } from '../cache-options.js';
import { bytes, facts } from '../table.js';
import type { AddCommand } from '../program.js';
import type { Outcome } from '../context.js';

export const info: AddCommand = (program, pick) =>
  program
    .command('info')
    .description('show the device in use, its limits and features')
    .action(() => pick(({ io }) => describeDevice(usualCacheFolder(io.env))));

async function describeDevice(cache: string | undefined): Promise<Outcome> {
  const { openDevice } = await import('../../../device/index.js');
  const device = await openDevice();
  const { info: found } = device;
  device.destroy();
  const { kind, vendor, architecture, description, threads, limits, features } = found;
  const text = facts([
    ['device', found.device],
    ['adapter', description || architecture || 'unnamed'],
    ['vendor', vendor || 'unknown'],
    ['kind', kind === 'software' ? 'software (the CPU does the work of a GPU)' : kind],
    ...(threads === undefined ? [] : [['threads', threads] as const]),
    ['largest binding', bytes(limits.maxBindingBytes)],
    ['largest buffer', bytes(limits.maxBufferBytes)],
    ['storage bindings', limits.maxStorageBindings],
    ['workgroup', `${limits.maxInvocations} invocations, ${bytes(limits.maxWorkgroupBytes)} of shared memory`],
    ['features', features.join(', ') || 'none'],
    ...(cache === undefined ? [] : [['feature cache', cache] as const]),
    ['node', `${process.version} on ${process.platform} ${process.arch}`],
  ]);
  return {
    json: {
      device: found.device,
      adapter: { kind, vendor, architecture, description },
      threads,
      features,
      limits,
      cache,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    },
    text,
  };
}
