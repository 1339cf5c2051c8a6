import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DiskSpaceError, DownloadError, fetchFile, type FetchOptions } from '../../../src/ser/download/index.js';
import { cutAfter, serve, type Fault } from './server.js';

const base = mkdtempSync(path.join(tmpdir(), 'formant-fetch-'));
afterAll(() => rmSync(base, { recursive: true }));

const body = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 13);
const md5 = createHash('md5').update(body).digest('hex');
const published: FetchOptions = {
  size: body.length,
  checksum: { algorithm: 'md5', hex: md5 },
  backoffMs: 1,
  stallMs: 2000,
  retries: 3,
};

let target: string;
let number = 0;
beforeEach(() => (target = path.join(base, `file${number++}.bin`)));
const part = (): string => `${target}.part`;
const whole = (): boolean => readFileSync(target).equals(body) && !existsSync(part());
const served = (fault?: Fault) => serve({ '/a': body }, fault);

describe('fetchFile', () => {
  it('fetches, checks, and tells its progress', async () => {
    const { url, log } = await served();
    const seen: number[] = [];
    await fetchFile(`${url}/a`, target, {
      ...published,
      onProgress: (done, total) => {
        expect(total).toBe(body.length);
        seen.push(done);
      },
    });
    expect(whole()).toBe(true);
    expect(seen.at(-1)).toBe(body.length);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(log).toEqual(['/a']);
    // A second call finds it there.
    await fetchFile(`${url}/a`, target, published);
    expect(log).toEqual(['/a']);
  });

  it('goes on where the line was cut, within a call', async () => {
    let cuts = 0;
    const { url, log } = await served((request, response, bytes) =>
      cuts++ < 2 ? cutAfter(100_000, request, response, bytes) : undefined,
    );
    const notices: string[] = [];
    await fetchFile(`${url}/a`, target, { ...published, onRetry: (text) => notices.push(text) });
    expect(whole()).toBe(true);
    expect(log).toEqual(['/a', '/a bytes=100000-', '/a bytes=200000-']);
    expect(notices).toHaveLength(2);
    expect(notices[0]).toMatch(/cut.*trying again/);
  });

  it('keeps what came when it gives up, and a later call goes on from there', async () => {
    let broken = true;
    const { url, log } = await served((request, response, bytes) =>
      broken ? cutAfter(request.headers.range === undefined ? 50_000 : 0, request, response, bytes) : undefined,
    );
    await expect(fetchFile(`${url}/a`, target, published)).rejects.toThrow(/4 tries were in vain.*is kept/);
    expect(existsSync(target)).toBe(false);
    expect(statSync(part()).size).toBe(50_000);
    broken = false;
    log.length = 0;
    await fetchFile(`${url}/a`, target, published);
    expect(log).toEqual(['/a bytes=50000-']);
    expect(whole()).toBe(true);
  });

  it('begins anew where the server knows no ranges', async () => {
    writeFileSync(part(), body.subarray(0, 70_000));
    const { url, log } = await served((_request, response) => {
      response.writeHead(200, { 'content-length': body.length }).end(body);
      return true;
    });
    await fetchFile(`${url}/a`, target, published);
    expect(log).toEqual(['/a bytes=70000-']);
    expect(whole()).toBe(true);
  });

  it('follows redirects, with the range', async () => {
    const { url: there, log } = await served();
    const { url } = await serve({}, (_request, response) => {
      response.writeHead(302, { location: `${there}/a` }).end();
      return true;
    });
    writeFileSync(part(), body.subarray(0, 10));
    await fetchFile(`${url}/moved`, target, published);
    expect(log).toEqual(['/a bytes=10-']);
    expect(whole()).toBe(true);
  });

  it('throws wrong bytes away, and says both checksums', async () => {
    const wrong = Uint8Array.from(body);
    wrong[1234] ^= 1;
    const { url } = await serve({ '/a': wrong });
    const failure = fetchFile(`${url}/a`, target, published);
    await expect(failure).rejects.toThrow(DownloadError);
    await expect(failure).rejects.toThrow(new RegExp(`md5 is [0-9a-f]{32}, the published one ${md5}.*thrown away`));
    expect(existsSync(target) || existsSync(part())).toBe(false);
  });

  it('fetches anew, once, where old bytes and new ones do not fit together', async () => {
    writeFileSync(part(), new Uint8Array(1000).fill(7));
    const { url, log } = await served();
    await fetchFile(`${url}/a`, target, published);
    expect(log).toEqual(['/a bytes=1000-', '/a']);
    expect(whole()).toBe(true);
  });

  it('begins anew where more was kept than there is', async () => {
    writeFileSync(part(), new Uint8Array(body.length + 5));
    const { url } = await served();
    await fetchFile(`${url}/a`, target, published);
    expect(whole()).toBe(true);
  });

  it('takes a part that is complete already', async () => {
    writeFileSync(part(), body);
    const { url, log } = await served();
    await fetchFile(`${url}/a`, target, published);
    expect(log).toEqual([]);
    expect(whole()).toBe(true);
  });

  it('refuses a file of another size before it fetches it', async () => {
    const { url } = await serve({ '/a': Buffer.from('<html>Please log in</html>') });
    await expect(fetchFile(`${url}/a`, target, published)).rejects.toThrow(
      /is of 26 bytes.*300000.*another file.*--url/,
    );
    expect(existsSync(part())).toBe(false);
  });

  it('says at once that there is no such file', async () => {
    const { url, log } = await served();
    await expect(fetchFile(`${url}/gone`, target, published)).rejects.toThrow(/gone answered 404.*--url/);
    expect(log).toHaveLength(1);
    await expect(fetchFile('ftp://x/y', target, published)).rejects.toThrow(/no address/);
  });

  it('waits for a busy server as long as it asks', async () => {
    let busy = 2;
    const { url } = await served((_request, response) => {
      if (busy-- <= 0) return;
      response.writeHead(429, { 'retry-after': '0' }).end();
      return true;
    });
    await fetchFile(`${url}/a`, target, { ...published, backoffMs: 60_000 });
    expect(whole()).toBe(true);
  });

  it('gives a dead line up and asks again; a slow one is no dead one', async () => {
    let first = true;
    const { url, log } = await served((request, response, bytes) => {
      if (first) {
        first = false;
        response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 1000));
        return true; // and never another byte
      }
      const from = Number(/(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const rest = bytes.subarray(from);
      response.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
      let sent = 0;
      const drip = setInterval(() => {
        response.write(rest.subarray(sent, (sent += 60_000)));
        if (sent < rest.length) return;
        clearInterval(drip);
        response.end();
      }, 60);
      return true;
    });
    await fetchFile(`${url}/a`, target, { ...published, stallMs: 200 });
    expect(whole()).toBe(true);
    expect(log).toEqual(['/a', '/a bytes=1000-']);
  });

  it('asks the disk before it fetches', async () => {
    const { url } = await served();
    const disk = { free: () => Promise.resolve(20e6) };
    const failure = fetchFile(`${url}/a`, target, { ...published, reserve: 30e6, disk });
    await expect(failure).rejects.toThrow(DiskSpaceError);
    await expect(failure).rejects.toThrow(/48 MB are needed and 20 MB are free/);
    expect(existsSync(part())).toBe(false);
  });

  it('keeps what it has when the disk becomes full, and goes on when there is room', async () => {
    const { url, log } = await served();
    let room = 120_000;
    const disk: FetchOptions['disk'] = {
      open: async (file, flags) => {
        const handle = await open(file, flags);
        return {
          write: (async (bytes: Uint8Array, offset: number, length: number) => {
            const taken = Math.min(length, room);
            if (taken === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
            room -= taken;
            return handle.write(bytes, offset, taken);
          }) as typeof handle.write,
          sync: () => handle.sync(),
          close: () => handle.close(),
        };
      },
    };
    const failure = fetchFile(`${url}/a`, target, { ...published, disk });
    await expect(failure).rejects.toThrow(DiskSpaceError);
    await expect(failure).rejects.toThrow(/disk is full.*is kept.*same command again/);
    expect(statSync(part()).size).toBe(120_000);
    room = Infinity;
    await fetchFile(`${url}/a`, target, { ...published, disk });
    expect(log).toEqual(['/a', '/a bytes=120000-']);
    expect(whole()).toBe(true);
  });

  it.skipIf(!existsSync('/dev/full'))("tells a system's own full disk", async () => {
    const { url } = await served();
    symlinkSync('/dev/full', part());
    await expect(fetchFile(`${url}/a`, target, published)).rejects.toThrow(DiskSpaceError);
  });

  it('stops when it is told to, and keeps what it has', async () => {
    const { url } = await served((_request, response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 5000));
      return true;
    });
    const controller = new AbortController();
    const failure = fetchFile(`${url}/a`, target, {
      ...published,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(failure).rejects.toThrow('enough');
    expect(statSync(part()).size).toBe(5000);
  });
});
