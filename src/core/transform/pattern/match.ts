import type { Program } from './program.ts'

/** Begin and end of the match and of each group, in code units; -1 where a group has no part in it. */
export type Match = readonly number[]

interface Thread {
  readonly at: number
  readonly slots: readonly number[]
}

interface Run {
  readonly program: Program
  readonly text: string
  /** Round in which a step was last reached: each step is followed once per character. */
  readonly reached: Int32Array
  readonly effort: Effort
}

/** Steps that may still be taken; shared by all matches of one replacement. */
export interface Effort {
  left: number
}

/** The replacement would take too long. */
export class EffortError extends Error {
  override readonly name = 'EffortError'
}

/**
 * The first match at or after `from`, with the choices of JavaScript's own engine, in time proportional to the length of
 * the text whatever the pattern is: all ways are followed side by side (Thompson), none is tried again. Throws
 * EffortError.
 */
export function findMatch(program: Program, text: string, from: number, effort: Effort): Match | null {
  const reached = new Int32Array(program.instructions.length).fill(-1)
  const run: Run = { program, text, reached, effort }
  let threads: Thread[] = []
  let found: Match | null = null
  for (let position = from; ; ) {
    if (found === null) follow(run, threads, { at: 0, slots: noSlots(program) }, position)
    else if (threads.length === 0) return found
    const character = position < text.length ? String.fromCodePoint(text.codePointAt(position) ?? 0) : ''
    const next = position + character.length
    const round = advance(run, threads, character, next)
    found = round.found ?? found
    if (character === '') return found
    threads = round.ahead
    position = next
  }
}

/** One character further. A thread that has matched ends all that are less preferred. */
function advance(
  run: Run,
  threads: readonly Thread[],
  character: string,
  next: number,
): { readonly ahead: Thread[]; readonly found: Match | null } {
  const ahead: Thread[] = []
  for (const { at, slots } of threads) {
    const instruction = run.program.instructions[at]
    if (instruction?.op === 'match') return { ahead, found: slots }
    const goesOn = character !== '' && instruction?.op === 'character' && instruction.test.test(character)
    if (goesOn) follow(run, ahead, { at: at + 1, slots }, next)
  }
  return { ahead, found: null }
}

function noSlots({ slots }: Program): readonly number[] {
  return new Array<number>(slots).fill(-1)
}

/** Adds the steps that wait for a character, the preferred ones first. */
function follow(run: Run, threads: Thread[], thread: Thread, position: number): void {
  const { at, slots } = thread
  const instruction = run.program.instructions[at]
  if (instruction === undefined || run.reached[at] === position) return
  run.reached[at] = position
  run.effort.left -= 1
  if (run.effort.left < 0) throw new EffortError('The pattern takes too long for this text')
  const goTo = (to: number, now: readonly number[] = slots) =>
    follow(run, threads, { at: to, slots: now }, position)
  switch (instruction.op) {
    case 'jump':
      goTo(instruction.to)
      break
    case 'split':
      goTo(instruction.first)
      goTo(instruction.second)
      break
    case 'save':
      goTo(at + 1, slots.with(instruction.slot, position))
      break
    case 'forget':
      goTo(
        at + 1,
        slots.map((slot, index) => (isIn(instruction, index) ? -1 : slot)),
      )
      break
    case 'assert':
      if (holds(instruction.at, run.text, position)) goTo(at + 1)
      break
    default:
      threads.push(thread)
  }
}

function isIn({ from, to }: { from: number; to: number }, index: number): boolean {
  return index >= from && index < to
}

function holds(at: '^' | '$' | '\\b' | '\\B', text: string, position: number): boolean {
  if (at === '^') return position === 0
  if (at === '$') return position === text.length
  return (isWord(text[position - 1]) !== isWord(text[position])) === (at === '\\b')
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character)
}
