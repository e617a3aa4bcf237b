/** A task's name for a person: what was done, and where. */
import type { MainThreadTask } from '../cdp/main-thread-task.ts';

const NAME_BY_KIND: Readonly<Record<string, string>> = {
  EvaluateScript: 'run script',
  'v8.compile': 'compile script',
  'v8.evaluateModule': 'run script',
  FunctionCall: 'run script',
  FireAnimationFrame: 'animation frame',
  TimerFire: 'timer',
  EventDispatch: 'event handler',
  ParseHTML: 'parse HTML',
  ParseAuthorStyleSheet: 'parse style sheet',
  UpdateLayoutTree: 'compute style',
  Layout: 'layout',
  PrePaint: 'paint',
  Paint: 'paint',
  Layerize: 'paint',
  Commit: 'paint',
  MajorGC: 'collect garbage',
  MinorGC: 'collect garbage',
};

const FAMILY: Readonly<Record<string, string>> = {
  'V8.GC': 'collect garbage',
  HTMLDocumentParser: 'parse HTML',
};

/** `run script /app.js`, `layout` */
export function taskName({
  kind,
  url,
  functionName,
}: Pick<MainThreadTask, 'kind' | 'url' | 'functionName'>): string {
  const family = Object.keys(FAMILY).find((prefix) => kind.startsWith(prefix));
  const what = NAME_BY_KIND[kind] ?? (family && FAMILY[family]) ?? kind;
  const where = url && URL.canParse(url) ? new URL(url).pathname : undefined;
  return [what, where, kind === 'FunctionCall' ? functionName : undefined].filter(Boolean).join(' ');
}
