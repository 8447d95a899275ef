import { z } from 'zod'

/** Texts between connector and store that only this connector reads. The version says how to read them. */
const KeyPosition = z.strictObject({ v: z.literal(1), key: z.array(z.string()) })

/** Where a pass over changes stands. Times are texts in the type of the modified column, with all digits. */
const ChangePosition = z.strictObject({
  v: z.literal(1),
  /** The modified field the times belong to. */
  field: z.string(),
  /** First time of the pass; what is older has been seen by earlier passes. */
  from: z.string(),
  /** Nothing that becomes visible after the pass began has an earlier time. */
  ceiling: z.string(),
  /** Latest time in the table when the pass began, or null: a pass ends behind it. */
  top: z.string().nullable(),
  /** `without-time`: records without a modification time are read, before all others. */
  part: z.enum(['without-time', 'by-time']),
  /** Last record read; its time is null in the part without times. */
  after: z.strictObject({ time: z.string().nullable(), key: z.array(z.string()) }).nullable(),
})
export type ChangePosition = z.infer<typeof ChangePosition>

const Watermark = z.strictObject({ v: z.literal(1), field: z.string(), from: z.string() })

/** Key columns of the last record, or null: begin. A text that cannot be read means begin, too: nothing gets lost. */
export function readKeyPosition(cursor: string | null, keyLength: number): readonly string[] | null {
  const key = parse(KeyPosition, cursor)?.key
  return key?.length === keyLength ? key : null
}

export function writeKeyPosition(key: readonly string[]): string {
  return JSON.stringify({ v: 1, key: [...key] } satisfies z.input<typeof KeyPosition>)
}

/** Null when the cursor belongs to another field or key, for instance after the mapping was changed: begin again. */
export function readChangePosition(
  cursor: string | null,
  field: string,
  keyLength: number,
): ChangePosition | null {
  const position = parse(ChangePosition, cursor)
  const fits = position?.field === field && (position.after?.key.length ?? keyLength) === keyLength
  return fits ? position : null
}

export function writeChangePosition(position: ChangePosition): string {
  return JSON.stringify(position)
}

/** The time to read from; before all times when there is no watermark, or one of another field. */
export function readWatermark(watermark: string | null, field: string): string {
  const parsed = parse(Watermark, watermark)
  return parsed?.field === field ? parsed.from : '-infinity'
}

export function writeWatermark(field: string, from: string): string {
  return JSON.stringify({ v: 1, field, from } satisfies z.input<typeof Watermark>)
}

function parse<T>(schema: z.ZodType<T>, text: string | null): T | null {
  if (text === null || text === '') return null
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
