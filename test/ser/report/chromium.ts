/** A real browser for the tests: Chromium, where the system has one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser's command; undefined where there is none. */
export const chromium: string | undefined = NAMES.find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore', timeout: 20_000 }).status === 0,
);

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  // No host has an address: whatever a page asked for would fail.
  '--host-resolver-rules=MAP * ~NOTFOUND',
];

/** Runs the browser on a page; flags say what it gives back. @throws if it fails or takes a minute */
function run(flags: readonly string[], page: string): string {
  if (!chromium) throw new Error('There is no Chromium here.');
  const profile = mkdtempSync(join(tmpdir(), 'formant-browser-'));
  try {
    return execFileSync(chromium, [...QUIET, `--user-data-dir=${profile}`, ...flags, `file://${page}`], {
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A picture of the page's first `height` pixels. */
export function screenshot(page: string, file: string, width: number, height: number): Buffer {
  run([`--screenshot=${file}`, `--window-size=${width},${height}`], page);
  return readFileSync(file);
}

/** The page as it is after its scripts have run. */
export function dom(page: string, width: number): string {
  return run(['--dump-dom', '--virtual-time-budget=2000', `--window-size=${width},900`], page);
}
