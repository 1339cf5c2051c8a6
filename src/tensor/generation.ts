/** A commit ends a generation: intermediates of an earlier one have lost their values. */
let current = 0;
export const generation = (): number => current;
export function nextGeneration(): void {
  current++;
}
