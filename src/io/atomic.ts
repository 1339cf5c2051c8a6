import * as fs from 'node:fs';
import * as path from 'node:path';
import { FileAccessError } from './errors.js';
import { describeFsError } from './files.js';

let counter = 0;

/**
 * Writes a file so that a reader, or a process killed at any point, sees either the old file or the whole new one: the data go
 * to a temporary name in the same folder, are flushed to the disk, and are renamed over the target (atomic in POSIX only
 * within one file system, hence the same folder). The temporary file is removed if anything fails.
 * @throws FileAccessError if the folder is missing or not writable, or the disk is full; the old file is then untouched.
 */
export function writeFileAtomic(target: string, data: Uint8Array | string): void {
  const folder = path.dirname(target);
  const temporary = temporaryName(target);
  try {
    const file = fs.openSync(temporary, 'wx');
    try {
      fs.writeFileSync(file, data);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(temporary, target);
  } catch (error) {
    removeIfThere(temporary);
    throw new FileAccessError(`Cannot write ${target}: ${describeFsError(error)}.`, { cause: error });
  }
  flushFolder(folder);
}

/**
 * {@link writeFileAtomic} for files by the thousand that can be made again: other readers and a process killed at any point see the old
 * file or the whole new one, but nothing is flushed to the disk (which would take longer than making the data), so that after a power cut
 * a file may hold anything: readers check what they read.
 * @throws FileAccessError as {@link writeFileAtomic}
 */
export async function replaceFile(target: string, data: Uint8Array | string): Promise<void> {
  const temporary = temporaryName(target);
  try {
    await fs.promises.writeFile(temporary, data, { flag: 'wx' });
    await fs.promises.rename(temporary, target);
  } catch (error) {
    removeIfThere(temporary);
    throw new FileAccessError(`Cannot write ${target}: ${describeFsError(error)}.`, { cause: error });
  }
}

/** Beside the target, hidden, and of this process alone. */
const temporaryName = (target: string): string =>
  path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.${counter++}.tmp`);

/**
 * Removes the temporary files that killed processes left in a folder; those of processes that live are let be.
 * @throws FileAccessError if the folder cannot be read
 */
export function removeLeftovers(folder: string): void {
  try {
    for (const name of fs.readdirSync(folder)) {
      const owner = /^\..*\.(\d+)\.\d+\.tmp$/.exec(name)?.[1];
      if (owner !== undefined && !isAlive(Number(owner))) removeIfThere(path.join(folder, name));
    }
  } catch (error) {
    throw new FileAccessError(`Cannot look into ${folder}: ${describeFsError(error)}.`, { cause: error });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process must not be sent signals, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Makes the rename itself survive a power cut. Some systems cannot open a folder for this; the file is whole in any case. */
function flushFolder(folder: string): void {
  let handle: number | undefined;
  try {
    handle = fs.openSync(folder, 'r');
    fs.fsyncSync(handle);
  } catch {
    // Windows and some network file systems refuse: nothing to do about it.
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}

/** Cleaning up must not hide why the write failed. */
function removeIfThere(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // It was never made (the folder is no folder, or not ours to write to).
  }
}
