/**
 * Meyda in plain JavaScript, one thread: per frame its mfcc (13 of 128 mel bands), mel bands, zcr and rms, the nearest that it can do. Its mel
 * scale, window and logarithm are others than librosa's, so its numbers are, too.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SETTINGS } from './files.mjs';

export async function open(_backend, dist, files) {
  const require = createRequire(new URL('../peers/package.json', import.meta.url));
  const Meyda = require('meyda');
  const { readWav } = await import(join(dist, 'io/index.js'));
  const { nFft, hopLength, nMels, nMfcc, sampleRate } = SETTINGS;
  Object.assign(Meyda, { bufferSize: nFft, sampleRate, melBands: nMels, numberOfMFCCCoefficients: nMfcc });
  const wanted = ['mfcc', 'melBands', 'zcr', 'rms'];
  return {
    about: `Meyda ${require('meyda/package.json').version}, one thread`,
    async stream() {
      const times = { read: 0, decode: 0, device: 0 };
      let frames = 0;
      for (const file of files) {
        let at = performance.now();
        const { samples } = readWav(file);
        const padded = new Float32Array(samples.length + nFft);
        padded.set(samples, nFft / 2);
        times.decode += performance.now() - at;
        at = performance.now();
        for (let start = 0; start + nFft <= padded.length; start += hopLength, frames++) {
          Meyda.extract(wanted, padded.subarray(start, start + nFft));
        }
        times.device += performance.now() - at;
      }
      return { clips: files.length, frames, times };
    },
  };
}
