/** Builds the viewer into dist/viewer, and serves it with hot reload during development. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('./viewer'),
  base: '/',
  build: {
    outDir: here('./dist/viewer'),
    emptyOutDir: true,
    target: 'es2022',
    // The server's content security policy allows files, not data: addresses or inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One file on loopback, or inside an exported page: nothing would come sooner in pieces.
    chunkSizeWarningLimit: 1_000,
  },
  server: {
    host: '127.0.0.1',
    // The viewer shares src/model with the rest.
    fs: { allow: [here('.')] },
    proxy: { '/api': { target: 'http://127.0.0.1:4319', changeOrigin: true } },
  },
});
