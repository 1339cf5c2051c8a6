import { FormantError } from '../../device/errors.js';

/** A run cannot be started, resumed or read. */
export class RunError extends FormantError {}
