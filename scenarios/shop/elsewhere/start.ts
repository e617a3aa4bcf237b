/** Starts the server of the hosts of others, under a certificate and an authority of its own, when a fault needs it. */
import { makeShopCertificate } from '../certificate.ts';
import { type Part, type PartSite, startNodePart } from '../part.ts';
import { ELSEWHERE_PORT_VARIABLE } from '../services/page-additions.ts';
import type { ElsewhereAnswer } from './answers.ts';
import type { ElsewhereOptions } from './elsewhere.ts';
import { ELSEWHERE } from './hosts.ts';

export interface RunningElsewhere {
  /** For the services that send pages there. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly pins: readonly string[];
}

export async function startElsewhere(
  answers: readonly ElsewhereAnswer[],
  site: PartSite,
  keep: (part: Part) => void,
): Promise<RunningElsewhere> {
  if (answers.length === 0) return { addresses: {}, pins: [] };
  const certificate = await makeShopCertificate(ELSEWHERE);
  const options: ElsewhereOptions = { answers };
  const { part, ready } = await startNodePart<{ port: number }>(
    {
      name: 'elsewhere',
      module: 'elsewhere/elsewhere',
      args: [JSON.stringify(options)],
      env: { SHOP_TLS_KEY: certificate.key, SHOP_TLS_CERT: certificate.cert + certificate.ca },
    },
    site,
  );
  keep(part);
  return { addresses: { [ELSEWHERE_PORT_VARIABLE]: String(ready.port) }, pins: [certificate.pin] };
}
