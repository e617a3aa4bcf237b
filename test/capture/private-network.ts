/**
 * Runs a script in a network of its own: private loopback, port 53 free, nobody else's packets in a capture.
 * Needs Linux and root (`unshare -n -m`). The pair of interfaces with a default route is for Chromium, which calls a
 * machine without one offline.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SETUP = `
ip link set lo up
ip link add hw0 type veth peer name hw1
ip addr add 192.0.2.1/24 dev hw0
# An address of its own making, a second later, would be a change of network to Chromium.
ip link set hw0 addrgenmode none
ip link set hw1 addrgenmode none
ip link set hw0 up
ip link set hw1 up
ip route add default via 192.0.2.2
if [ -n "$HEADWATER_TEST_RESOLV_CONF" ]; then mount --bind "$HEADWATER_TEST_RESOLV_CONF" /etc/resolv.conf; fi
exec "$@"
`;
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Why there can be no private network here; undefined when there can. */
export function whyNoPrivateNetwork(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const tried = spawnSync('unshare', ['-n', '-m', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
  return tried.status === 0 ? undefined : 'unshare -n -m is not permitted here';
}

/** Path of a program, or undefined. */
export const programPath = (name: string): string | undefined =>
  ['/usr/bin', '/usr/sbin', '/usr/local/bin'].map((folder) => `${folder}/${name}`).find(existsSync);

/** Called by the script, once: what it found. */
export function giveResult(result: unknown): void {
  const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  writeFileSync(process.env.HEADWATER_TEST_RESULT ?? '/dev/stdout', JSON.stringify(result, plain));
}

/** What the script gave as its result, bigints as text. Rejects with its stderr when it fails or takes too long. */
export function runInPrivateNetwork<Result>(
  script: URL,
  args: readonly string[],
  options: { limitMs: number; resolvConf?: string },
): Promise<Result> {
  // Profiles and logs of its own: other tests look whether theirs are gone.
  const folder = mkdtempSync(join(tmpdir(), 'headwater-private-'));
  chmodSync(folder, 0o711); // databases run as another user and must pass through
  const resultFile = join(folder, 'result.json');
  const command = [process.execPath, '--import', TSX, fileURLToPath(script), ...args];
  const child = spawn('unshare', ['-n', '-m', 'bash', '-c', SETUP, 'private-network', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: {
      ...process.env,
      HEADWATER_TEST_RESOLV_CONF: options.resolvConf ?? '',
      TMPDIR: folder,
      HEADWATER_TEST_RESULT: resultFile,
    },
  });
  const err: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  return new Promise<Result>((resolve, reject) => {
    const limit = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), options.limitMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      if (code === 0) resolve(JSON.parse(readFileSync(resultFile, 'utf8')) as Result);
      else
        reject(new Error(`${script.pathname} ended with ${code ?? signal}:\n${err.join('').slice(-2_000)}`));
      rmSync(folder, { recursive: true, force: true });
    });
  });
}
