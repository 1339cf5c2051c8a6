import { FormantError } from '../../device/errors.js';

/** A corpus cannot be fetched or unpacked: the message says what happened, what is kept and how to go on. */
export class DownloadError extends FormantError {}

/** The disk is full, or would be. What was fetched so far is kept. */
export class DiskSpaceError extends DownloadError {}

/** A failure that may be gone at the next try: a cut line, a server that is busy. */
export class TransientError extends DownloadError {
  constructor(
    message: string,
    /** Seconds that the server asks to wait. */
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
