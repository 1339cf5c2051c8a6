import { describe, expect, it } from 'vitest';
import { synthesize } from '../../../src/ser/synth/index.js';
import { CORPORA, cremad, EMOTIONS, ravdess, savee, synth, tess, type Corpus } from '../../../src/ser/corpora/index.js';

/** Speaker and emotion of a path, or the reason, or null. */
function read(corpus: Corpus, file: string): string | null {
  const parsed = corpus.parse(file);
  if (parsed === null) return null;
  return 'reason' in parsed ? parsed.reason : `${parsed.speaker} ${parsed.emotion}`;
}

describe('classes', () => {
  it('are seven, in alphabetical order', () => {
    expect([...EMOTIONS]).toEqual([...EMOTIONS].sort());
    expect(new Set(EMOTIONS).size).toBe(7);
  });
});

describe('RAVDESS', () => {
  it('reads the emotion codes 01 to 08', () => {
    const codes = ['01', '02', '03', '04', '05', '06', '07', '08'];
    expect(codes.map((code) => read(ravdess, `Actor_19/03-01-${code}-01-01-01-19.wav`))).toEqual(
      ['neutral', 'calm', 'happy', 'sad', 'angry', 'fear', 'disgust', 'surprise'].map((e) => `RAVDESS/19 ${e}`),
    );
  });

  it('reads gender, intensity and statement', () => {
    expect(ravdess.parse('03-01-05-02-02-01-08.wav')).toEqual({
      corpus: 'RAVDESS',
      speaker: 'RAVDESS/08',
      emotion: 'angry',
      gender: 'female',
      intensity: 'strong',
      statement: 'Dogs are sitting by the door',
    });
    expect(ravdess.parse('deep/down/Actor_01/03-01-01-01-01-02-01.WAV')).toMatchObject({
      speaker: 'RAVDESS/01',
      gender: 'male',
      intensity: 'normal',
      statement: 'Kids are talking by the door',
    });
  });

  it('rejects songs, videos and codes that do not exist, with the reason', () => {
    expect(read(ravdess, '03-02-05-01-01-01-19.wav')).toMatch(/song/);
    expect(read(ravdess, '01-01-05-01-01-01-19.wav')).toMatch(/video/);
    expect(read(ravdess, '02-01-05-01-01-01-19.wav')).toMatch(/video/);
    expect(read(ravdess, '04-01-05-01-01-01-19.wav')).toMatch(/modality 04/);
    expect(read(ravdess, '03-03-05-01-01-01-19.wav')).toMatch(/channel 03/);
    expect(read(ravdess, '03-01-09-01-01-01-19.wav')).toMatch(/emotion 09/);
    expect(read(ravdess, '03-01-05-01-01-01-25.wav')).toMatch(/actor 25/);
    expect(read(ravdess, '03-01-05-01-01-01-00.wav')).toMatch(/actor 00/);
  });

  it('leaves other names alone', () => {
    expect(read(ravdess, '03-01-05-01-01-19.wav')).toBeNull();
    expect(read(ravdess, '2019-03-01.wav')).toBeNull();
  });
});

describe('TESS', () => {
  it('reads every emotion, in folders of any published case and spelling, and with no folder', () => {
    for (const [file, label] of [
      ['OAF_angry/OAF_back_angry.wav', 'TESS/OAF angry'],
      ['OAF_Fear/OAF_back_fear.wav', 'TESS/OAF fear'],
      ['OAF_Pleasant_surprise/OAF_back_ps.wav', 'TESS/OAF surprise'],
      ['YAF_pleasant_surprised/YAF_back_ps.wav', 'TESS/YAF surprise'],
      ['OAF_Sad/OAF_back_sad.wav', 'TESS/OAF sad'],
      ['YAF_disgust/YAF_back_disgust.wav', 'TESS/YAF disgust'],
      ['YAF_happy/YAF_back_happy.wav', 'TESS/YAF happy'],
      ['YAF_neutral/YAF_back_neutral.wav', 'TESS/YAF neutral'],
      ['TESS/YAF_back_ps.wav', 'TESS/YAF surprise'],
      ['oaf_back_FEAR.wav', 'TESS/OAF fear'],
    ]) {
      expect(read(tess, file), file).toBe(label);
    }
  });

  it('keeps the word, and that the speakers are women', () => {
    expect(tess.parse('YAF_fear/YAF_germ_fear.wav')).toMatchObject({
      corpus: 'TESS',
      gender: 'female',
      statement: 'germ',
    });
  });

  it('gives the misnamed clip OA_bite_neutral to OAF', () => {
    expect(read(tess, 'TESS/OAF_neutral/OA_bite_neutral.wav')).toBe('TESS/OAF neutral');
    expect(read(tess, 'flat/OA_bite_neutral.wav')).toBe('TESS/OAF neutral');
  });

  it('rejects a file whose folder contradicts its name, and an unknown emotion', () => {
    expect(read(tess, 'OAF_Fear/OAF_back_sad.wav')).toMatch(/folder is OAF_Fear/);
    expect(read(tess, 'YAF_sad/OAF_back_sad.wav')).toMatch(/folder is YAF_sad/);
    expect(read(tess, 'OAF_bored/OAF_back_bored.wav')).toMatch(/"bored" is not known/);
  });

  it('leaves other names alone', () => {
    expect(read(tess, 'OAF_neutral/notes.wav')).toBeNull();
    expect(read(tess, 'LOAF_back_sad.wav')).toBeNull();
  });
});

