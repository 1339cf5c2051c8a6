import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileAccessError, writeFileAtomic } from '../../src/io/index.js';

const folder = mkdtempSync(path.join(tmpdir(), 'formant-atomic-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('writeFileAtomic', () => {
  it('writes text and bytes, and leaves nothing else in the folder', () => {
    const inside = path.join(folder, 'plain');
    mkdirSync(inside);
    writeFileAtomic(path.join(inside, 'a.txt'), 'grüße');
    writeFileAtomic(path.join(inside, 'b.bin'), Uint8Array.of(0, 255, 7));
    expect(readFileSync(path.join(inside, 'a.txt'), 'utf8')).toBe('grüße');
    expect([...readFileSync(path.join(inside, 'b.bin'))]).toEqual([0, 255, 7]);
    expect(readdirSync(inside).sort()).toEqual(['a.txt', 'b.bin']);
  });

  it('replaces a file by a new one rather than writing into it (an open reader keeps the old content)', () => {
    const file = path.join(folder, 'replaced');
    writeFileSync(file, 'a long old content');
    const before = statSync(file).ino;
    writeFileAtomic(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).ino).not.toBe(before);
  });

  it('removes its temporary file when the rename fails, and says what stood in the way', () => {
    const taken = path.join(folder, 'taken');
    mkdirSync(taken);
    writeFileSync(path.join(taken, 'kept'), 'kept');
    const before = readdirSync(folder);
    expect(() => writeFileAtomic(taken, 'x')).toThrow(FileAccessError);
    expect(() => writeFileAtomic(taken, 'x')).toThrow(`Cannot write ${taken}: `);
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(path.join(taken, 'kept'), 'utf8')).toBe('kept');
  });

  it('says that the folder is missing, or that it is a file', () => {
    expect(() => writeFileAtomic(path.join(folder, 'no', 'x'), 'x')).toThrow(/no such file or folder/);
    writeFileSync(path.join(folder, 'file'), 'old');
    expect(() => writeFileAtomic(path.join(folder, 'file', 'x'), 'x')).toThrow(/part of the path is a file/);
    expect(readFileSync(path.join(folder, 'file'), 'utf8')).toBe('old');
  });
});
