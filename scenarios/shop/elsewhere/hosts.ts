/** All names that the server of others answers to. */
import { OLD_HOST, PARTNER_HOST, THIRD_PARTY_HOST } from '../names.ts';

export const ELSEWHERE = [THIRD_PARTY_HOST, PARTNER_HOST, OLD_HOST] as const;