describe('CREMA-D', () => {
  it('reads actor, emotion, level and sentence', () => {
    const codes = ['ANG', 'DIS', 'FEA', 'HAP', 'NEU', 'SAD'];
    expect(codes.map((code) => read(cremad, `AudioWAV/1001_DFA_${code}_XX.wav`))).toEqual(
      ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad'].map((e) => `CREMA-D/1001 ${e}`),
    );
    expect(['LO', 'MD', 'HI', 'XX', 'X'].map((level) => cremad.parse(`1091_IEO_ANG_${level}.wav`))).toMatchObject([
      { intensity: 'low', statement: 'IEO' },
      { intensity: 'medium' },
      { intensity: 'high' },
      { intensity: undefined },
      { intensity: undefined },
    ]);
  });

  it('rejects codes and actors that do not exist, and leaves other names alone', () => {
    expect(read(cremad, '1001_DFA_SUR_XX.wav')).toMatch(/emotion SUR/);
    expect(read(cremad, '1001_DFA_ANG_ZZ.wav')).toMatch(/level ZZ/);
    expect(read(cremad, '1092_DFA_ANG_XX.wav')).toMatch(/actor 1092/);
    expect(read(cremad, '1001_DFA_ANG.wav')).toBeNull();
  });
});

describe('SAVEE', () => {
  it('reads all seven codes in both layouts', () => {
    const codes = ['a', 'd', 'f', 'h', 'n', 'sa', 'su'];
    const emotions = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'];
    expect(codes.map((code) => read(savee, `ALL/DC_${code}01.wav`))).toEqual(emotions.map((e) => `SAVEE/DC ${e}`));
    expect(codes.map((code) => read(savee, `AudioData/KL/${code}15.wav`))).toEqual(
      emotions.map((e) => `SAVEE/KL ${e}`),
    );
    expect(savee.parse('JE/sa07.wav')).toMatchObject({ corpus: 'SAVEE', gender: 'male', statement: 'sa07' });
  });

  it("takes a bare a01 only in a speaker's folder, and rejects a name that contradicts it", () => {
    expect(read(savee, 'songs/a01.wav')).toBeNull();
    expect(read(savee, 'DC/JK_a01.wav')).toMatch(/folder is DC/);
    expect(read(savee, 'DC/x01.wav')).toBeNull();
  });
});

describe('the synthetic corpus', () => {
  it('reads every class, and nothing else', () => {
    expect(EMOTIONS.map((emotion) => read(synth, `S07/S07_${emotion}_02.wav`))).toEqual(
      EMOTIONS.map((emotion) => `SYNTH/S07 ${emotion}`),
    );
    expect(read(synth, 'S07/S07_bored_02.wav')).toBeNull();
    expect(read(synth, 'S07_angry.wav')).toBeNull();
  });

  it('names speakers, and gives them the gender, as the synthesizer does', () => {
    for (const { speaker, gender, emotion } of synthesize({ speakers: 3, clipsPerEmotion: 1, emotions: ['sad'] })) {
      const parsed = synth.parse(`${speaker}/${speaker}_${emotion}_01.wav`);
      expect(parsed).toEqual({ corpus: 'SYNTH', speaker: `SYNTH/${speaker}`, emotion: 'sad', gender });
    }
  });
});

describe('all corpora', () => {
  it('agree on whose a file is: no name is claimed by two', () => {
    const names = [
      'Actor_01/03-01-05-01-01-01-01',
      'OAF_sad/OAF_back_sad',
      '1001_DFA_ANG_XX',
      'ALL/DC_a01',
      'DC/a01',
      'S01/S01_sad_01',
      'hello',
    ];
    const claims = names.map((name) =>
      CORPORA.filter((corpus) => corpus.parse(`${name}.wav`) !== null).map((c) => c.name),
    );
    expect(claims).toEqual([['RAVDESS'], ['TESS'], ['CREMA-D'], ['SAVEE'], ['SAVEE'], ['SYNTH'], []]);
  });

  it('read Windows paths too', () => {
    expect(read(savee, 'C:\\data\\DC\\a01.wav')).toBe('SAVEE/DC angry');
  });
});
