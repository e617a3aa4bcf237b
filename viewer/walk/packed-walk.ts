/** The walk through a run that a file carries: made here, for there is no server, and along any request. */
import { viewOf } from '../../src/analyse/columns/span-at.ts';
import { walkOf } from '../../src/analyse/walk/walk.ts';
import type { Walk } from '../../src/model/walk.ts';
import { AskError } from '../api.ts';
import { readRun } from '../run/read-run.ts';

/** @throws AskError whose message is a sentence for the person */
export async function packedWalk(traceId: string, request: string | undefined): Promise<Walk> {
  const { columns } = await readRun(traceId);
  const view = viewOf(columns);
  if (request !== undefined && !view.trace.spans.some(({ spanId }) => spanId === request))
    throw new AskError('This run has no such request: leave it out to walk along the most telling one.');
  return walkOf(view, request);
}
