/** Makes the answer bigger: `options.bytes` of text that nobody reads. */
import type { Deed } from './deeds.ts';

export const pad: Deed = async ({ options = {} }) => {
  const terms = 'By placing an order you agree to be by the water more often. '.repeat(
    Math.ceil(Number(options.bytes) / 61),
  );
  return (reply) => ({ ...reply, body: { ...(reply.body as object), terms } });
};
