import type { RepeatOptions } from 'bullmq'
import { z } from 'zod'
import type { Timing } from '../core/schedules/schedule.ts'
import { nextSlot } from '../core/schedules/slots.ts'

/**
 * A timing as BullMQ keeps it, word for word: the text of a pattern that nobody but `slotAfter` reads. So BullMQ carries the
 * slots, and one rule says which they are, whatever the kind of the schedule.
 */
const Pattern = z.object({
  everyMinutes: z.number().nullable(),
  cron: z.string().nullable(),
  anchorAt: z.string(),
  timeZone: z.string(),
  weekdays: z.array(z.number()).nullable(),
  windowFrom: z.string().nullable(),
  windowTo: z.string().nullable(),
  expiresAt: z.string().nullable(),
  blackouts: z.array(z.object({ from: z.string(), to: z.string(), reason: z.string() })),
}) satisfies z.ZodType<Timing>

/** BullMQ's strategy for queues and workers of schedules: the slot after `millis`; undefined: there is none any more. */
export function slotAfter(millis: number, { pattern }: RepeatOptions): number | undefined {
  return nextSlot(Pattern.parse(JSON.parse(pattern ?? '')), millis) ?? undefined
}

/** The pattern of a schedule: its timing and nothing else of it. */
export const patternOf = (timing: Timing): string => JSON.stringify(Pattern.parse(timing))
