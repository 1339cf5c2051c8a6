import { describe, expect, test } from 'vitest';
import { formant, temporaryFolder } from './harness.js';

const out = temporaryFolder();

describe('wrong usage ends with 2 and one sentence that says what to do', () => {
  test.each([
    ['an unknown command', ['trian'], /unknown command 'trian'.*Did you mean train\?/i],
    [
      'an unknown option',
      ['train', '--out', out, '--epoch', '3'],
      /unknown option '--epoch'.*Did you mean --epochs\?/i,
    ],
    ['a missing required option', ['synth'], /required option '--out <dir>' not specified/i],
    ['neither folders nor a manifest', ['corpus'], /folder that holds a corpus, or a --manifest/],
    ['a map that is none', ['corpus', out, '--map', 'calm'], /"calm" is no label=class/],
    ['a layout that does not exist', ['corpus', out, '--layout', 'flat'], /choices are auto, folders/i],
    ['a map without other data', ['evaluate', '--run', out, '--map', 'calm=sad'], /for other corpora/],
    ['a corpus that is not published openly', ['download', 'tess', '--out', out], /choices are ravdess, crema-d/i],
    ['one argument too many', ['info', 'now'], /too many arguments for 'info'/i],
    ['an option without its value', ['train', '--seed', '1', '--out', '--strict'], /'--out <run>' argument missing/i],
    ['a value missing at the end', ['train', '--data'], /'--data <dir...>' argument missing/i],
    ['letters for a number', ['train', '--out', out, '--epochs', 'many'], /'many' is invalid.*whole number from 1 up/i],
    ['a fraction for a whole number', ['train', '--out', out, '--epochs', '1.5'], /whole number from 1 up/],
    ['no epochs', ['train', '--out', out, '--epochs', '0'], /whole number from 1 up/],
    ['a negative seed', ['train', '--out', out, '--seed', '-1'], /'-1' is invalid.*whole number from 0 up/],
    ['a number beyond exact integers', ['train', '--out', out, '--seed', '9007199254740993'], /whole number from 0 up/],
    ['an empty number', ['train', '--out', out, '--seed', ''], /whole number from 0 up/],
    ['a learning rate of nothing', ['train', '--out', out, '--learning-rate', '0'], /number above 0/],
    [
      'a model that does not exist',
      ['train', '--out', out, '--model', 'cnn'],
      /choices are cnn-bilstm, cnn-bilstm-frames, bilstm, table-v, cnn2d, mlp\./,
    ],
    [
      'a fold that is no fold',
      ['train', '--out', out, '--protocol', 'loso', '--fold', '5/3'],
      /i\/n with i from 1 to n/,
    ],
    ['a fold of another protocol', ['train', '--out', out, '--fold', '1/3'], /--fold belongs to --protocol loso/],
    [
      'corpora to test of another protocol',
      ['train', '--out', out, '--test-corpora', 'TESS'],
      /--test-corpora belongs to --protocol cross-corpus; the protocol given is speaker/,
    ],
    [
      'cross-corpus without corpora to test',
      ['train', '--out', out, '--protocol', 'cross-corpus'],
      /needs the corpora to test on: --test-corpora TESS/,
    ],
    [
      'validation speakers where none are divided',
      ['train', '--out', out, '--protocol', 'random', '--validation-speakers', 'A/1'],
      /--validation-speakers belongs to --protocol speaker or cross-corpus/,
    ],
    [
      'test speakers of another protocol',
      ['train', '--out', out, '--protocol', 'random', '--test-speakers', 'A'],
      /belongs to/,
    ],
    ['an empty name among speakers', ['train', '--out', out, '--test-speakers', 'A,,B'], /comma between them/],
    ['no run folder', ['train'], /--out <run>.*--resume <run>/],
    [
      'new settings for an old run',
      ['train', '--resume', out, '--epochs', '9', '--seed', '1'],
      /--epochs, --seed cannot be given/,
    ],
    ['stdin and files together', ['predict', '--run', out, '-', 'a.wav'], /must be the only clip/],
    ['clips of no length', ['synth', '--out', out, '--seconds', '2-1'], /shortest and a longest/],
    ['a subject that bench does not know', ['bench', 'steps'], /choices are step, kernels, features/],
  ])('%s', async (_name, args, sentence) => {
    const plain = await formant(args, { runs: {} });
    expect(plain).toMatchObject({ code: 2, stdout: '' });
    expect(plain.stderr).toMatch(sentence);
    expect(plain.stderr).toMatch(/^formant: [^\n]+\n$/);

    const json = await formant([args[0], '--json', ...args.slice(1)], { runs: {} });
    expect(json).toMatchObject({ code: 2, stderr: '' });
    expect(json.json()).toEqual({ error: { type: 'UsageError', message: plain.stderr.slice('formant: '.length, -1) } });
  });

  test('no command: the help, on stderr', async () => {
    const { code, stdout, stderr } = await formant([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('No command was given');
    expect(stderr).toContain('evaluate');
  });
});

describe('help and version end with 0', () => {
  test.each([[['--help']], [['help']], [['train', '--help']], [['help', 'train']]])('%j', async (args) => {
    const { code, stdout, stderr } = await formant(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: formant /);
  });

  test('--version is the package', async () => {
    expect((await formant(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('failed work ends with 1', () => {
  test('a fault of our own says so, and shows its stack only when asked', async () => {
    const runs = {
      benchStep: () => Promise.reject(new TypeError('x is undefined')),
    };
    const quiet = await formant(['bench'], { runs });
    expect(quiet.code).toBe(1);
    expect(quiet.stderr).toMatch(/^formant: unexpected TypeError: x is undefined \(.*report.*\)\n$/);
    const loud = await formant(['bench'], { runs, env: { FORMANT_DEBUG: '1' } });
    expect(loud.stderr).toMatch(/\n {4}at /);
    expect((await formant(['bench', '--json'], { runs })).json()).toMatchObject({ error: { type: 'TypeError' } });
  });

  test('the device is closed after failure as after success', async () => {
    const failing = { benchStep: () => Promise.reject(new Error('no')) };
    expect((await formant(['bench'], { runs: failing })).closed).toBe(1);
    expect((await formant(['train', '--help'], { runs: {} })).closed).toBe(0);
  });

  test.each(['kernels', 'features'])('bench %s is not there yet', async (what) => {
    const { code, stderr } = await formant(['bench', what], { runs: {} });
    expect(code).toBe(1);
    expect(stderr).toContain('does not exist yet');
  });

  // As an administrator too: no permission lets anybody write into a file or into /proc.
  test.each([
    ['synth', ['synth'], '/dev/null/x'],
    ['features', ['features', out], '/dev/null/x'],
    ['train', ['train'], '/dev/null/x'],
    ['demo', ['demo'], '/dev/null/x'],
    ['train where the system has no files', ['train'], '/proc/formant-run'],
  ])('%s: a folder that cannot be written', async (_name, args, folder) => {
    const { code, stdout, stderr } = await formant([...args, '--out', folder], { runs: {} });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^formant: Cannot write to the folder [^\n]+Choose another --out\.\n$/);
  });
});
