import { FormantError } from '../../device/errors.js';

/** The command line was used wrongly: exit code 2. */
export class UsageError extends FormantError {}

/** The work was interrupted before there was anything to keep. */
export class InterruptedError extends FormantError {
  constructor(
    message: string,
    /** As a shell would have it: 128 + the signal's number. */
    readonly exitCode: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
