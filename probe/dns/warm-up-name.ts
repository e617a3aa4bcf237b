/** The name that a browser asks for once before a journey (warm-up.ts), which the resolver answers by itself. */
import { normalName, questionOf, RCODE, respond } from './dns-message.ts';
import type { Resolver } from './forward-resolver.ts';

/** `.invalid` never exists (RFC 6761 §6.4), so no journey can mean it. */
export const WARM_UP_NAME = 'warm-up.headwater.invalid';

/** Answers the warm-up's name (and its HTTPS record) without asking anybody. */
export const answeringWarmUp =
  (resolve: Resolver): Resolver =>
  async (query) =>
    normalName(questionOf(query).name).endsWith(WARM_UP_NAME)
      ? respond(query, RCODE.nameError)
      : resolve(query);
