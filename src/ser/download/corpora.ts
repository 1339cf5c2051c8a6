/** The corpora that publish open archives: where they lie, what they may be used for. */

export const DOWNLOADS = ['ravdess', 'crema-d'] as const;
export type DownloadName = (typeof DOWNLOADS)[number];

export interface Licence {
  readonly title: string;
  readonly licence: string;
  readonly terms: string;
  /** What a paper that uses it cites. */
  readonly cite: string;
  readonly page: string;
}

export const LICENCES: Readonly<Record<DownloadName, Licence>> = {
  ravdess: {
    title:
      'RAVDESS, the Ryerson Audio-Visual Database of Emotional Speech and Song: 1,440 spoken clips, 208 MB (about 600 MB unpacked)',
    licence: 'CC BY-NC-SA 4.0',
    terms: 'not for commercial use; name its makers; share what you make of it under the same licence',
    cite: 'Livingstone & Russo (2018), PLoS ONE 13(5): e0196391, doi:10.1371/journal.pone.0196391',
    page: 'https://zenodo.org/records/1188976',
  },
  'crema-d': {
    title: 'CREMA-D, the Crowd-sourced Emotional Multimodal Actors Dataset: 7,442 spoken clips, 606 MB',
    licence: 'ODbL 1.0 (its contents: DbCL 1.0)',
    terms: 'name its makers; share databases that you make of it under the same licence',
    cite: 'Cao, Cooper, Keutmann, Gur, Nenkova & Verma (2014), IEEE Transactions on Affective Computing 5(4), doi:10.1109/TAFFC.2014.2336244',
    page: 'https://github.com/CheyneyComputerScience/CREMA-D',
  },
};

/** The licence as it is shown before anything is fetched. */
export function licenceText(name: DownloadName): string {
  const { title, licence, terms, cite, page } = LICENCES[name];
  return `${title}\n  licence: ${licence}: ${terms}\n  cite:    ${cite}\n  from:    ${page}`;
}
