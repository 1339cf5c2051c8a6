/** The command line from end to end: arguments in, text out, an exit code back. Never ends the process itself. */
import { CommanderError, type Command } from 'commander';
import { FormantError } from '../../device/errors.js';
import { describeFsError } from '../../io/files.js';
import { makeContext } from './context.js';
import { InterruptedError, UsageError } from './errors.js';
import type { Io } from './io.js';
import { makeProgram, type Job } from './program.js';
import { services as allServices, type Services } from './services.js';

/**
 * Runs one command.
 * @param argv the arguments after `node cli.js`
 * @returns the exit code: 0 done, 1 the work failed, 2 wrong usage, 130 or 143 interrupted
 */
export async function main(argv: readonly string[], io: Io, services: Services = allServices): Promise<number> {
  const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const json = options.includes('--json');
  let engine = false;
  const watched: Services = {
    ...services,
    runs: () => {
      engine = true;
      return services.runs();
    },
  };
  try {
    const job = readCommandLine(argv, io);
    if (!job) return 0;
    const outcome = await job(makeContext(io, json, watched));
    if (!outcome.printed) io.stdout.write(json ? `${JSON.stringify(outcome.json)}\n` : `${outcome.text}\n`);
    return outcome.code ?? 0;
  } catch (error) {
    return report(error, io, json);
  } finally {
    // An open device would keep the process alive.
    if (engine) await services.close();
  }
}

/** The job that the arguments ask for; none where they only ask for help. @throws UsageError */
function readCommandLine(argv: readonly string[], io: Io): Job | undefined {
  let job: Job | undefined;
  let help = '';
  const output = { out: (text: string) => void io.stdout.write(text), err: (text: string) => void (help += text) };
  const program = makeProgram(output, (picked) => (job = picked));
  try {
    checkValues(program, argv);
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    if (help !== '') throw new UsageError(`No command was given.\n\n${help.trimEnd()}`, { cause: error });
    const command = program.commands.find((each) => argv.includes(each.name()));
    const text = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/([^.?)])$/, '$1.');
    throw new UsageError(`${sentence} See: formant ${command ? `${command.name()} ` : ''}--help`, { cause: error });
  }
  return job;
}

/** commander takes `--out --json` for an output named `--json`; surely a value was forgotten. */
function checkValues(program: Command, argv: readonly string[]): void {
  const command = program.commands.find((each) => each.name() === argv[0]);
  for (const [i, text] of argv.entries()) {
    if (text === '--') return;
    const option = command?.options.find(({ long, required }) => required && long === text);
    if (option && argv[i + 1]?.startsWith('--')) {
      command?.error(`error: option '${option.flags}' argument missing (found ${argv[i + 1]})`, { exitCode: 1 });
    }
  }
}

/** Prints a failure in one sentence (or as JSON) and returns its exit code. */
function report(error: unknown, io: Io, json: boolean): number {
  const { type, message } = describe(error);
  if (json) io.stdout.write(`${JSON.stringify({ error: { type, message } })}\n`);
  else io.stderr.write(`formant: ${message}\n`);
  if (io.env.FORMANT_DEBUG === '1' && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
  if (error instanceof InterruptedError) return error.exitCode;
  return error instanceof UsageError ? 2 : 1;
}

function describe(error: unknown): { type: string; message: string } {
  if (error instanceof FormantError) return { type: error.name, message: error.message };
  if (!(error instanceof Error)) return { type: 'Error', message: String(error) };
  // A file error that nobody has put into words yet.
  if ('code' in error && 'path' in error) {
    return { type: error.name, message: `${String(error.path)}: ${describeFsError(error)}.` };
  }
  return {
    type: error.name,
    message: `unexpected ${error.name}: ${error.message} (a fault of formant; FORMANT_DEBUG=1 shows where, please report it)`,
  };
}
