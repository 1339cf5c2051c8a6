/**
 * TensorFlow.js: `signal.stft` → power → mel → dB, clip by clip as it takes them: the mel bands only, without MFCC, ZCR and RMS. On the WebGPU
 * device it is Dawn, the same as Formant's.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { provideWebGpu } from '../peers/webgpu.mjs';
import { Check, SETTINGS } from './files.mjs';

export async function open(backend, dist, files) {
  if (backend === 'webgpu') {
    // The adapter that Formant would take: its own search sets up the software driver where there is no hardware.
    const { openDevice } = await import(join(dist, 'device/index.js'));
    const device = await openDevice({ device: 'webgpu' });
    device.destroy();
    provideWebGpu();
  }
  const require = createRequire(new URL('../peers/package.json', import.meta.url));
  const tf = require('@tensorflow/tfjs');
  if (backend === 'webgpu') require('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend(backend);
  await tf.ready();
  if (tf.getBackend() !== backend) throw new Error(`TensorFlow.js took ${tf.getBackend()} instead of ${backend}`);
  const { vendor = '', description = '' } = tf.backend().adapterInfo ?? {};
  const { readWav } = await import(join(dist, 'io/index.js'));
  const { melFilterbank } = await import(join(dist, 'dsp/index.js'));
  const { nFft, hopLength, nMels, sampleRate } = SETTINGS;
  const bank = melFilterbank({ sr: sampleRate, nFft, nMels });
  const bands = nFft / 2 + 1;
  const weights = tf.tensor2d(Float32Array.from(bank.data ?? bank), [nMels, bands]).transpose();
  const decibels = (samples) =>
    tf.tidy(() => {
      const half = nFft / 2;
      const padded = tf.pad1d(tf.tensor1d(samples), [half, half]);
      const spectrum = tf.signal.stft(padded, nFft, hopLength, nFft, tf.signal.hannWindow);
      const power = tf.add(tf.square(tf.real(spectrum)), tf.square(tf.imag(spectrum)));
      const db = tf.mul(tf.log(tf.maximum(tf.matMul(power, weights), 1e-10)), 10 / Math.LN10);
      return tf.maximum(db, tf.sub(tf.max(db), 80));
    });
  return {
    about: `TensorFlow.js ${tf.version.tfjs} on ${backend} (${description || vendor}): signal.stft, mel and dB only`,
    async stream() {
      const check = new Check();
      const times = { read: 0, decode: 0, device: 0 };
      let frames = 0;
      for (const [i, file] of files.entries()) {
        let at = performance.now();
        const { samples } = readWav(file);
        times.decode += performance.now() - at;
        at = performance.now();
        const result = decibels(samples);
        const data = await result.data();
        frames += result.shape[0];
        result.dispose();
        times.device += performance.now() - at;
        if (i < 4) check.add('mel', data);
      }
      return { clips: files.length, frames, times, check: check.means() };
    },
  };
}
