/**
 * A real browser for the tests. On Linux x64 it comes out of the npm package `@sparticuz/chromium`, with the libraries and the font that it needs, so
 * that nothing has to be installed; elsewhere the system's Chromium is taken, where there is one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { chromium as playwright, type Browser } from 'playwright-core';
import { readTar, unpackOnce } from '../../../src/device/webgpu/unpack.js';

const PACKAGE = fileURLToPath(new URL('../../../node_modules/@sparticuz/chromium/bin/', import.meta.url));
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  // No host has an address: whatever a page asked for would fail.
  '--host-resolver-rules=MAP * ~NOTFOUND',
];

interface Found {
  readonly executablePath: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Where a browser is; undefined where there is none. */
function find(): Found | undefined {
  const packed = process.platform === 'linux' && process.arch === 'x64' ? unpacked() : undefined;
  if (packed) return packed;
  for (const name of NAMES) {
    const { status, stdout } = spawnSync('which', [name], { encoding: 'utf8' });
    if (status === 0) return { executablePath: stdout.trim() };
  }
  return undefined;
}

function unpacked(): Found | undefined {
  const archive = join(PACKAGE, 'chromium.br');
  if (!existsSync(archive)) return undefined;
  // The archive's size tells its versions apart without reading it.
  const home = unpackOnce(`chromium-${statSync(archive).size}`, 'chromium', (aside, folder) => {
    const read = (name: string): Uint8Array => brotliDecompressSync(readFileSync(join(PACKAGE, name)));
    writeFileSync(join(aside, 'chromium'), read('chromium.br'), { mode: 0o755 });
    for (const archive of ['al2023.tar.br', 'fonts.tar.br']) {
      for (const [name, data] of readTar(read(archive))) {
        mkdirSync(dirname(join(aside, name)), { recursive: true });
        writeFileSync(join(aside, name), data);
      }
    }
    // The package's own file looks for the fonts where a cloud's functions have them.
    writeFileSync(
      join(aside, 'fonts.conf'),
      `<?xml version="1.0"?><fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/font-cache</cachedir></fontconfig>\n`,
    );
  });
  if (home === undefined) return undefined;
  return {
    executablePath: join(home, 'chromium'),
    env: { ...process.env, LD_LIBRARY_PATH: join(home, 'lib'), FONTCONFIG_FILE: join(home, 'fonts.conf') },
  };
}

const found = find();

/** Whether there is a browser here. */
export const hasChromium = found !== undefined;

/** Starts it. @throws Error where there is none */
export async function launch(): Promise<Browser> {
  if (!found) throw new Error('There is no Chromium here.');
  return playwright.launch({ ...found, env: found.env as Record<string, string>, args: ARGS, timeout: 60_000 });
}
