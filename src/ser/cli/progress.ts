/** Progress on stderr: a bar on a terminal, a plain line now and then elsewhere (a log file wants neither bars nor thousands of lines). */
import type { SingleBar } from 'cli-progress';
import type { Progress } from '../run/types.js';
import type { Output } from './io.js';
import { duration } from './table.js';

const TITLES: Readonly<Record<Progress['stage'], string>> = {
  download: 'Downloading',
  unpack: 'Unpacking',
  synthesize: 'Synthesizing',
  scan: 'Scanning',
  features: 'Features',
  train: 'Training',
  evaluate: 'Evaluating',
};
/** Seconds between two lines of one stage. */
const LINE_EVERY = 5;

export interface ProgressView {
  update(progress: Progress): void;
  /** Ends a bar that is still open. */
  close(): void;
}

/** The view that suits the stream. cli-progress is loaded for terminals only. */
export async function progressView(stderr: Output): Promise<ProgressView> {
  if (!stderr.isTTY) return lineView(stderr);
  const { default: cliProgress } = await import('cli-progress');
  return barView(
    () =>
      new cliProgress.SingleBar({
        // An `Io` that says that it is a terminal is one.
        stream: stderr as NodeJS.WritableStream,
        format: '{title} [{bar}] {value}/{total}{unit}  {note}',
        barsize: 24,
        fps: 8,
        gracefulExit: false, // interruptions are the command's business
      }),
  );
}

function barView(makeBar: () => SingleBar): ProgressView {
  let bar: SingleBar | undefined;
  let stage: Progress['stage'] | undefined;
  let began = { at: 0, done: 0 };
  let note = '';
  const close = (): void => {
    bar?.stop();
    bar = undefined;
    stage = undefined;
  };
  return {
    close,
    update(progress) {
      if (progress.stage !== stage) {
        close();
        stage = progress.stage;
        began = { at: Date.now(), done: progress.done };
        note = '';
        bar = makeBar();
        bar.start(progress.total, progress.done, {
          title: TITLES[stage].padEnd(12),
          unit: unitOf(progress),
          note,
        });
      }
      if (progress.epoch) note = epochText(progress.epoch);
      else if (progress.stage !== 'train') note = remaining(progress, began);
      bar?.setTotal(progress.total);
      bar?.update(progress.done, { note });
    },
  };
}

function lineView(stderr: Output): ProgressView {
  let stage: Progress['stage'] | undefined;
  let last = 0;
  let began: Beginning = { at: 0, done: 0 };
  return {
    close() {},
    update(progress) {
      const now = Date.now();
      const first = progress.stage !== stage;
      if (first) {
        last = now;
        began = { at: now, done: progress.done };
      }
      stage = progress.stage;
      const due = now - last >= LINE_EVERY * 1000;
      const title = TITLES[progress.stage];
      if (progress.epoch) {
        // The first epoch's line comes at once: it says that things work, and how long they will take.
        const { epoch, epochs } = progress.epoch;
        if (!due && epoch !== 1 && epoch !== epochs) return;
        stderr.write(`${title}: ${epochText(progress.epoch)}\n`);
      } else {
        const complete = progress.done >= progress.total && progress.stage !== 'train';
        if (!due && !complete) return;
        const unit = progress.stage === 'train' ? 'step ' : '';
        const rate = speed(progress, began);
        stderr.write(
          `${title}: ${unit}${progress.done} of ${progress.total}${unitOf(progress)}${rate && `, ${rate}`}\n`,
        );
      }
      last = now;
    },
  };
}

const unitOf = ({ unit }: Progress): string => (unit === undefined ? '' : ` ${unit}`);

/** When a stage began, and how much was done by then: work of an earlier call says nothing of this one's speed. */
interface Beginning {
  readonly at: number;
  readonly done: number;
}

function remaining(progress: Progress, began: Beginning): string {
  const { done, total } = progress;
  const elapsed = (Date.now() - began.at) / 1000;
  const here = done - began.done;
  const rate = speed(progress, began);
  if (done >= total) return [duration(elapsed), rate].filter(Boolean).join('  ');
  return here > 0 && elapsed > 1
    ? [`${duration((elapsed / here) * (total - done))} left`, rate].filter(Boolean).join('  ')
    : '';
}

/** Clips a second, once there is something to tell it by. */
function speed({ stage, done }: Progress, began: Beginning): string {
  const elapsed = (Date.now() - began.at) / 1000;
  const here = done - began.done;
  return stage === 'features' && here > 0 && elapsed > 1 ? `${(here / elapsed).toFixed(0)} clips/s` : '';
}

function epochText(epoch: NonNullable<Progress['epoch']>): string {
  const { loss, validationLoss, validationAccuracy, validationUar, clipsPerSecond, secondsLeft } = epoch;
  return (
    `epoch ${epoch.epoch}/${epoch.epochs}  loss ${loss.toFixed(3)}  validation loss ${validationLoss.toFixed(3)} ` +
    `accuracy ${validationAccuracy.toFixed(3)} UAR ${validationUar.toFixed(3)}  ${Math.round(clipsPerSecond)} clips/s  ` +
    `${duration(secondsLeft)} left`
  );
}
