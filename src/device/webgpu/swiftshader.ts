/**
 * SwiftShader, a Vulkan driver that runs on the CPU, out of the npm package `@sparticuz/chromium` (a development
 * dependency): of it only `swiftshader.tar.br` is opened here. Node only.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

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
  for (const cache of [cacheFolder(), join(tmpdir(), 'formant')]) {
    try {
      const driver = unpack(archive, cache);
      // Code is loaded from there: never from a folder that somebody else has planted in the shared temporary one.
      if (statSync(driver.icd).uid === process.getuid?.()) return driver;
    } catch (error) {
      // A home that cannot be written to is common in containers: try the next folder.
      if (!isFileError(error)) throw error;
    }
  }
  return undefined;
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

function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base && base.length > 0 ? base : join(homedir(), '.cache'), 'formant');
}

function unpack(archive: string, cache: string): SwiftShader {
  // The archive's size tells its versions apart without reading it.
  const folder = join(cache, `swiftshader-${statSync(archive).size}`);
  const found = { icd: join(folder, ICD), loader: join(folder, LOADER) };
  if (existsSync(found.icd)) return found;
  mkdirSync(cache, { recursive: true });
  // Unpacked aside and renamed: another process never sees half a driver.
  const aside = mkdtempSync(join(cache, 'unpacking-'));
  for (const [name, data] of readTar(brotliDecompressSync(readFileSync(archive)))) {
    if (WANTED.has(name)) writeFileSync(join(aside, name), data, { mode: 0o755 });
  }
  try {
    renameSync(aside, folder);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(found.icd)) throw error; // else another process was first
  }
  return found;
}

/** The plain files of a tar archive, by name: 512-byte headers, each followed by the data padded to 512. */
export function readTar(tar: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = (from: number, length: number): string => {
    const field = tar.subarray(from, from + length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  };
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = text(at, 100).replace(/^\.\//, '');
    const size = parseInt(text(at + 124, 12).trim(), 8) || 0;
    const type = text(at + 156, 1);
    if (type === '0' || type === '') files.set(name, tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
