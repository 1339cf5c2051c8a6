import { FormantError } from '../device/errors.js';

/** Audio that cannot be read or written as it stands: the message says what the bytes really are and what would be accepted. */
export class AudioFormatError extends FormantError {}

/** A .npy, .npz or .safetensors file that does not hold what its header promises, or a value that the format cannot hold. */
export class FileFormatError extends FormantError {}

/** A file or folder that could not be opened, read or written (missing, a folder, no permission, disk full). */
export class FileAccessError extends FormantError {}
