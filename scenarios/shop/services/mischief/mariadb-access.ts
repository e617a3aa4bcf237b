import type { ConnectionOptions } from 'mysql2';
import { instrumentedMysql } from '../telemetry.ts';
import { type Ask, type DatabaseAccess, type Outsider, unseen } from './access.ts';

export function mariadbAccess(
  config: ConnectionOptions,
  ask: Ask,
  inTransaction: DatabaseAccess['inTransaction'],
): DatabaseAccess {
  const open = () =>
    new Promise<ReturnType<ReturnType<typeof instrumentedMysql>['createConnection']>>((resolve, reject) => {
      const connection = instrumentedMysql().createConnection(config);
      connection.on('error', () => {}); // the server may end before it
      connection.connect((error) => (error ? reject(error) : resolve(connection)));
    });
  const outsider = async (): Promise<Outsider> => {
    const connection = (await unseen(open)).promise();
    return {
      ask: async <Row>(sql: string, values: readonly unknown[] = []) =>
        (await unseen(() => connection.query(sql, [...values])))[0] as unknown as Row[],
      end: () => connection.end(),
    };
  };
  const openOneMore = async () => (await open()).promise().end();
  return { system: 'mariadb', ask, inTransaction, outsider, openOneMore };
}
