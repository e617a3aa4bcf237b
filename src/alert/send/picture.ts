/** The page as a run saw it last: the last picture of its filmstrip. */
import type { Store } from '../../store/store.ts';
import type { PictureRef } from '../message.ts';
import type { Picture } from '../webhook-payload.ts';

/** A message is not a place for films; a filmstrip's picture has some 20 kB. */
const MAX_BYTES = 500_000;

export function lastPicture(store: Pick<Store, 'outline'>, traceId: string): PictureRef | undefined {
  const file = store.outline(traceId)?.frames?.at(-1)?.file;
  return file === undefined ? undefined : { traceId, file };
}

export function pictureBytes(store: Pick<Store, 'file'>, picture: PictureRef): Picture | undefined {
  const file = store.file(picture.traceId, picture.file);
  if (!file || file.body.byteLength > MAX_BYTES || !/^image\//.test(file.mediaType)) return undefined;
  return { mediaType: file.mediaType, base64: Buffer.from(file.body).toString('base64') };
}
