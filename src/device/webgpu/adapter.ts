import { NoAdapterError, UnsupportedError } from '../errors.js';
import { plainWait, type Wait } from './wait.js';

const CHOICES = ['auto', 'hardware', 'software', 'llvmpipe', 'swiftshader'] as const;

/** `llvmpipe` and `swiftshader` insist on one software driver; both are for tests and comparisons. */
export type AdapterChoice = (typeof CHOICES)[number];

export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  readonly wait: Wait;
}

/** Checks a choice that came from a user or from `FORMANT_ADAPTER`. */
export function parseAdapterChoice(text: string): AdapterChoice {
  const choice = CHOICES.find((name) => name === text.toLowerCase());
  if (!choice)
    throw new UnsupportedError(`The adapter choice '${text}' is unknown; expected one of: ${CHOICES.join(', ')}.`);
  return choice;
}

/** A CPU behind a graphics driver's interface. */
export function isSoftware(adapter: GPUAdapter): boolean {
  const { info } = adapter;
  if ('isFallbackAdapter' in info && info.isFallbackAdapter) return true;
  return /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(
    `${info.architecture} ${info.device} ${info.description}`,
  );
}

/** The platform's WebGPU where there is one (browsers, Deno), else Dawn. */
export async function findAdapter(choice: AdapterChoice, powerPreference: GPUPowerPreference): Promise<FoundAdapter> {
  const gpu = platformGpu();
  if (gpu) return platformAdapter(gpu, choice, powerPreference);
  if (isNode()) {
    const { nodeAdapter } = await nodeFile<typeof import('./node-adapter.js')>('node-adapter');
    return nodeAdapter(choice, powerPreference);
  }
  throw new NoAdapterError(
    'This browser has no WebGPU (navigator.gpu is missing). Three ways out: use a current Chrome, Edge, Firefox or Safari; ' +
      "serve the page over https or from localhost; turn WebGPU on in the browser's flags.",
  );
}

/** Whether asking for a graphics card makes sense; where it surely does not, no driver is started only to find none. */
export async function mayHaveHardware(): Promise<boolean> {
  if (platformGpu()) return true;
  return isNode() && (await nodeFile<typeof import('./node-hardware.js')>('node-hardware')).mayHaveHardware();
}

const platformGpu = (): GPU | undefined => (typeof navigator === 'undefined' ? undefined : navigator.gpu);

const isNode = (): boolean => typeof process !== 'undefined' && process.versions?.node !== undefined;

// A specifier that bundlers cannot follow: a browser build must contain nothing of this.
const nodeFile = async <T>(name: string): Promise<T> => (await import(/* @vite-ignore */ `./${name}.js`)) as T;

async function platformAdapter(
  gpu: GPU,
  choice: AdapterChoice,
  powerPreference: GPUPowerPreference,
): Promise<FoundAdapter> {
  if (choice === 'llvmpipe' || choice === 'swiftshader') {
    throw new UnsupportedError(
      `The driver '${choice}' can only be chosen in Node; here use auto, hardware or software.`,
    );
  }
  const adapter = await gpu.requestAdapter(
    choice === 'software' ? { forceFallbackAdapter: true } : { powerPreference },
  );
  if (!adapter || (choice === 'hardware' && isSoftware(adapter))) {
    throw new NoAdapterError(
      `WebGPU is here, but gives no adapter (asked for: ${choice}). Three ways out: update the graphics driver; ` +
        "turn on hardware acceleration in the browser's settings; try another browser.",
    );
  }
  return { adapter, wait: plainWait };
}
