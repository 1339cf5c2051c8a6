/**
 * SwiftShader, a Vulkan driver that runs on the CPU, out of the npm package `@sparticuz/chromium` (a development
 * dependency): of it only `swiftshader.tar.br` is opened here. Node only.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { readTar, unpackOnce } from './unpack.js';

const ARCHIVE = join('node_modules', '@sparticuz', 'chromium', 'bin', 'swiftshader.tar.br');
const ICD = 'vk_swiftshader_icd.json';
const LOADER = 'libvulkan.so.1';
const WANTED = new Set(['libvk_swiftshader.so', ICD, LOADER]);

export interface SwiftShader {
  /** The driver's manifest, for `VK_DRIVER_FILES`. */
  readonly icd: string;
  /** The Vulkan loader that came with it. */
  readonly loader: string;
}

/** Unpacks the driver on first use and returns where it lies; undefined where the package or a build for this machine is missing. */
export function findSwiftShader(): SwiftShader | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const archive = findArchive();
  if (!archive) return undefined;
  // The archive's size tells its versions apart without reading it.
  const folder = unpackOnce(`swiftshader-${statSync(archive).size}`, ICD, (aside) => {
    for (const [name, data] of readTar(brotliDecompressSync(readFileSync(archive)))) {
      if (WANTED.has(name)) writeFileSync(join(aside, name), data, { mode: 0o755 });
    }
  });
  return folder === undefined ? undefined : { icd: join(folder, ICD), loader: join(folder, LOADER) };
}

/** Node's own search order: every `node_modules` from this file upwards, then from the working folder. */
function findArchive(): string | undefined {
  for (const start of [dirname(fileURLToPath(import.meta.url)), process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const candidate = join(folder, ARCHIVE);
      if (existsSync(candidate)) return candidate;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}
