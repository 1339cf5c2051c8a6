/** Gives Node a `navigator.gpu`, as browsers have it: Dawn, the same that Formant uses. */
import { create, globals } from 'webgpu';

export function provideWebGpu() {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  if (typeof navigator === 'undefined') {
    Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  } else Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
}
