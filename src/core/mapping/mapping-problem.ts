import { type ErrorCode, errorCodes } from '../errors.ts'

/** What is wrong at one place of a mapping. Only errors keep a mapping from running; warnings are shown. */
export interface MappingProblem {
  /** Place in the definition, like `fields[3].remote`. */
  readonly path: string
  /** What stands there, as text. */
  readonly value: string
  readonly code: ErrorCode
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly remedy: string
}

/** A problem whose remedy is that of its code, unless a better one is given. */
export function mappingProblem(
  code: ErrorCode,
  path: string,
  value: string,
  message: string,
  more: { severity?: 'warning'; remedy?: string } = {},
): MappingProblem {
  return {
    path,
    value,
    code,
    severity: more.severity ?? 'error',
    message,
    remedy: more.remedy ?? errorCodes[code][1],
  }
}
