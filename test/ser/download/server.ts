/** An HTTP server on this machine, with the faults that downloads meet. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export interface Served {
  readonly url: string;
  /** `method path range` of every request, in order. */
  readonly log: string[];
}

/** How one request is answered; `undefined` is the file as it is. */
export type Fault = (request: IncomingMessage, response: ServerResponse, body: Uint8Array) => boolean | void;

/**
 * Serves files by path, with ranges.
 * @param fault is asked first; true: it has answered
 */
export async function serve(files: Readonly<Record<string, Uint8Array>>, fault?: Fault): Promise<Served> {
  const log: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    const { range } = request.headers;
    log.push(range === undefined ? path : `${path} ${range}`);
    const body = files[path];
    if (fault?.(request, response, body ?? new Uint8Array(0)) === true) return;
    if (body === undefined) {
      response.writeHead(404).end('not here');
      return;
    }
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    if (range === undefined) {
      response.writeHead(200, { 'content-length': body.length }).end(body);
    } else if (from >= body.length) {
      response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    } else {
      const rest = body.subarray(from);
      response
        .writeHead(206, {
          'content-length': rest.length,
          'content-range': `bytes ${from}-${body.length - 1}/${body.length}`,
        })
        .end(rest);
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log };
}

/** Sends the first `bytes` of what was asked for, then cuts the line. */
export function cutAfter(bytes: number, request: IncomingMessage, response: ServerResponse, body: Uint8Array): true {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = body.subarray(from);
  const head = { 'content-length': rest.length };
  if (from > 0)
    response.writeHead(206, { ...head, 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` });
  else response.writeHead(200, head);
  // The reader gets its turns before the cut: what it has not taken by then is lost.
  const cut = (turns: number): void => void (turns === 0 ? response.destroy() : setTimeout(() => cut(turns - 1), 5));
  response.write(rest.subarray(0, bytes), () => cut(12));
  return true;
}
