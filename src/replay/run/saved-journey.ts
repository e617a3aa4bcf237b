/** Where the journey that was made of a recording is kept, for reading, changing and running. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { defaultStorePath } from '../../store/schema.ts';
import type { Recording } from '../recording.ts';

/** What tells one recording from another, wherever it is walked: later replays are held against the first. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 12);
export const recordingDigest = ({ name, steps }: Recording): string =>
  digestOf(JSON.stringify({ name, steps }));

/** @returns the file. @throws Error of the file system */
export function saveJourney(source: string, recording: Recording, wanted?: string): string {
  const file = resolve(wanted ?? join(dirname(defaultStorePath()), 'replays', `${fileName(recording)}.mjs`));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
  return file;
}

const fileName = (recording: Recording): string => {
  const words = recording.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${words || 'recording'}-${recordingDigest(recording)}`;
};
