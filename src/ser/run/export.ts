/** `formant export`: weights for other runtimes. */
import { statSync } from 'node:fs';
import { UnsupportedError } from '../../device/errors.js';
import { ndarray, writeSafetensors, type NdArray } from '../../io/index.js';
import { init } from '../../tensor/index.js';
import { torchStateDict } from '../../nn/index.js';
import { restoreModel } from './restore.js';

export interface ExportOptions {
  readonly run: string;
  readonly format: 'safetensors' | 'onnx';
  readonly out: string;
}

/**
 * Writes the run's best weights under PyTorch's names and in its layouts, with the classes and settings as metadata.
 * @throws UnsupportedError for ONNX, which is to come
 */
export async function exportRun(options: ExportOptions): Promise<{ file: string; tensors: number; bytes: number }> {
  if (options.format !== 'safetensors') {
    throw new UnsupportedError(`Export to ${options.format} is not there yet; use --format safetensors.`);
  }
  await init();
  const { file, model } = restoreModel(options.run);
  try {
    const state = Object.entries(await torchStateDict(model));
    const { classes, settings, frames } = file;
    writeSafetensors(
      options.out,
      state.map(([name, { shape, data }]): [string, NdArray] => [name, ndarray([...shape], data)]),
      { classes: classes.join(','), frames: String(frames), settings: JSON.stringify(settings) },
    );
    return { file: options.out, tensors: state.length, bytes: statSync(options.out).size };
  } finally {
    model[Symbol.dispose]();
  }
}
