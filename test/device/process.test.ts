import { afterAll, describe, expect, test } from 'vitest';
import { DeviceScripts } from '../support/device-child.js';

const scripts = new DeviceScripts();
afterAll(() => scripts.remove());

const chosen: Readonly<Record<string, string>> = process.env.FORMANT_ADAPTER
  ? { FORMANT_ADAPTER: process.env.FORMANT_ADAPTER }
  : {};
const QUIET = { FORMANT_QUIET: '1', ...chosen };

describe('a process', () => {
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

  test('keeps stdout for the program: notices go to stderr, once a process', async () => {
    const { stdout, stderr } = await scripts.run(
      `for (let i = 0; i < 2; i++) {
         const d = await openDevice();
         if (i === 0) console.log(d.info.kind);
         d.destroy();
       }`,
      chosen,
    );
    expect(stdout).toMatch(/^(software|hardware)\n$/);
    expect(stderr.match(/formant: no GPU in use/g) ?? []).toHaveLength(stdout === 'software\n' ? 1 : 0);
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

  test('no driver at all is a NoAdapterError, or SwiftShader where its package is installed', async () => {
    const { stdout } = await scripts.run(failure, {
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
    [{ FORMANT_DEVICE: 'wasm' }, /UnsupportedError: .*does not exist yet/],
    [{ FORMANT_DEVICE: 'cuda' }, /UnsupportedError: .*'cuda'.*webgpu/],
  ])('%o is refused', async (env, message) => {
    expect((await scripts.run(failure, env)).stdout).toMatch(message);
  });
});
