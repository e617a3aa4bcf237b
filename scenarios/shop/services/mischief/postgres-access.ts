import { instrumentedPg } from '../telemetry.ts';
import { type Ask, type DatabaseAccess, type Outsider, unseen } from './access.ts';

export function postgresAccess(
  config: Readonly<Record<string, unknown>>,
  ask: Ask,
  inTransaction: DatabaseAccess['inTransaction'],
): DatabaseAccess {
  const { Client } = instrumentedPg();
  const outsider = async (name: string): Promise<Outsider> => {
    const client = new Client({ ...config, application_name: name });
    client.on('error', () => {}); // the server may end before it
    await unseen(() => client.connect());
    return {
      ask: async (sql, values) => {
        const result = await unseen(() => client.query(sql, values && [...values]));
        return (Array.isArray(result) ? result.at(-1) : result).rows; // of several statements: the last one's
      },
      end: () => unseen(() => client.end()),
    };
  };
  const openOneMore = async () => {
    const client = new Client(config);
    client.on('error', () => {});
    await client.connect();
    await client.end();
  };
  return { system: 'postgresql', ask, inTransaction, outsider, openOneMore };
}
