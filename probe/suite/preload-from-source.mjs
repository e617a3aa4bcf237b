// Loads preload.ts in a checkout, in a namespace of its own: Playwright's loader for TypeScript stays the suite's.
import { tsImport } from 'tsx/esm/api';

await tsImport('./preload.ts', import.meta.url);
