/** Builds WAV files byte by byte, so that every field of the header can be made to lie. */

export interface WavParts {
  codec?: number;
  channels?: number;
  sampleRate?: number;
  bits?: number;
  blockAlign?: number;
  /** Chunks between fmt and data. */
  before?: Uint8Array[];
  /** Chunks after data. */
  after?: Uint8Array[];
  /** What the data chunk's header claims; by default the truth. */
  dataSize?: number;
  /** What the RIFF header claims; by default the truth. */
  riffSize?: number;
}

export function chunk(id: string, body: Uint8Array | number[], claimed = body.length): Uint8Array {
  const padded = new Uint8Array(8 + body.length + (body.length % 2));
  padded.set(new TextEncoder().encode(id));
  new DataView(padded.buffer).setUint32(4, claimed, true);
  padded.set(body, 8);
  return padded;
}

export function wav(data: Uint8Array, parts: WavParts = {}): Uint8Array {
  const { codec = 1, channels = 1, sampleRate = 16000, bits = 16, before = [], after = [] } = parts;
  const blockAlign = parts.blockAlign ?? (channels * bits) / 8;
  const format = new DataView(new ArrayBuffer(16));
  format.setUint16(0, codec, true);
  format.setUint16(2, channels, true);
  format.setUint32(4, sampleRate, true);
  format.setUint32(8, sampleRate * blockAlign, true);
  format.setUint16(12, blockAlign, true);
  format.setUint16(14, bits, true);
  const chunks = [
    chunk('fmt ', new Uint8Array(format.buffer)),
    ...before,
    chunk('data', data, parts.dataSize),
    ...after,
  ];
  const body = Buffer.concat([new TextEncoder().encode('WAVE'), ...chunks]);
  return chunk('RIFF', body, parts.riffSize);
}

/** Little-endian bytes of 16-bit samples. */
export function int16(...values: number[]): Uint8Array {
  return new Uint8Array(Int16Array.from(values).buffer);
}

/** Little-endian bytes of 32-bit float samples. */
export function float32(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
