/** What a run tells of each epoch: a line of log.jsonl, and an event for TensorBoard. */
import { appendFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { describeFsError, tensorBoardHeader, tensorBoardScalars, writeFileAtomic } from '../../io/index.js';
import type { EpochLog } from './checkpoint.js';
import { runFiles } from './config.js';
import { RunError } from './errors.js';

const EVENTS = /^events\.out\.tfevents\./;

const scalarsOf = (line: EpochLog): Record<string, number> => ({
  'loss/train': line.loss,
  'loss/validation': line.validationLoss,
  ...(line.trainAccuracy !== undefined && { 'training/accuracy': line.trainAccuracy }),
  'validation/accuracy': line.validationAccuracy,
  'validation/UAR': line.validationUar,
  'training/learning rate': line.lr,
  ...(line.clipsPerSecond !== undefined && { 'training/clips per second': line.clipsPerSecond }),
});

const now = (): number => Date.now() / 1000;

export class RunLog {
  private events: string | undefined;

  constructor(private readonly run: string) {}

  /** Adds an epoch. @throws RunError where the disk does not take it */
  append(line: EpochLog): void {
    this.events ??= this.begin([]);
    try {
      appendFileSync(runFiles(this.run).log, `${JSON.stringify(line)}\n`);
      appendFileSync(this.events, tensorBoardScalars({ wallTime: now(), step: line.epoch, scalars: scalarsOf(line) }));
    } catch (error) {
      throw new RunError(
        `The log of ${this.run} cannot be written: ${describeFsError(error)}. The last checkpoint is untouched: make room, then --resume ${this.run}.`,
        { cause: error },
      );
    }
  }

  /** Makes both files say this and no more, as the checkpoint has it that a run goes on from. */
  rewrite(history: readonly EpochLog[]): void {
    writeFileAtomic(runFiles(this.run).log, history.map((line) => `${JSON.stringify(line)}\n`).join(''));
    this.events = this.begin(history);
  }

  /**
   * A new event file in place of older ones. Its name is new as well: a TensorBoard that follows the old file turns to it, and drops by its
   * header what it has read before.
   */
  private begin(history: readonly EpochLog[]): string {
    const old = existsSync(this.run) ? readdirSync(this.run).filter((name) => EVENTS.test(name)) : [];
    const time = now();
    const name = `events.out.tfevents.${String(Math.floor(time * 1000)).padStart(14, '0')}.${hostname() || 'local'}`;
    const file = path.join(this.run, name);
    // When an epoch ended is not kept; how long it took is.
    let wallTime = time - history.reduce((sum, line) => sum + line.seconds, 0);
    const parts = [tensorBoardHeader(wallTime, 1)];
    for (const line of history) {
      wallTime += line.seconds;
      parts.push(tensorBoardScalars({ wallTime, step: line.epoch, scalars: scalarsOf(line) }));
    }
    writeFileAtomic(file, Buffer.concat(parts));
    for (const each of old) if (each !== name) rmSync(path.join(this.run, each), { force: true });
    return file;
  }
}
