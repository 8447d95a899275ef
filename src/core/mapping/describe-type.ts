import type { FieldType } from './schema.ts'

/** A type as people read it: `text of 30`, `decimal`, `option`. */
export function describeType(type: FieldType): string {
  const isLimited = (type.kind === 'text' || type.kind === 'code') && type.maxLength !== null
  return isLimited ? `${type.kind} of ${type.maxLength}` : type.kind
}
