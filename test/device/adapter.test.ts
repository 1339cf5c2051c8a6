import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NoAdapterError, openDevice, UnsupportedError } from '../../src/device/index.js';
import { parseAdapterChoice } from '../../src/device/webgpu/adapter.js';
import { describeCompilation } from '../../src/device/compilation.js';
import { sizeClass } from '../../src/device/webgpu/pool.js';
import { readTar } from '../../src/device/webgpu/unpack.js';

describe('where the platform has WebGPU (browsers, Deno)', () => {
  beforeEach(() => {
    vi.stubEnv('FORMANT_DEVICE', 'auto');
    vi.stubEnv('FORMANT_ADAPTER', '');
    vi.stubEnv('FORMANT_THREADS', '1');
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
  });

  const platform = (adapter: object | null): unknown[] => {
    const requests: unknown[] = [];
    const requestAdapter = (options: unknown): Promise<object | null> => {
      requests.push(options);
      return Promise.resolve(adapter);
    };
    vi.stubGlobal('navigator', { gpu: { requestAdapter } });
    return requests;
  };

  test('it is asked, and no adapter means NoAdapterError', async () => {
    const requests = platform(null);
    await expect(openDevice({ adapter: 'auto' })).rejects.toThrow(NoAdapterError);
    await expect(openDevice({ adapter: 'hardware', powerPreference: 'low-power' })).rejects.toThrow(/Three ways out/);
    await expect(openDevice({ adapter: 'software' })).rejects.toThrow(NoAdapterError);
    expect(requests).toEqual([
      { powerPreference: 'high-performance' },
      { powerPreference: 'low-power' },
      { forceFallbackAdapter: true },
    ]);
  });

  test('a software adapter is not taken for hardware', async () => {
    platform({ info: { architecture: 'swiftshader', device: '', description: '' } });
    await expect(openDevice({ adapter: 'hardware' })).rejects.toThrow(NoAdapterError);
  });

  test.each([
    ['no adapter', null],
    ['a software adapter', { info: { architecture: '', device: '', description: 'llvmpipe (LLVM 15.0.6)' } }],
  ])('with %s the CPU computes by WebAssembly, where nobody named an adapter', async (_what, adapter) => {
    const requests = platform(adapter);
    const device = await openDevice();
    expect(device.info.device).toBe('wasm');
    expect(requests).toEqual([{ powerPreference: 'high-performance' }]);
    device.destroy();
  });

  test('a graphics card is taken without a word of WebAssembly', async () => {
    platform({
      info: { architecture: 'turing', device: '', description: 'a card' },
      features: new Set(),
      limits: {},
      requestDevice: () => Promise.reject(new Error('asked')),
    });
    await expect(openDevice()).rejects.toThrow(/'a card' gave no device: .*asked/);
  });

  test("Node's drivers cannot be chosen", async () => {
    platform(null);
    await expect(openDevice({ adapter: 'llvmpipe' })).rejects.toThrow(UnsupportedError);
  });
});

test('adapter choices are read without regard to case, and unknown ones are refused', () => {
  expect(parseAdapterChoice('Hardware')).toBe('hardware');
  expect(() => parseAdapterChoice('')).toThrow(UnsupportedError);
});

test('the tar reader gives the plain files, by name and length', () => {
  const header = (name: string, size: number, type: string): Uint8Array => {
    const block = new Uint8Array(512);
    block.set(new TextEncoder().encode(name), 0);
    block.set(new TextEncoder().encode(size.toString(8).padStart(11, '0')), 124);
    block.set(new TextEncoder().encode(type), 156);
    return block;
  };
  const block = (text: string): Uint8Array => {
    const padded = new Uint8Array(Math.ceil(text.length / 512) * 512);
    padded.set(new TextEncoder().encode(text));
    return padded;
  };
  const long = 'x'.repeat(513);
  const parts = [
    header('./folder/', 0, '5'),
    header('./a.json', 2, '0'),
    block('{}'),
    header('empty', 0, '0'),
    header('b.so', long.length, '0'),
    block(long),
    new Uint8Array(1024),
  ];
  const tar = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    tar.set(part, at);
    at += part.length;
  }
  const files = readTar(tar);
  expect([...files.keys()]).toEqual(['a.json', 'empty', 'b.so']);
  expect(new TextDecoder().decode(files.get('a.json'))).toBe('{}');
  expect(new TextDecoder().decode(files.get('b.so'))).toBe(long);
});

test('compiler messages show a window of numbered lines round each error', () => {
  const code = Array.from({ length: 40 }, (_, i) => `line${i + 1}`).join('\n');
  const text = describeCompilation({ name: 'k', code, storageBindings: 0, hasParams: false }, [
    { type: 'warning', message: 'never mind', lineNum: 20, linePos: 1 },
    { type: 'error', message: 'bad', lineNum: 3, linePos: 2 },
    { type: 'error', message: 'worse', lineNum: 33, linePos: 5 },
  ]).split('\n');
  expect(text[0]).toBe("Kernel 'k' does not compile: line 3: bad");
  expect(text).toContain(' 3 | line3');
  expect(text[text.indexOf(' 3 | line3') + 1]).toBe('   |  ^ bad');
  expect(text[text.indexOf('33 | line33') + 1]).toBe('   |     ^ worse');
  expect(text.join('\n')).not.toMatch(/line20|never mind/);
});

test('pooled buffers come in few sizes', () => {
  expect([0, 1, 256, 257, 1000, 2 ** 20, 2 ** 20 + 1].map(sizeClass)).toEqual([
    256,
    256,
    256,
    512,
    1024,
    2 ** 20,
    2 * 2 ** 20,
  ]);
});
