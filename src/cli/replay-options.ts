/** What `replay` is given by name: values, headers, a login. Checked where they enter. */
import { readFileSync } from 'node:fs';
import type { StorageState } from '../../probe/conditions.ts';
import { valueName, variableOf } from '../replay/named-values.ts';
import { UserError } from './user-error.ts';

export const headersFrom = (given: readonly string[]): Record<string, string> =>
  Object.fromEntries(given.map(headerOf));

function pair(text: string, option: string): [string, string] {
  const [, name, value] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new UserError(`${option} "${text}" is not NAME=VALUE.`);
  return [name, value];
}

function headerOf(text: string): [string, string] {
  const [name, variable] = pair(text, '--header-env');
  const value = process.env[variable];
  if (value === undefined)
    throw new UserError(`--header-env ${text}: the environment has no variable ${variable}.`);
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
    throw new UserError(`--header-env ${text}: "${name}" is no header's name.`);
  return [name, value];
}

/** The journey reads them where it is run again too. */
export function takeValues(given: readonly string[]): void {
  for (const text of given) {
    const [name, value] = pair(text, '--set');
    process.env[variableOf(valueName(name.replace(/^REPLAY_/, '')))] = value;
  }
}

export function readState(file: string): StorageState {
  try {
    const state: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof state === 'object' && state !== null && ('cookies' in state || 'origins' in state))
      return state as StorageState;
    throw new Error('it has neither cookies nor origins');
  } catch (error) {
    throw new UserError(`--storage-state ${file} cannot be used: ${(error as Error).message}.`);
  }
}
