import type { ScheduleView } from '../../usecases/schedules/view-schedules.ts'
import { formatState, formatTime, print } from '../output.ts'

const overlaps = {
  merge: 'one run follows when the last one has ended',
  skip: 'it is left out',
} as const
const catchUps = { once: 'one run makes up for all of them', skip: 'they are left out' } as const

/** A schedule with everything that decides when it runs. */
export function printSchedule({ schedule, state, because, words, nextSlots, lastRun }: ScheduleView): void {
  const { name, kind, mapping, overlap, catchUp, inactivityMinutes, calendar, blackouts, lastDecision } =
    schedule
  print(`${name}: ${kind}${mapping === null ? '' : ` ${mapping}`}, ${words}`)
  print(`  state: ${state}${because === null ? '' : ` (${because})`}`)
  print(`  while its last run goes on: ${overlaps[overlap]}`)
  print(`  missed slots: ${catchUps[catchUp]}`)
  if (inactivityMinutes > 0)
    print(`  idle: after a run that found nothing it only looks for changes for ${inactivityMinutes} minutes`)
  if (calendar !== null)
    print(
      `  blackouts: ${calendar}${blackouts.map(({ from, to, reason }) => `\n    ${from} to ${to}: ${reason}`).join('')}`,
    )
  if (lastRun !== null)
    print(
      `  last run: ${lastRun.id} ${formatState(lastRun.state)}${lastRun.finishedAt ? ` at ${lastRun.finishedAt}` : ''}`,
    )
  if (lastDecision !== null) print(`  last slot: ${lastDecision}`)
  print(nextSlots.length === 0 ? '  no next runs' : '  next runs (UTC):')
  for (const slot of nextSlots) print(`    ${formatTime(slot)}`)
}
