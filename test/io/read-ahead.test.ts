/** Reading ahead: in order, bounded, and no file that fails stops the rest. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileAccessError, readAhead, removeLeftovers, replaceFile } from '../../src/io/index.js';

const folder = mkdtempSync(join(tmpdir(), 'formant-ahead-'));
afterAll(() => rmSync(folder, { recursive: true }));

const paths = Array.from({ length: 40 }, (_, i) => {
  const path = join(folder, `${i}.bin`);
  writeFileSync(path, new Uint8Array(i === 7 ? 3_000_000 : i).fill(i));
  return path;
});

describe('readAhead', () => {
  it.each([1, 3, 100])('gives all files in order, %i ahead', async (ahead) => {
    const seen: string[] = [];
    for await (const file of readAhead(paths, ahead)) {
      const i = seen.push(file.path) - 1;
      if ('error' in file) throw file.error;
      expect(file.bytes).toHaveLength(i === 7 ? 3_000_000 : i);
      expect(file.bytes.every((byte) => byte === i)).toBe(true);
    }
    expect(seen).toEqual(paths);
  });

  it('takes no more paths than are wanted ahead', async () => {
    let taken = 0;
    function* counting(): Generator<string> {
      for (const path of paths) {
        taken++;
        yield path;
      }
    }
    const files = readAhead(counting(), 5);
    expect(taken).toBe(0);
    await files.next();
    expect(taken).toBe(5);
    await files.next();
    expect(taken).toBe(6);
    await files.return();
    expect(taken).toBe(6);
  });

  it('gives the error of a file that cannot be read in its place, and goes on', async () => {
    const given = [paths[1], join(folder, 'missing.bin'), folder, paths[2]];
    const results: string[] = [];
    for await (const file of readAhead(given, 2)) {
      if ('error' in file) expect(file.error).toBeInstanceOf(FileAccessError);
      results.push('error' in file ? file.error.message : `${file.bytes.length} bytes`);
    }
    expect(results).toEqual([
      '1 bytes',
      expect.stringMatching(/missing\.bin: there is no such file/),
      expect.stringMatching(/it is a folder/),
      '2 bytes',
    ]);
  });
});

describe('replaceFile', () => {
  it('replaces a file and leaves nothing else behind', async () => {
    const own = mkdtempSync(join(folder, 'replace-'));
    await replaceFile(join(own, 'a'), 'old');
    await replaceFile(join(own, 'a'), 'new');
    expect(readdirSync(own)).toEqual(['a']);
    await expect(replaceFile(join(own, 'none', 'a'), 'x')).rejects.toThrow(FileAccessError);
  });

  it('has leftovers of killed processes removed, and those of living ones let be', () => {
    const own = mkdtempSync(join(folder, 'leftovers-'));
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const names = [`.a.npy.${dead}.0.tmp`, `.a.npy.${process.pid}.3.tmp`, '.hidden', 'b.npy', 'c.1.0.tmp'];
    for (const name of names) writeFileSync(join(own, name), '');
    removeLeftovers(own);
    expect(readdirSync(own).sort()).toEqual(names.slice(1).sort());
    expect(() => removeLeftovers(join(own, 'none'))).toThrow(FileAccessError);
  });
});
