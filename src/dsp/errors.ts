import { FormantError } from '../device/errors.js';

/** A setting is out of its range, or two settings contradict one another. */
export class SettingsError extends FormantError {}
/** A signal cannot be used: empty, too short for what is asked, of the wrong shape, or with samples that are no numbers. */
export class SignalError extends FormantError {}
