import type { Setting } from './scenario.ts'
import type { Deed, Mishap, Step } from './steps.ts'

/** A history as somebody would tell it: one line for each thing that happened. */
export class Story {
  readonly lines: string[] = []
  #number = 0

  begin(setting: Setting): void {
    const {
      remoteKeys,
      direction,
      onlyCoupled,
      updateConflict,
      fieldConflicts,
      capitals,
      skewMs,
      deletionConflict,
      filtered,
      withoutCity,
    } = setting
    const ofFields = Object.entries(fieldConflicts).map(([field, strategy]) => `, of ${field}: ${strategy}`)
    this.lines.push(
      `A mapping ${direction}, remote keys ${remoteKeys}, update conflicts: ${updateConflict}${ofFields.join('')}, deleted records: ${deletionConflict}, ${filtered ? `a ${filtered} filter, ` : ''}${withoutCity ? 'no cities, ' : ''}${onlyCoupled ? 'only coupled records' : 'creates new records'}${capitals ? ', remote cities in capitals' : ''}; the local clock is ${skewMs.local} ms and the remote one ${skewMs.remote} ms wrong.`,
    )
  }

  tell(line: string): void {
    this.#number += 1
    this.lines.push(`${String(this.#number).padStart(3)}. ${line}`)
  }

  /** Something that happens while a step is being carried out. */
  add(line: string): void {
    this.lines.push(`       ${line}`)
  }
}

export function tellStep(step: Step): string {
  switch (step.do) {
    case 'insert':
    case 'edit':
    case 'delete':
      return tellDeed(step)
    case 'begin':
      return `A transaction begins, in which ${tellDeed(step.deed)}`
    case 'commit':
      return 'All open transactions are committed'
    case 'run':
      return `Run: ${step.kind}, pages of ${step.pageSize}${tellMishaps(step.mishaps)}`
    case 'request':
      return `The ${step.side} record ${step.pick} is asked for${step.creates ? ', and may be created' : ''}, pages of ${step.pageSize}${tellMishaps(step.mishaps)}`
    case 'uncouple':
      return `Somebody uncouples ${step.side} records ${step.picks.join(', ')}, pages of ${step.pageSize}${tellMishaps(step.mishaps)}`
    case 'couple':
      return `Somebody couples local record ${step.local} and remote record ${step.remote}, and then: ${step.next}, pages of ${step.pageSize}${tellMishaps(step.mishaps)}`
    case 'choose':
      return `Somebody says what is done about deleted record ${step.pick}: ${step.choice}, pages of ${step.pageSize}${tellMishaps(step.mishaps)}`
    case 'decide':
      return `Somebody decides about ${step.scope === 'all' ? 'all conflicts' : `conflict ${step.pick}${step.scope === 'alike' ? ' and all alike' : ''}`}: ${step.take}${step.first ? `, and ${step.first} for the first field` : ''}`
    case 'pass':
      return `${step.ms} ms pass`
    case 'wake':
      return 'Processes that stood still go on'
    case 'release':
      return 'Writes that were under way arrive'
    case 'lose queue':
      return 'The queue loses everything'
    case 'change':
      return `Somebody edits the mapping: ${Object.entries(step.to).map(([name, value]) => `${name} becomes ${value}`)}`
    case 'settle':
      return `Everything comes to rest, with a ${step.kind} run, pages of ${step.pageSize}${tellMishaps(step.mishaps)}`
  }
}

function tellDeed(deed: Deed): string {
  if (deed.do === 'insert')
    return `a user inserts a ${deed.side} record${deed.refused ? ' with a refused value' : ''}`
  if (deed.do === 'delete') return `a user deletes ${deed.side} record ${deed.pick}`
  return `a user edits ${deed.side} record ${deed.pick}: ${deed.field} becomes ${deed.value}`
}

function tellMishaps(mishaps: readonly Mishap[]): string {
  const told = mishaps.map(({ before, nth, what }) => {
    const name = 'accident' in what ? `${what.accident} (${what.side})` : tellDeed(what)
    return `before ${before} ${nth}: ${name}`
  })
  return told.length === 0 ? '' : `; planned: ${told.join('; ')}`
}
