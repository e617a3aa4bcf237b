/** What faults add to the shop's pages: scripts and styles in their heads. A healthy page has none of it. */
import { OLD_HOST, PARTNER_HOST, THIRD_PARTY_HOST } from '../names.ts';
import { Html } from './html.ts';

export const PAGES = ['list', 'product', 'cart', 'checkout', 'confirmation'] as const;
export type PageName = (typeof PAGES)[number];

export interface PageAddition {
  readonly page: PageName;
  /**
   * Put before the page's own styles and scripts. `{assets}` is the folder of the shop's files; `{third}`, `{partner}`
   * and `{old}` are the origins of others.
   */
  readonly head: string;
}

export const ADDITIONS_VARIABLE = 'SHOP_PAGE_ADDITIONS';
/** Port of the hosts of others. */
export const ELSEWHERE_PORT_VARIABLE = 'SHOP_ELSEWHERE_PORT';

/** Heads of pages, ready to be put in. */
export function headOf(
  page: PageName,
  additions: readonly PageAddition[],
  assets: string,
  elsewherePort: string,
): Html {
  const at = (host: string) => `https://${host}:${elsewherePort}`;
  const heads = additions.filter((addition) => addition.page === page).map(({ head }) => head);
  return new Html(
    heads
      .join('\n')
      .replaceAll('{assets}', assets)
      .replaceAll('{third}', at(THIRD_PARTY_HOST))
      .replaceAll('{partner}', at(PARTNER_HOST))
      .replaceAll('{old}', at(OLD_HOST)),
  );
}
