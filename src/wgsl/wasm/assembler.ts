/** A small WebAssembly assembler: instructions into a code buffer, and a module with one function around it. */
import { Bytes } from './bytes.js';
import { MISC, OP, SIMD, WASM, type WasmType } from './opcodes.js';

const EMPTY = 0x40;
/** All memory is addressed in words. */
const ALIGN_WORD = 2;

/** Instructions in a row. Structured instructions are counted, so that a branch can name its target by `depth`. */
export class Code extends Bytes {
  /** Open blocks, loops and ifs. */
  depth = 0;
  private lastSet = -1;
  private lastSetLocal = -1;

  op(code: number): void {
    this.byte(code);
  }

  simd(code: number): void {
    this.byte(0xfd);
    this.unsigned(code);
  }

  get(local: number): void {
    if (this.lastSet >= 0 && this.lastSetLocal === local && this.atLastSet()) {
      this.patch(this.lastSet, OP.localTee);
      this.lastSet = -1;
      return;
    }
    this.byte(OP.localGet);
    this.unsigned(local);
  }

  set(local: number): void {
    this.lastSet = this.length;
    this.lastSetLocal = local;
    this.byte(OP.localSet);
    this.unsigned(local);
    this.endOfSet = this.length;
  }

  tee(local: number): void {
    this.byte(OP.localTee);
    this.unsigned(local);
  }

  int(value: number): void {
    this.byte(OP.i32Const);
    this.signed(value);
  }

  float32(value: number): void {
    this.byte(OP.f32Const);
    this.float(value);
  }

  /** The same 32 bits in every lane. */
  splatBits(bits: number): void {
    this.vector(bits, bits, bits, bits);
  }

  vector(a: number, b: number, c: number, d: number): void {
    this.simd(SIMD.v128Const);
    this.word(a);
    this.word(b);
    this.word(c);
    this.word(d);
  }

  /** Lanes of 32 bits: 0–3 of the first operand, 4–7 of the second. */
  shuffle(lanes: readonly number[]): void {
    this.simd(SIMD.i8x16Shuffle);
    for (const lane of lanes) for (let byte = 0; byte < 4; byte++) this.byte(4 * lane + byte);
  }

  lane(code: number, lane: number): void {
    this.simd(code);
    this.byte(lane);
  }

  /** i32 and f32 loads and stores. */
  access(code: number, offset: number): void {
    this.byte(code);
    this.unsigned(ALIGN_WORD);
    this.unsigned(offset);
  }

  simdAccess(code: number, offset: number): void {
    this.simd(code);
    this.unsigned(ALIGN_WORD);
    this.unsigned(offset);
  }

  laneAccess(code: number, offset: number, lane: number): void {
    this.simdAccess(code, offset);
    this.byte(lane);
  }

  misc(code: number): void {
    this.byte(0xfc);
    this.unsigned(code);
  }

  memoryFill(): void {
    this.misc(MISC.memoryFill);
    this.byte(0);
  }

  select(type: WasmType): void {
    if (type !== WASM.v128) return this.byte(OP.select);
    this.byte(OP.selectTyped);
    this.unsigned(1);
    this.byte(type);
  }

  /** Opens a block, loop or if without results. */
  open(code: typeof OP.block | typeof OP.loop | typeof OP.if): void {
    this.byte(code);
    this.byte(EMPTY);
    this.depth++;
  }

  else(): void {
    this.byte(OP.else);
  }

  end(): void {
    this.byte(OP.end);
    this.depth--;
  }

  /** Branches to the structure that was opened at `depth` (the count before it was opened). */
  branch(code: typeof OP.br | typeof OP.brIf, depth: number): void {
    this.byte(code);
    this.unsigned(this.depth - depth - 1);
  }

  private endOfSet = -1;

  private atLastSet(): boolean {
    return this.endOfSet === this.length;
  }
}

export interface ModuleParts {
  /** Shown in profiles. */
  readonly name: string;
  readonly shared: boolean;
  /** Number of i32 parameters of `run`. */
  readonly parameters: number;
  /** Types of the locals after the parameters. */
  readonly locals: readonly WasmType[];
  /** Without the final `end`. */
  readonly code: readonly Bytes[];
}

/** Largest number of 64 KiB pages; a declared maximum must be at least that of the imported memory. */
const MAX_PAGES = 65536;

/** A module that imports `env.memory` and exports the one function `run`. */
export function buildModule(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  const module = new Bytes();
  module.append(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  section(module, 1, (s) => {
    s.unsigned(1);
    s.byte(0x60);
    s.unsigned(parts.parameters);
    for (let i = 0; i < parts.parameters; i++) s.byte(WASM.i32);
    s.unsigned(0);
  });
  section(module, 2, (s) => {
    s.unsigned(1);
    s.text('env');
    s.text('memory');
    s.byte(2);
    s.byte(parts.shared ? 3 : 0);
    s.unsigned(1);
    if (parts.shared) s.unsigned(MAX_PAGES);
  });
  section(module, 3, (s) => s.append(Uint8Array.of(1, 0)));
  section(module, 7, (s) => {
    s.unsigned(1);
    s.text('run');
    s.append(Uint8Array.of(0, 0));
  });
  section(module, 10, (s) => {
    s.unsigned(1);
    const body = functionBody(parts);
    s.unsigned(body.length);
    s.append(body.view());
  });
  section(module, 0, (s) => {
    s.text('name');
    const names = new Bytes();
    names.append(Uint8Array.of(1, 0));
    names.text(parts.name);
    s.byte(1);
    s.unsigned(names.length);
    s.append(names.view());
  });
  return new Uint8Array(module.view());
}

function functionBody(parts: ModuleParts): Bytes {
  const runs: { count: number; type: WasmType }[] = [];
  for (const type of parts.locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ count: 1, type });
  }
  const body = new Bytes();
  body.unsigned(runs.length);
  for (const run of runs) {
    body.unsigned(run.count);
    body.byte(run.type);
  }
  for (const code of parts.code) body.append(code.view());
  body.byte(OP.end);
  return body;
}

function section(module: Bytes, id: number, write: (section: Bytes) => void): void {
  const content = new Bytes();
  write(content);
  module.byte(id);
  module.unsigned(content.length);
  module.append(content.view());
}
