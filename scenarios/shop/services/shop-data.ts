/** The database that `SHOP_DATABASE` names. */
import { requiredVariable } from '../part-process.ts';
import type { ShopData } from './shop-store.ts';

type Addresses = Readonly<Record<string, string>>;

/** Loads the database's client at once; connects when the addresses are known, all connections, so that no request waits. */
export async function loadShopData(
  applicationName: string,
): Promise<(addresses: Addresses) => Promise<ShopData>> {
  if (requiredVariable('SHOP_DATABASE') === 'mariadb') {
    const { connectMariadb } = await import('./mariadb-data.ts');
    return (addresses) => connectMariadb(addresses);
  }
  const { connectPostgres } = await import('./postgres-data.ts');
  return (addresses) => connectPostgres(applicationName, addresses);
}
