/** The name of a way between two parts, `web → inventory`: one string for each, however many calls went over it. */
import { rememberByName } from './by-name.ts';

const waysFrom = rememberByName((from) => rememberByName((to) => `${from} → ${to}`));

export const wayBetween = (from: string, to: string): string => waysFrom(from)(to);
