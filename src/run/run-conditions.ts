/** Under which conditions a run was walked, in a few words that are the same for runs that may be compared. */
import { HEADWATER, spanType } from '../model/attributes.ts';
import type { ReportedSpan } from '../model/span.ts';
import type { Conditions } from '../replay/conditions.ts';
import { knownConditions } from '../replay/known-conditions.ts';

/** @returns `cold`, `warm, CPU 4× slower`; `unknown` when neither the run nor its requests tell */
export function runConditions(spans: readonly ReportedSpan[]): string {
  const requests = spans
    .filter((span) => spanType(span.attributes[HEADWATER.type]) === 'request')
    .sort((a, b) => (a.startUnixNano < b.startUnixNano ? -1 : 1));
  return inWords(knownConditions(spans, requests));
}

/** What makes times different. The viewport, the keys that were trusted and a name server's port do not. */
function inWords({ connections, cache, cpuSlowdown, network, dns, thirdParties }: Conditions): string {
  const connected = connections ?? cache ?? 'unknown';
  const words = [
    connected,
    cache && cache !== connected && `cache ${cache}`,
    cpuSlowdown && cpuSlowdown > 1 && `CPU ${cpuSlowdown}× slower`,
    network &&
      `network +${network.latencyMs} ms, ${network.downloadBytesPerS}/${network.uploadBytesPerS} B/s`,
    dns && !dns.startsWith('forward') && `DNS ${dns.split('=')[0]}`,
    thirdParties && 'other sites blocked',
  ];
  return words.filter((word) => typeof word === 'string').join(', ');
}
