import { expect, test } from 'vitest';
import { processIo } from '../../../src/ser/cli/io.js';

test('an interruption is heard once: the next one ends the process as if nobody listened', () => {
  const before = process.listenerCount('SIGINT');
  const heard: string[] = [];
  const stop = processIo().onInterrupt((signal) => heard.push(signal));
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  expect(process.listenerCount('SIGTERM')).toBeGreaterThan(0);
  // Only our own listener: the test runner may have one that ends it.
  process.listeners('SIGINT')[before]('SIGINT');
  expect(heard).toEqual(['SIGINT']);
  expect(process.listenerCount('SIGINT')).toBe(before);
  stop();
  expect(process.listenerCount('SIGINT')).toBe(before);
});

test('whoever stops listening leaves the process as it was', () => {
  const before = process.listenerCount('SIGTERM');
  const stop = processIo().onInterrupt(() => {});
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  stop();
  expect(process.listenerCount('SIGTERM')).toBe(before);
});
