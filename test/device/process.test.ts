import { afterAll, describe, expect, test } from 'vitest';
import { ON_WEBGPU } from '../support/device.js';
import { DeviceScripts } from '../support/device-child.js';

const scripts = new DeviceScripts();
afterAll(() => scripts.remove());

const chosen = Object.fromEntries(
  ['FORMANT_DEVICE', 'FORMANT_ADAPTER', 'FORMANT_THREADS'].flatMap((name) => {
    const value = process.env[name];
    return value ? [[name, value]] : [];
  }),
);
const QUIET = { FORMANT_QUIET: '1', ...chosen };

/** A kernel that keeps any device busy for a while: each of 2²⁰ numbers through 1,000 rounds. */
const BUSY = `const busy = (d) => {
  const b = d.createBuffer(4 << 20, 'b');
  const code = \`@group(0) @binding(0) var<storage, read_write> x: array<u32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
      var a = x[gid.x];
      for (var i = 0u; i < 1000u; i++) { a = a * 1664525u + 1013904223u; }
      x[gid.x] = a;
    }\`;
  const kernel = { name: 'busy', code, storageBindings: 1, hasParams: false };
  const program = d.createProgram('busy', [
    { kernel, buffers: [{ buffer: b, offset: 0, bytes: 4 << 20 }], params: new Uint32Array(0), grid: [16384, 1, 1] },
  ]);
  d.run(program);
  return { buffer: b, offset: 0, bytes: 4 };
};`;

