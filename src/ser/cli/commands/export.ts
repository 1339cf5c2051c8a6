import { Option } from 'commander';
import type { AddCommand } from '../program.js';
import { bytes, plural } from '../table.js';

interface Flags {
  readonly run: string;
  readonly format: 'safetensors' | 'onnx';
  readonly out: string;
}

export const exportCommand: AddCommand = (program, pick) =>
  program
    .command('export')
    .description("write a run's best weights for other programs")
    .requiredOption('--run <run>', 'run folder')
    .addOption(new Option('--format <name>', 'file format').choices(['safetensors', 'onnx']).default('safetensors'))
    .requiredOption('--out <file>', 'file to write')
    .action(({ run, format, out }: Flags) =>
      pick(async (context) => {
        const { exportRun } = await context.services.runs();
        const written = await exportRun({ run, format, out });
        return {
          json: { ...written, format },
          text: `Wrote ${plural(written.tensors, 'tensor')} (${bytes(written.bytes)}) to ${written.file}`,
        };
      }),
    );
