/** What the API answers about one run, and about nothing else: for a file that carries the run to where no server is. */

import { outcomeOf } from '../analyse/journey/outcome.ts';
import type { RunView } from '../model/report.ts';
import type { RunFile } from '../store/store.ts';
import { createApp } from './app.ts';

export interface AnswerAt {
  readonly path: string;
  readonly mediaType: string;
  readonly body: Uint8Array;
}

/** What the screens of a run ask for; `?*` stands for every query. Walks are made by the file itself. */
const pathsOf = (traceId: string): readonly string[] => [
  `/api/runs/${traceId}/columns`,
  `/api/runs/${traceId}/pipes`,
  '/api/journeys',
  '/api/alerts',
  '/api/runs?*',
];

/** @throws Error that names the path which was not answered */
export async function answersAbout(view: RunView): Promise<AnswerAt[]> {
  const app = createApp({
    store: {
      runs: () => [outcomeOf(view)],
      run: () => view,
      file: () => undefined,
      findTrace: () => [view.report.traceId],
    },
  });
  return Promise.all(
    pathsOf(view.report.traceId).map(async (path) => {
      const response = await app.request(`http://127.0.0.1${path.replace('?*', '')}`);
      if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
      return {
        path,
        mediaType: response.headers.get('content-type') ?? 'application/json',
        body: new Uint8Array(await response.arrayBuffer()),
      };
    }),
  );
}

/** The run's pictures of the page, at the paths where the API has them. */
export const picturesOf = (view: RunView, file: (name: string) => RunFile | undefined): AnswerAt[] =>
  (view.frames ?? []).flatMap(({ file: name }) => {
    const kept = file(name);
    const path = `/api/runs/${view.report.traceId}/files/${name}`;
    return kept ? [{ path, mediaType: kept.mediaType, body: kept.body }] : [];
  });
