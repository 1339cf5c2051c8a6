import { Argument } from 'commander';
import { DOWNLOADS, LICENCES, licenceText, type DownloadName } from '../../download/corpora.js';
import type { Context } from '../context.js';
import { UsageError } from '../errors.js';
import { makeFolder } from '../folder.js';
import type { AddCommand } from '../program.js';
import { names, plural } from '../table.js';

interface Flags {
  readonly out: string;
  readonly url?: string;
  readonly yes?: true;
  readonly keepArchive?: true;
}

/** Mirrors, by environment. */
const MIRROR: Readonly<Record<DownloadName, string>> = {
  ravdess: 'FORMANT_RAVDESS_URL',
  'crema-d': 'FORMANT_CREMA_D_URL',
};

export const download: AddCommand = (program, pick) =>
  program
    .command('download')
    .description('fetch a corpus that is published openly; a second call goes on where the first was cut')
    .addArgument(new Argument('<corpus>', 'which one').choices(DOWNLOADS))
    .requiredOption('--out <dir>', 'folder to put it in')
    .option('--yes', 'I have read the licence and keep to it')
    .option('--url <address>', 'a mirror (also FORMANT_RAVDESS_URL, FORMANT_CREMA_D_URL)')
    .option('--keep-archive', 'do not remove the archive once it is unpacked')
    .action((corpus: DownloadName, flags: Flags) =>
      pick(async (context) => {
        await agree(context, corpus, flags);
        return context.work(async ({ onProgress, onNotice, signal }) => {
          makeFolder(flags.out);
          const functions = await import('../../download/index.js');
          const { out, keepArchive } = flags;
          const url = flags.url ?? context.io.env[MIRROR[corpus]];
          const found = await functions.download(corpus, { out, url, keepArchive, signal, onProgress, onNotice });
          const { folder, clips, fetched, missing } = found;
          const lost =
            missing.length > 0
              ? `\n${plural(missing.length, 'clip')} could not be found on the server: ${names(missing)}`
              : '';
          return {
            json: { corpus, ...found },
            text:
              `${folder} holds ${plural(clips, 'clip')}${fetched === 0 ? '; there was nothing to fetch' : ''}. ` +
              `Look at them with: formant corpus ${folder}${lost}`,
            code: missing.length > 0 ? 1 : 0,
          };
        });
      }),
    );

/** Shows the licence, and asks where there is somebody to ask. @throws UsageError without a yes */
async function agree(context: Context, corpus: DownloadName, { yes }: Flags): Promise<void> {
  const { io } = context;
  io.stderr.write(`${licenceText(corpus)}\n`);
  if (yes) return;
  if (io.stderr.isTTY && !context.json) {
    io.stderr.write('Do you keep to this licence? [y/N] ');
    for await (const line of io.lines()) {
      if (/^y(es)?$/i.test(line.trim())) return;
      break;
    }
  }
  throw new UsageError(
    `Nothing was fetched. If you keep to the licence shown (or at ${LICENCES[corpus].page}), say so with --yes.`,
  );
}
