/** HTTP as downloads need it: failures in words, a watch for lines gone dead, another try where that may help. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DownloadError, TransientError } from './errors.js';

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which a line counts as dead. Default 30,000. */
  readonly stallMs?: number;
  /** Further tries in a row that bring nothing. Default 5. */
  readonly retries?: number;
  /** Milliseconds before the second try, doubled at every further one. Default 1,000. */
  readonly backoffMs?: number;
  /** Told of every failure that is tried again. */
  readonly onRetry?: (message: string) => void;
}

/** Answers after which a later try may do better. */
const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Seconds that we wait at most at a server's word. */
const LONGEST_WAIT = 120;

/**
 * Requests a URL, follows redirects, and hands the answer on.
 * @param accept further statuses that are no failure, such as 416
 * @param use reads the answer; it calls `alive` at every piece, or the line counts as dead
 * @throws TransientError for a cut, a dead line or a busy server; DownloadError for any other refusal; the signal's reason if aborted
 */
export async function request<T>(
  url: string,
  headers: Readonly<Record<string, string>>,
  accept: readonly number[],
  use: (response: Response, alive: () => void) => Promise<T>,
  { signal, stallMs = 30_000 }: RequestOptions,
): Promise<T> {
  signal?.throwIfAborted();
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new DownloadError(`"${url}" is no address; expected one as https://….`);
  }
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  signal?.addEventListener('abort', stop, { once: true });
  let dead = false;
  const watch = setTimeout(() => {
    dead = true;
    controller.abort();
  }, stallMs);
  try {
    // As stored: a compressed answer would have another length than the file.
    const asked = { headers: { 'accept-encoding': 'identity', ...headers }, signal: controller.signal };
    const response = await fetch(url, asked);
    if (!response.ok && !accept.includes(response.status)) throw refusal(url, response);
    return await use(response, () => watch.refresh());
  } catch (error) {
    signal?.throwIfAborted();
    if (dead)
      throw new TransientError(`${hostOf(url)} sent nothing for ${stallMs / 1000} s`, undefined, { cause: error });
    if (error instanceof TypeError && error.cause !== undefined)
      throw new TransientError(`${hostOf(url)}: ${reasonOf(error)}`, undefined, { cause: error });
    throw error;
  } finally {
    clearTimeout(watch);
    signal?.removeEventListener('abort', stop);
    controller.abort(); // an answer that nobody reads to its end holds its connection
  }
}

/** Does a job again while it fails with TransientError; a try that brings something starts the count anew. */
export async function withRetries<T>(
  job: () => Promise<T>,
  { signal, retries = 5, backoffMs = 1000, onRetry }: RequestOptions,
  gained: () => boolean = () => false,
): Promise<T> {
  for (let failures = 0; ;) {
    try {
      return await job();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      failures = gained() ? 1 : failures + 1;
      if (failures > retries) {
        throw new DownloadError(
          `${error.message}; ${retries + 1} tries were in vain. What has come is kept: the same command goes on from there.`,
          { cause: error },
        );
      }
      const wait = Math.min(error.retryAfter ?? (backoffMs / 1000) * 2 ** (failures - 1), LONGEST_WAIT);
      onRetry?.(`${error.message}; trying again in ${Math.ceil(wait)} s`);
      await sleep(wait * 1000, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

/** A small file, whole. @throws DownloadError if it has more than `most` bytes */
export function fetchBytes(url: string, most: number, options: RequestOptions): Promise<Uint8Array> {
  return withRetries(
    () =>
      request(
        url,
        {},
        [],
        async (response, alive) => {
          const chunks: Uint8Array[] = [];
          let length = 0;
          for await (const chunk of bodyOf(response)) {
            alive();
            length += chunk.length;
            if (length > most)
              throw new DownloadError(`${url} has more than the ${most} bytes expected; is it the right address?`);
            chunks.push(chunk);
          }
          const promised = response.headers.get('content-length');
          if (promised !== null && length < Number(promised))
            throw new TransientError(`${hostOf(url)}: the line was cut`);
          return Buffer.concat(chunks);
        },
        options,
      ),
    options,
  );
}

/** The pieces of an answer. */
export async function* bodyOf(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body) yield* response.body as unknown as AsyncIterable<Uint8Array>;
}

function refusal(url: string, response: Response): DownloadError {
  const said = `${url} answered ${response.status} ${response.statusText}`.trim();
  if (!BUSY.has(response.status))
    return new DownloadError(`${said}; if the file has moved, give its address with --url.`);
  const after = Number(response.headers.get('retry-after') ?? NaN);
  return new TransientError(said, Number.isFinite(after) && after >= 0 ? after : undefined);
}

function reasonOf(error: TypeError): string {
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known: Record<string, string> = {
    ENOTFOUND: 'there is no such host, or no network',
    EAI_AGAIN: 'the host’s name cannot be looked up; is there a network?',
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the line was cut',
    UND_ERR_SOCKET: 'the line was cut',
    UND_ERR_CONNECT_TIMEOUT: 'no connection came about in time',
  };
  return known[code] ?? (cause instanceof Error ? cause.message : error.message);
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);
