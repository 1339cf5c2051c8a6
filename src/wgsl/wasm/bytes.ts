/** A growing row of bytes with WebAssembly's number formats. */

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);
const encoder = new TextEncoder();

export class Bytes {
  private data = new Uint8Array(256);
  length = 0;

  byte(value: number): void {
    if (this.length === this.data.length) this.grow(1);
    this.data[this.length++] = value;
  }

  /** Unsigned LEB128. */
  unsigned(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Signed LEB128 of 32 bits. */
  signed(value: number): void {
    let rest = value | 0;
    while (rest < -0x40 || rest > 0x3f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** 32 bits, the lowest byte first. */
  word(bits: number): void {
    this.byte(bits & 0xff);
    this.byte((bits >>> 8) & 0xff);
    this.byte((bits >>> 16) & 0xff);
    this.byte(bits >>> 24);
  }

  float(value: number): void {
    floats[0] = value;
    this.word(words[0]);
  }

  text(value: string): void {
    const bytes = encoder.encode(value);
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.data.length) this.grow(bytes.length);
    this.data.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Changes a byte that stands already. */
  patch(at: number, value: number): void {
    this.data[at] = value;
  }

  /** What is there so far; valid until the next write. */
  view(): Uint8Array {
    return this.data.subarray(0, this.length);
  }

  private grow(by: number): void {
    const larger = new Uint8Array(Math.max(this.data.length * 2, this.length + by));
    larger.set(this.view());
    this.data = larger;
  }
}

/** The 32 bits of a number rounded to f32. */
export function floatBits(value: number): number {
  floats[0] = value;
  return words[0];
}
