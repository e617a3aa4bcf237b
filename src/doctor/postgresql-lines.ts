/**
 * What PostgreSQL's configuration needs so that each statement is told, with its plan and what it waited for. Tried on
 * 15 and 18. The demo shop runs exactly these lines.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  shared_preload_libraries: 'auto_explain',
  logging_collector: 'on',
  log_destination: 'jsonlog',
  log_timezone: 'UTC',
  log_min_duration_statement: '0',
  log_parameter_max_length: '0',
  log_lock_waits: 'on',
  deadlock_timeout: '10ms',
  log_temp_files: '0',
  compute_query_id: 'on',
  track_io_timing: 'on',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_format': 'json',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'on',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_triggers': 'on',
  'auto_explain.log_parameter_max_length': '0',
};

const WHY: Readonly<Record<string, string>> = {
  logging_collector: 'jsonlog needs it; this line and the first need a restart',
  log_min_duration_statement: 'ms; planning and COMMIT. A threshold in production',
  log_parameter_max_length: 'values are not logged',
  deadlock_timeout: 'shorter waits for locks are not told',
  'auto_explain.log_min_duration': 'ms; a threshold in production',
};

/** For the command line of `postgres -c`. */
export const POSTGRESQL_LOG_SETTINGS = SETTINGS;

/** For postgresql.conf. */
export const POSTGRESQL_LINES = Object.entries(SETTINGS)
  .map(([name, value]) => {
    const line = `${name} = '${value}'`;
    return WHY[name] ? `${line.padEnd(44)} # ${WHY[name]}` : line;
  })
  .join('\n');
