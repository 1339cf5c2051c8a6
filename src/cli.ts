#!/usr/bin/env node
/** The `formant` program. All of it is in ser/cli; this file only ties it to the process. */
import { main } from './ser/cli/main.js';
import { processIo } from './ser/cli/io.js';

// The code is set, never exited with: output that is still on its way to a pipe is then not cut off.
process.exitCode = await main(process.argv.slice(2), processIo());