describe('a process', () => {
  test('stays alive for what it awaits, and exits by itself after that', async () => {
    const { code, stdout } = await scripts.run(
      `${BUSY}
       const d = await openDevice();
       const [data] = await d.read([busy(d)]);
       console.log(new Uint32Array(data)[0]);`,
      QUIET,
    );
    let expected = 0;
    for (let i = 0; i < 1000; i++) expected = (Math.imul(expected, 1664525) + 1013904223) >>> 0;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${expected}\n` });
  });

  test('does not wait for work that nobody awaits', async () => {
    const { code, signal, stdout } = await scripts.run(
      `${BUSY}
       const d = await openDevice();
       await d.sync();
       for (let i = 0; i < 8; i++) busy(d);
       const end = performance.now();
       process.on('exit', () => console.log(performance.now() - end));`,
      QUIET,
    );
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(Number(stdout)).toBeLessThan(1000);
  });

  test('exits by itself at once after destroy()', async () => {
    const { code, signal, stdout } = await scripts.run(
      `const d = await openDevice();
       const b = d.createBuffer(4, 'b');
       await d.read([{ buffer: b, offset: 0, bytes: 4 }]);
       d.destroy();
       const end = performance.now();
       process.on('exit', () => console.log(performance.now() - end));`,
      QUIET,
    );
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(Number(stdout)).toBeLessThan(1000);
  });

  test('exits by itself also where destroy() was forgotten', async () => {
    const { code, signal } = await scripts.run(
      `const d = await openDevice();
       d.write(d.createBuffer(4, 'b'), 0, new Uint32Array(1));
       await d.sync();`,
      QUIET,
    );
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  });

  test('uses no CPU while its device idles', async () => {
    const { stdout } = await scripts.run(
      `const d = await openDevice();
       await d.sync();
       await new Promise((r) => setTimeout(r, 200));
       const start = process.cpuUsage();
       await new Promise((r) => setTimeout(r, 1000));
       const { user, system } = process.cpuUsage(start);
       console.log((user + system) / 1000);
       d.destroy();`,
      QUIET,
    );
    expect(stdout).not.toBe('');
    expect(Number(stdout)).toBeLessThan(50); // ms of a second
  });

  test('keeps stdout for the program: notices go to stderr, once a process, and only where nobody chose the CPU', async () => {
    const { stdout, stderr } = await scripts.run(
      `for (let i = 0; i < 2; i++) {
         const d = await openDevice();
         if (i === 0) console.log(d.info.kind);
         d.destroy();
       }`,
      chosen,
    );
    expect(stdout).toMatch(/^(software|hardware)\n$/);
    const notices = stdout === 'software\n' && ON_WEBGPU ? 1 : 0;
    expect(stderr.match(/formant: no GPU in use/g) ?? []).toHaveLength(notices);
  });
});

describe('the environment', () => {
  const report = `const d = await openDevice();
    console.log(JSON.stringify({ ...d.info, drivers: process.env.VK_DRIVER_FILES ?? null }));
    d.destroy();`;

  const failure = `await openDevice().then((d) => { console.log(d.info.kind); d.destroy(); },
    (e) => console.log(e.name + ': ' + e.message));`;

  test.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'FORMANT_ADAPTER=swiftshader opens SwiftShader quietly and leaves the environment as it was',
    async () => {
      const { code, stdout, stderr } = await scripts.run(report, {
        FORMANT_ADAPTER: 'swiftshader',
        FORMANT_QUIET: '1',
      });
      expect(code, stderr).toBe(0);
      const info = JSON.parse(stdout);
      expect(info).toMatchObject({ device: 'webgpu', kind: 'software', architecture: 'swiftshader' });
      expect(info.drivers).toBe(process.env.VK_DRIVER_FILES ?? null);
      expect(stderr).not.toContain('formant:');
    },
  );

  test.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'FORMANT_ADAPTER=software finds a software driver',
    async () => {
      const { stdout, stderr } = await scripts.run(report, { FORMANT_ADAPTER: 'software' });
      expect(JSON.parse(stdout).kind).toBe('software');
      expect(stderr).toContain('formant: no GPU in use');
    },
  );

  test('FORMANT_ADAPTER=llvmpipe takes Mesa or says that there is none', async () => {
    const { stdout } = await scripts.run(
      `await openDevice().then((d) => { console.log(d.info.description); d.destroy(); }, (e) => console.log(e.name));`,
      { FORMANT_ADAPTER: 'llvmpipe' },
    );
    expect(stdout).toMatch(/llvmpipe|^NoAdapterError$/m);
  });

  test('FORMANT_ADAPTER=hardware takes hardware or names three ways out', async () => {
    const { stdout } = await scripts.run(failure, { FORMANT_ADAPTER: 'hardware' });
    expect(stdout).toMatch(/^hardware$|^NoAdapterError: .*\(1\).*\(2\).*\(3\)/m);
  });

  test('without a choice it takes a graphics card, else WebAssembly, and says so in one line', async () => {
    const { stdout, stderr } = await scripts.run(report, {});
    const info = JSON.parse(stdout);
    if (info.kind === 'hardware') {
      expect(info.device).toBe('webgpu');
      expect(stderr).not.toContain('formant:');
    } else {
      expect(info).toMatchObject({ device: 'wasm', description: 'WebAssembly SIMD' });
      expect(stderr).toMatch(
        /^formant: no GPU in use: computing on the CPU by WebAssembly SIMD, \d+ threads?\. [^\n]*\n$/,
      );
    }
  });

  test('FORMANT_THREADS sets the number of threads', async () => {
    const env = { FORMANT_DEVICE: 'wasm', FORMANT_THREADS: '3' };
    expect(JSON.parse((await scripts.run(report, env)).stdout)).toMatchObject({ device: 'wasm', threads: 3 });
  });

  test('FORMANT_DEVICE=webgpu without any driver is a NoAdapterError, or SwiftShader where its package is installed', async () => {
    const { stdout } = await scripts.run(failure, {
      FORMANT_DEVICE: 'webgpu',
      VK_DRIVER_FILES: '/nowhere.json',
      VK_ICD_FILENAMES: '/nowhere.json',
      FORMANT_QUIET: '1',
    });
    expect(stdout).toMatch(
      process.platform === 'linux' && process.arch === 'x64' ? /^software$/m : /^(hardware|NoAdapterError)/m,
    );
  });

  test.each([
    [{ FORMANT_ADAPTER: 'gpu' }, /UnsupportedError: .*'gpu'.*auto, hardware, software/],
    [{ FORMANT_DEVICE: 'cuda' }, /UnsupportedError: .*'cuda'.*webgpu/],
    [{ FORMANT_DEVICE: 'wasm', FORMANT_THREADS: 'all' }, /UnsupportedError: FORMANT_THREADS is 'all'/],
  ])('%o is refused', async (env, message) => {
    expect((await scripts.run(failure, env)).stdout).toMatch(message);
  });
});
