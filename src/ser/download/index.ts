/** Corpora from the places where their makers publish them. */
import type { DownloadName } from './corpora.js';
import { downloadCremad } from './cremad.js';
import { downloadRavdess } from './ravdess.js';
import type { DownloadOptions, Downloaded } from './types.js';

export { DOWNLOADS, LICENCES, licenceText, type DownloadName } from './corpora.js';
export { downloadCremad } from './cremad.js';
export { DiskSpaceError, DownloadError } from './errors.js';
export { fetchFile, type Checksum, type FetchOptions } from './fetch-file.js';
export { downloadRavdess } from './ravdess.js';
export type { DownloadOptions, Downloaded } from './types.js';
export { unzip } from './unzip.js';

/** Fetches a corpus by its name. @throws DownloadError, DiskSpaceError */
export const download = (name: DownloadName, options: DownloadOptions): Promise<Downloaded> =>
  name === 'ravdess' ? downloadRavdess(options) : downloadCremad(options);
