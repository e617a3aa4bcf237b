export { causeInWords } from '../../src/model/cause-words.ts';
