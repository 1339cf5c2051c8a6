/** Base of every error that Formant throws on purpose: the message says what was given, what was expected, what to do. */
export class FormantError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No WebGPU adapter could be had; the message lists the ways out. */
export class NoAdapterError extends FormantError {}
/** The device went away (driver reset, unplugged, destroyed). */
export class DeviceLostError extends FormantError {}
/** A kernel did not compile; the message shows the WGSL with line numbers. */
export class KernelError extends FormantError {}
/** The device refused an operation (validation, limits, memory). */
export class DeviceError extends FormantError {}
/** The adapter lacks what was asked for. */
export class UnsupportedError extends FormantError {}
