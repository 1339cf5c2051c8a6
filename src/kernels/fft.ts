/**
 * Fast Fourier transforms along the last axis, of any length; complex numbers are pairs (re, im).
 *
 * `fft`: (R, n, 2) → (R, n, 2), with `fftTable(n)`. `rfft`: real (R, n) → (R, ⌊n/2⌋+1, 2), and `irfft` back, with `realTable(n)`.
 *
 * Stockham's self-sorting form (Cochran and others, "What is the fast Fourier transform?", 1967; laid out for GPUs by Govindaraju and
 * others, "High performance discrete Fourier transforms on graphics processors", SC 2008): n is split into factors; the pass for factor r with
 * `done` = the product of the factors before takes the r numbers at j + q·n/r, turns each by exp(−2πi·q·(j mod done)/(done·r)), transforms
 * them, and writes them `done` apart, so that no bit reversal is ever needed. Butterflies of 2, 4, 8 and odd primes to 23 are done in
 * registers; a length with a larger prime is a convolution of a friendlier length (Bluestein, fft/tables.ts).
 *
 * `passes`: a launch a factor, no barriers, any length (fft/passes.ts).
 * `workgroup`: threads share a row in workgroup memory, which is read and written once (fft/row-form.ts).
 * `rows4`: an invocation does four rows, one in each lane of vec4; for the WebAssembly device (fft/row-form.ts).
 */
export { fft, type FftAttrs } from './fft/complex.js';
export { fftFactors } from './fft/factors.js';
export { irfft, rfft, type IrfftAttrs, type RfftAttrs } from './fft/real.js';
export { fftTable, realTable, sameTable } from './fft/tables.js';
