/** How a length is cut into passes. */

/**
 * The largest prime that has a butterfly of its own; a length with a larger one goes through Bluestein's convolution (tables.ts). Measured, four rows at once:
 * 16·17 numbers take a third of the time by butterflies, 16·31 still two thirds, but the text, and its compilation, grows with the square.
 */
export const LARGEST_RADIX = 23;

/** Factors of n in the order of the passes: 8s, then 4s (rather than 8 and 2), then primes. */
export function fftFactors(n: number): number[] {
  const factors: number[] = [];
  let twos = 0;
  let rest = n;
  while (rest % 2 === 0 && rest > 0) {
    rest /= 2;
    twos++;
  }
  const fours = twos % 3 === 2 ? 1 : twos % 3 === 1 && twos >= 4 ? 2 : 0;
  for (let i = 0; i < Math.floor((twos - 2 * fours) / 3); i++) factors.push(8);
  for (let i = 0; i < fours; i++) factors.push(4);
  if (twos === 1) factors.push(2);
  for (let prime = 3; prime * prime <= rest; prime += 2) {
    while (rest % prime === 0) {
      factors.push(prime);
      rest /= prime;
    }
  }
  if (rest > 1) factors.push(rest);
  return factors.length > 0 ? factors : [1];
}

/** Whether butterflies alone do a transform of length n. */
export const isSmooth = (n: number): boolean => fftFactors(n).every((r) => r <= LARGEST_RADIX);

/**
 * Length of the cyclic convolution that Bluestein's algorithm makes of a transform of length n: the least number from 2n − 1 up that is a
 * multiple of 4 with no prime above 5.
 */
export function convolutionLength(n: number): number {
  let length = Math.ceil((2 * n - 1) / 4) * 4;
  while (fftFactors(length).some((r) => r > 5 && r !== 8)) length += 4;
  return length;
}
