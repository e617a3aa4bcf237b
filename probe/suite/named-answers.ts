/**
 * Whether a site's servers name the trace of each answer by themselves (src/import/answered-in.ts). They are joined by
 * that, and need not be asked: a header on requests costs each of them time in the browser.
 *
 * ```
 * // test      1 asked     2 not asked   3 not asked        4 asked   …
 * // answers   all named   all named     one is not named   …
 * ```
 * Learned from the tests of a worker that have ended. Once somebody did not name it, or names one that it does not record,
 * all later tests ask.
 */
import { namedIn } from '../../src/import/answered-in.ts';
import type { CdpRequest } from '../cdp/network-recorder.ts';
import { originOf } from '../cdp/trace-header.ts';
import { INJECTED_TYPES } from '../target-watch.ts';

export class NamedAnswers {
  private isNamed = false;
  private isUnnamed = false;

  /** All that were seen, and there were some. */
  get suffice(): boolean {
    return this.isNamed && !this.isUnnamed;
  }

  /** @param site origins of the site; without one, that of the first document is */
  learn(requests: readonly CdpRequest[], site: ReadonlySet<string>): void {
    const asking = requests.filter(isAnswered);
    const first = asking.find(({ resourceType }) => resourceType === 'Document');
    const own = site.size > 0 ? site : new Set(first && [originOf(first.url)]);
    for (const request of asking) {
      if (!own.has(originOf(request.url))) continue;
      if (namedIn(request).some(({ sampled }) => sampled)) this.isNamed = true;
      // A balancer that redirects to https asks no server.
      else if (!isRedirect(request)) this.isUnnamed = true;
    }
  }
}

const isAnswered = ({ resourceType, statusCode, fromCache, method }: CdpRequest): boolean =>
  statusCode !== undefined && !fromCache && method !== 'OPTIONS' && INJECTED_TYPES.includes(resourceType);

const isRedirect = ({ statusCode = 0 }: CdpRequest): boolean => statusCode >= 300 && statusCode < 400;
