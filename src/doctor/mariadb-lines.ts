/**
 * What MariaDB's configuration needs so that each statement is told, with what it read. Tried on 10.11; the demo shop
 * runs exactly these lines. The file's folder must be writable for the server.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  slow_query_log: '1',
  log_output: 'FILE',
  long_query_time: '0',
  log_slow_verbosity: 'query_plan,innodb,explain',
};

const WHY: Readonly<Record<string, string>> = { long_query_time: 's; a threshold in production' };

/** For the command line of `mariadbd`. */
export const MARIADB_LOG_SETTINGS = SETTINGS;

/** For the section `[mariadb]` of its configuration file. */
export const mariadbLines = (logFile: string): string =>
  [...Object.entries(SETTINGS), ['slow_query_log_file', logFile] as const]
    .map(([name, value]) => {
      const line = `${name} = ${value}`;
      return WHY[name] ? `${line.padEnd(40)} # ${WHY[name]}` : line;
    })
    .join('\n');
