/** The way data flows is the way the folders read: who may import whom, held for every file. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PURE = [
  'src/model',
  'src/import',
  'src/stitch',
  'src/analyse',
  'src/metrics',
  'src/replay',
  'src/alert',
];
/** What drives browsers, reads files and sends for a pure folder. */
const APART = ['src/replay/run', 'src/alert/send'];

function* sourceFiles(folder: string): Generator<string> {
  for (const name of readdirSync(join(ROOT, folder))) {
    const path = join(folder, name);
    if (statSync(join(ROOT, path)).isDirectory()) yield* sourceFiles(path);
    else if (/\.m?ts$/.test(name)) yield path;
  }
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Targets of relative imports as paths from the top; packages as they are written. */
  readonly imports: readonly string[];
}

const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

const files: SourceFile[] = ['src', 'probe', 'viewer', 'scenarios'].flatMap((folder) =>
  [...sourceFiles(folder)].map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const imports = [...text.matchAll(IMPORT)].map(([, target = '']) =>
      target.startsWith('.') ? relative(ROOT, normalize(join(ROOT, dirname(path), target))) : target,
    );
    return { path, text, imports };
  }),
);

const within = (folders: readonly string[]) => (path: string) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

function offenders(from: (path: string) => boolean, allowed: (target: string) => boolean): string[] {
  return files
    .filter((file) => from(file.path))
    .flatMap((file) => file.imports.filter((target) => !allowed(target)).map((t) => `${file.path} → ${t}`));
}

describe('import boundaries', () => {
  it('reads the code at all', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap((file) => file.imports).filter(within(['src/model'])).length).toBeGreaterThan(50);
  });

  it.each(PURE)('%s is pure: no Node.js, no DOM, no clock', (folder) => {
    const isPure = (path: string) => within([folder])(path) && !within(APART)(path);
    expect(offenders(isPure, (target) => !target.startsWith('node:') && !within(APART)(target))).toEqual([]);
    const impure = /\b(Date\.now|performance\.now|process\.|document\.|window\.|setTimeout)\b/;
    const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|`[^`]*`/g, '');
    const found = files.filter((file) => isPure(file.path) && impure.test(code(file.text)));
    expect(found.map((file) => file.path)).toEqual([]);
  });

  it('a recording knows spans and how runs are compared, and no format, store or browser', () => {
    const isRecording = (path: string) => within(['src/replay'])(path) && !within(APART)(path);
    expect(offenders(isRecording, within(['src/replay', 'src/model', 'src/analyse']))).toEqual([]);
  });

  it('an alert knows signals, and neither who judges nor who is told', () => {
    const isAlert = (path: string) => within(['src/alert'])(path) && !within(APART)(path);
    expect(offenders(isAlert, within(['src/alert', 'src/model']))).toEqual([]);
  });

  it('model imports nothing but itself', () => {
    expect(offenders(within(['src/model']), within(['src/model']))).toEqual([]);
  });

  it('stitch knows no format, analyse no stitching', () => {
    expect(offenders(within(['src/stitch']), within(['src/stitch', 'src/model']))).toEqual([]);
    // Columns are Arrow's: the library is as pure as the code around it.
    const known = within(['src/analyse', 'src/model', '@uwdata/flechette']);
    expect(offenders(within(['src/analyse']), known)).toEqual([]);
  });

  it('the viewer imports only model and analyse of ours', () => {
    const ours = within(['src', 'probe', 'scenarios', 'test']);
    const allowed = within(['src/model', 'src/analyse']);
    expect(offenders(within(['viewer']), (target) => !ours(target) || allowed(target))).toEqual([]);
  });

  it('nothing imports the command line', () => {
    const isCli = within(['src/cli']);
    expect(
      offenders(
        (path) => !isCli(path),
        (target) => !isCli(target),
      ),
    ).toEqual([]);
  });

  it('the product does not know the demo: only its command may import scenarios', () => {
    const product = (path: string) => within(['src', 'probe', 'viewer'])(path) && path !== 'src/cli/demo.ts';
    expect(offenders(product, (target) => !within(['scenarios'])(target))).toEqual([]);
  });

  it('only the command line prints or exits', () => {
    const speaks = /\b(console\.(log|error|warn|info)|process\.(exit|stdout|stderr))\b/;
    const found = files
      .filter((file) => within(['src', 'probe', 'viewer'])(file.path) && !within(['src/cli'])(file.path))
      .filter((file) => speaks.test(file.text));
    expect(found.map((file) => file.path)).toEqual([]);
  });

  it('has no drawers for odds and ends', () => {
    expect(
      files
        .map((file) => file.path)
        .filter((path) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(path)),
    ).toEqual([]);
  });
});
