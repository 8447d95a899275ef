import { createHash } from 'node:crypto'

/**
 * The version of a record as the product writes it: opaque base64 of `'19;<digits>;00;'`, a new one with every change
 * (connectors.md B.5). `content` is anything that is different whenever the record is.
 */
export function etagOf(content: string): string {
  const digits = createHash('sha1').update(content).digest().readBigUInt64BE().toString()
  return `W/"${Buffer.from(`'19;${digits};00;'`).toString('base64')}"`
}

/** Whether the header `If-Match` of a request allows to write a record of this version. */
export function matches(ifMatch: string, etag: string): boolean {
  const weak = (text: string): string => text.trim().replace(/^W\//, '')
  return ifMatch.split(',').some((each) => each.trim() === '*' || weak(each) === weak(etag))
}
