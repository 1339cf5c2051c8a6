/** From the middle form to a WebAssembly module (what the module expects: see `CompiledKernel` in compile.ts). */
import type { IrFunction } from '../ir.js';
import { buildModule, Code } from './assembler.js';
import { BodyWriter } from './body-writer.js';
import { settleExits } from './exits.js';
import { PARAMETER, PARAMETERS } from './frame.js';
import { RegionWriter } from './region-writer.js';
import { hasBarrier } from './regions.js';

export interface EmittedKernel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of scratch memory. */
  readonly scratchBytes: number;
}

/** `shared`: the imported memory is shared between threads. */
export function emitWasm(ir: IrFunction, options: { readonly shared: boolean }): EmittedKernel {
  if (hasBarrier(ir.body)) {
    const writer = new RegionWriter({ ...ir, body: settleExits(ir) });
    const prologue = writer.body();
    return finish(writer, options.shared, writer.layout.records, (code) => {
      code.append(prologue.view());
      code.append(writer.code.view());
    });
  }
  const writer = new BodyWriter(ir);
  const prologue = writer.prologue();
  writer.statements(ir.body);
  return finish(writer, options.shared, 1, (code) => {
    code.append(prologue.view());
    writer.builtins.eachInvocation(code, [], () => code.append(writer.code.view()));
  });
}

/** Puts the loop over workgroups around what each of them does. */
function finish(
  { ir, frame, entry, builtins, layout }: BodyWriter,
  shared: boolean,
  records: number,
  workgroup: (code: Code) => void,
): EmittedKernel {
  const main = new Code();
  builtins.eachWorkgroup(main, () => {
    if (layout.workgroupBytes > 0) {
      main.get(PARAMETER.scratch);
      main.int(0);
      main.int(layout.workgroupBytes);
      main.memoryFill();
    }
    workgroup(main);
  });
  const bytes = buildModule({
    name: ir.name,
    shared,
    parameters: PARAMETERS,
    locals: frame.types,
    code: [entry.code, main],
  });
  return { bytes, scratchBytes: layout.bytes(records) };
}
