/** `npm run gallery`: every view and state of the viewer as a live example, on loopback, until Ctrl-C. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EXAMPLES } from './examples.ts';
import { startGallery } from './server.ts';

const HELP = `Shows every view and state of the viewer as a live example, on loopback, until Ctrl-C.

  npm run gallery                      at http://localhost:4320/gallery
  npm run gallery -- --port 0          on any free port

The same examples are the pictures that the tests compare: UPDATE_GOLDEN=1 npm test -- test/viewer/gallery.test.ts
draws them anew.`;

const DEFAULT_PORT = 4320;

const { values } = parseArgs({
  options: { port: { type: 'string', short: 'p' }, help: { type: 'boolean', short: 'h' } },
});

async function serve(): Promise<void> {
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error(`--port takes a number from 0 to 65535, not "${values.port}".`);
    process.exitCode = 2;
    return;
  }
  const viewerDir = fileURLToPath(new URL('../../dist/viewer', import.meta.url));
  const gallery = await startGallery({ port, viewerDir });
  console.log(`${EXAMPLES.length} examples: ${gallery.url}`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => gallery.stop());
}

if (values.help) console.log(HELP);
else
  await serve().catch((error: NodeJS.ErrnoException) => {
    console.error(
      error.code === 'EADDRINUSE'
        ? 'The port is in use: choose another with --port (0 takes any free one).'
        : error.message,
    );
    process.exitCode = 3;
  });
