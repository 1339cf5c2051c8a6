import { FormantError } from '../../device/errors.js';

/** The clips cannot be divided as asked: the message says what is missing and what would do. */
export class SplitError extends FormantError {}
