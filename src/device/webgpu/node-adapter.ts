/** WebGPU in Node: Dawn, from the npm package `webgpu`. Reached only by a dynamic import, so that browsers never load it. */
import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { create } from 'webgpu';
import { NoAdapterError } from '../errors.js';
import { noticeNoGpu } from '../notice.js';
import { isSoftware, type AdapterChoice, type FoundAdapter } from './adapter.js';
import { findSwiftShader } from './swiftshader.js';
import { nappingWait } from './wait.js';

/** Timestamps otherwise step by 65 µs: a browser's defence against spying pages, of no use here. */
const DAWN_OPTIONS = ['disable-dawn-features=timestamp_quantization'];
const MANIFESTS = ['/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
const DRIVER_VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'] as const;

const wait = nappingWait();
let loaderLoaded = false;

/** Finds an adapter as `choice` says. Throws `NoAdapterError` where there is none. */
export async function nodeAdapter(choice: AdapterChoice, powerPreference: GPUPowerPreference): Promise<FoundAdapter> {
  const found = await search(choice, powerPreference);
  if (!found) throw new NoAdapterError(noAdapter(choice));
  if (isSoftware(found.adapter)) {
    const { description, architecture } = found.adapter.info;
    noticeNoGpu(`${description || architecture}, many times slower (FORMANT_DEVICE=wasm is the faster way)`);
  }
  return found;
}

async function search(choice: AdapterChoice, powerPreference: GPUPowerPreference): Promise<FoundAdapter | undefined> {
  switch (choice) {
    case 'hardware': {
      const best = await request({ powerPreference });
      return best && !isSoftware(best.adapter) ? best : undefined;
    }
    case 'llvmpipe':
      return llvmpipe();
    case 'swiftshader':
      return swiftShader();
    case 'software': {
      const best = await request({});
      if (best && isSoftware(best.adapter)) return best;
      return (await llvmpipe()) ?? (await request({ forceFallbackAdapter: true })) ?? (await swiftShader());
    }
    case 'auto':
      // Dawn lists graphics cards before software drivers.
      return (await request({ powerPreference })) ?? (await swiftShader());
  }
}

/**
 * Dawn's instances, by the drivers that the environment named when each was made (an instance never looks again). They are kept for good:
 * Dawn's Node binding goes on polling an instance from the event loop while a promise of its is open (a destroyed device's `lost` is such),
 * also after the garbage collector has freed it, and then the process crashes or hangs.
 */
const instances = new Map<string, GPU>();

function instance(): GPU {
  const drivers =
    DRIVER_VARIABLES.map((name) => process.env[name] ?? '').join('|') + (loaderLoaded ? '|packed loader' : '');
  let gpu = instances.get(drivers);
  if (!gpu) instances.set(drivers, (gpu = create(DAWN_OPTIONS)));
  return gpu;
}

/** The best adapter that an instance finds. */
async function request(options: GPURequestAdapterOptions): Promise<FoundAdapter | undefined> {
  const gpu = instance();
  try {
    const adapter = await wait(gpu.requestAdapter(options));
    return adapter ? { adapter, wait } : undefined;
  } catch {
    return undefined; // Without any Vulkan library Dawn may throw where it should answer null.
  }
}

/** Mesa's software driver alone. `forceFallbackAdapter` would not do: to Dawn only SwiftShader (and WARP) is a fallback adapter. */
async function llvmpipe(): Promise<FoundAdapter | undefined> {
  return withDrivers(llvmpipeManifests(), () => request({}));
}

async function swiftShader(): Promise<FoundAdapter | undefined> {
  const driver = findSwiftShader();
  if (!driver) return undefined;
  return withDrivers([driver.icd], async () => {
    const found = await request({});
    if (found) return found;
    loadLibrary(driver.loader);
    return request({});
  });
}

/** Runs `attempt` with the Vulkan loader seeing only these drivers; the environment is then as before, for child processes and others. */
async function withDrivers<T>(
  manifests: readonly string[],
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  if (manifests.length === 0) return undefined;
  const before = DRIVER_VARIABLES.map((name) => process.env[name]);
  for (const name of DRIVER_VARIABLES) process.env[name] = manifests.join(':');
  try {
    return await attempt();
  } finally {
    DRIVER_VARIABLES.forEach((name, i) => {
      const value = before[i];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    });
  }
}

/**
 * Loads a shared library that is no Node module. Node complains that it "did not self-register" and yet leaves it loaded (NODELETE), which
 * is all we want: Dawn then finds the Vulkan loader by its name on a machine that has none.
 */
function loadLibrary(path: string): void {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  const RTLD_NODELETE = 0x1000;
  loaderLoaded = true;
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  } catch {
    // expected; whether it worked shows in the next request
  }
}

function llvmpipeManifests(): string[] {
  return MANIFESTS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^lvp_icd.*\.json$/.test(name))
      .map((name) => join(folder, name)),
  );
}

function noAdapter(choice: AdapterChoice): string {
  return (
    `No WebGPU adapter was found (FORMANT_ADAPTER=${choice}). Three ways out: ` +
    "(1) install your graphics card's driver with Vulkan, Metal or Direct3D 12 support; " +
    '(2) install a software Vulkan driver, Mesa 24 or newer (Debian and Ubuntu: apt install mesa-vulkan-drivers libvulkan1); ' +
    '(3) on Linux x64, npm install --save-dev @sparticuz/chromium, whose SwiftShader driver is then used.' +
    (choice === 'auto' ? '' : ' Or let FORMANT_ADAPTER=auto take what there is.')
  );
}
