/** What a person does with a waterfall, done and timed inside the page. Each function runs in the browser. */

export interface Frames {
  /** Between one frame and the next, ms. */
  readonly intervals: readonly number[];
  /** Of those, how long the page's main thread was busy with the frame, ms: script, style, layout, paint. */
  readonly work: readonly number[];
}

export type Gesture = 'pan' | 'zoom' | 'scroll';

/** A gesture a frame for so long, as events that the page cannot tell from a trackpad's. */
export function framesWhile({ gesture, lastsMs }: { gesture: Gesture; lastsMs: number }): Promise<Frames> {
  const scroller = document.querySelector('.scroller') as HTMLElement;
  const stage = document.querySelector('.stage') as HTMLElement;
  const box = stage.getBoundingClientRect();
  const spot = { clientX: box.left + box.width * 0.7, clientY: box.top + box.height / 2 };
  const wheel = (more: WheelEventInit) =>
    stage.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, ...spot, ...more }));
  const act = (n: number) => {
    const back = n % 120 >= 60;
    if (gesture === 'scroll') scroller.scrollTop += back ? -173 : 173;
    else if (gesture === 'pan') wheel({ deltaX: back ? -40 : 40 });
    else wheel({ deltaY: back ? 30 : -30, ctrlKey: true });
  };
  return new Promise((resolve) => {
    const intervals: number[] = [];
    const work: number[] = [];
    const { port1, port2 } = new MessageChannel();
    let [began, before, frame] = [performance.now(), 0, 0];
    const started = began;
    // Posted from a frame, the message comes when the frame has been painted.
    port1.onmessage = () => work.push(performance.now() - began);
    const step = (now: number) => {
      began = performance.now();
      if (before > 0) intervals.push(now - before);
      before = now;
      if (began - started > lastsMs) {
        port1.close();
        resolve({ intervals, work });
        return;
      }
      act(frame++);
      port2.postMessage(0);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
}

/** From the jump to the painted rows, ms each. Every row is open. */
export async function jumps(times: number): Promise<number[]> {
  const scroller = document.querySelector('.scroller') as HTMLElement;
  const range = scroller.scrollHeight - scroller.clientHeight;
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const start = performance.now();
    // Steps of the golden ratio: everywhere, and in the same places each time.
    scroller.scrollTop = Math.round(range * ((i * 0.618) % 1));
    await painted();
    taken.push(performance.now() - start);
  }
  return taken;

  function painted(): Promise<void> {
    return new Promise((resolve) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve();
        port2.postMessage(0);
      });
    });
  }
}

/** From the last letter to the count of what was found, ms each. */
export async function searches(words: readonly string[]): Promise<number[]> {
  const field = document.querySelector('input[type=search]') as HTMLInputElement;
  const taken: number[] = [];
  for (const word of words) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    field.value = word;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
    taken.push(performance.now() - start);
  }
  return taken;
}

/** From the key to the painted screen, ms. */
export async function press(key: string): Promise<number> {
  const start = performance.now();
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  return performance.now() - start;
}

declare global {
  /** Of the tasks that kept the page's main thread for longer than 50 ms: how long, ms. */
  var taskTimesMs: number[];
}

/** Runs before the page does. */
export function watchTasks(): void {
  globalThis.taskTimesMs = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.taskTimesMs.push(duration);
  }).observe({ type: 'longtask', buffered: true });
}
