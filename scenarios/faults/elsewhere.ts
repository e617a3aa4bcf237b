/** A host of others for a fault: its name in the private DNS, in a zone of its own, and what it answers. */
import { SHOP_TTL_S } from '../shop/dns-zones.ts';
import type { ElsewhereAnswer } from '../shop/elsewhere/answers.ts';
import type { ShopSettings } from '../shop/settings.ts';

export function answerElsewhere({ dns, elsewhere }: ShopSettings, answer: ElsewhereAnswer): void {
  const name = answer.host;
  const zone = name.split('.').slice(-2).join('.');
  if (!dns.zones.includes(zone)) dns.zones.push(zone);
  if (!dns.records.some((record) => record.name === name))
    dns.records.push({ name, type: 'A', ttl: SHOP_TTL_S, data: '127.0.0.1' });
  elsewhere.push(answer);
}
