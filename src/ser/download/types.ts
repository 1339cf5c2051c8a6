import type { FetchOptions } from './fetch-file.js';

export interface DownloadOptions {
  /** Folder under which the corpus' own is made. */
  readonly out: string;
  /** A mirror, in place of the published address. */
  readonly url?: string;
  /** Keep the archive beside what was unpacked. Default false. */
  readonly keepArchive?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: {
    stage: 'download' | 'unpack';
    done: number;
    total: number;
    unit?: string;
  }) => void;
  /** A sentence that the user should see, as of a cut line. */
  readonly onNotice?: (text: string) => void;
  /** Patience with the network and the disk; tests have less. */
  readonly transfer?: Pick<FetchOptions, 'stallMs' | 'retries' | 'backoffMs' | 'disk'>;
}

export interface Downloaded {
  /** Where the clips are. */
  readonly folder: string;
  readonly clips: number;
  /** Clips that this call fetched; the others were there. */
  readonly fetched: number;
  /** Clips that the corpus lists and the server has not. */
  readonly missing: readonly string[];
}
