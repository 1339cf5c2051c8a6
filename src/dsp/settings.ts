/** Checks that all functions of this room make of their settings. */
import { SettingsError } from './errors.js';

export function requireWhole(name: string, value: number, low: number, high = Infinity): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    const range = high === Infinity ? `from ${low} up` : `from ${low} to ${high}`;
    throw new SettingsError(`${name} is ${value}; give a whole number ${range}.`);
  }
}

/** A finite number above 0. */
export function requirePositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw new SettingsError(`${name} is ${value}; give a number above 0.`);
}

export function requireAtLeast(name: string, value: number, low: number): void {
  if (!(value >= low && Number.isFinite(value)))
    throw new SettingsError(`${name} is ${value}; give a number from ${low} up.`);
}

export function requireOneOf<T extends string | number>(name: string, value: T, allowed: readonly T[]): void {
  if (!allowed.includes(value)) {
    throw new SettingsError(
      `${name} is ${JSON.stringify(value)}; give one of ${allowed.map((v) => JSON.stringify(v)).join(', ')}.`,
    );
  }
}
