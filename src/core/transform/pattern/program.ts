import { type Node, PatternError, parsePattern } from './parse.ts'

/** One step of a program; numbers are the places of other steps, `slot` one of the two ends of a group. */
export type Instruction =
  | { readonly op: 'character'; readonly test: RegExp }
  | { readonly op: 'assert'; readonly at: '^' | '$' | '\\b' | '\\B' }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'forget'; readonly from: number; readonly to: number }
  /** The first way is preferred. */
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'match' }

export interface Program {
  readonly instructions: readonly Instruction[]
  /** Two per group, the whole match first. */
  readonly slots: number
}

/** Work per character is limited by the length of the program. */
const maxInstructions = 1_000

/** The program of a pattern, for `findMatch`. Throws PatternError, also for a pattern that is too long. */
export function compilePattern(source: string, ignoreCase: boolean): Program {
  const { node, groups } = parsePattern(source)
  const instructions: Instruction[] = []
  emit({ kind: 'group', number: 0, node }, { instructions, flags: ignoreCase ? 'iu' : 'u' })
  instructions.push({ op: 'match' })
  return { instructions, slots: 2 * (groups + 1) }
}

interface Target {
  readonly instructions: Instruction[]
  readonly flags: string
}

function emit(node: Node, target: Target): void {
  if (target.instructions.length > maxInstructions) throw new PatternError('The pattern is too long')
  switch (node.kind) {
    case 'atom':
      target.instructions.push({ op: 'character', test: new RegExp(`^${node.source}$`, target.flags) })
      break
    case 'assert':
      target.instructions.push({ op: 'assert', at: node.at })
      break
    case 'all':
      for (const each of node.nodes) emit(each, target)
      break
    case 'any':
      emitAny(node.nodes, target)
      break
    case 'group':
      target.instructions.push({ op: 'save', slot: 2 * node.number })
      emit(node.node, target)
      target.instructions.push({ op: 'save', slot: 2 * node.number + 1 })
      break
    case 'repeat':
      emitRepeat(node, target)
      break
  }
}

function emitAny([first, ...others]: readonly Node[], target: Target): void {
  if (!first) return
  if (others.length === 0) {
    emit(first, target)
    return
  }
  const { instructions } = target
  const split = { op: 'split' as const, first: instructions.length + 1, second: 0 }
  instructions.push(split)
  emit(first, target)
  const end = { op: 'jump' as const, to: 0 }
  instructions.push(end)
  split.second = instructions.length
  emitAny(others, target)
  end.to = instructions.length
}

type Repeat = Extract<Node, { kind: 'repeat' }>

function emitRepeat(node: Repeat, target: Target): void {
  for (let round = 0; round < node.min; round += 1) emitRound(node, target)
  if (node.max === null) emitLoop(node, target)
  else emitOptional(node, node.max - node.min, target)
}

function emitRound({ node, groups: [from, end] }: Repeat, target: Target): void {
  if (end > from) target.instructions.push({ op: 'forget', from: 2 * from, to: 2 * end })
  emit(node, target)
}

function emitLoop(node: Repeat, target: Target): void {
  const start = target.instructions.length
  const split = emitSplit(target)
  emitRound(node, target)
  target.instructions.push({ op: 'jump', to: start })
  closeSplit(split, node, start + 1, target)
}

/** Each round may be the last one, and then all later ones are left out. */
function emitOptional(node: Repeat, rounds: number, target: Target): void {
  const splits: { split: ReturnType<typeof emitSplit>; inside: number }[] = []
  for (let round = 0; round < rounds; round += 1) {
    const split = emitSplit(target)
    splits.push({ split, inside: target.instructions.length })
    emitRound(node, target)
  }
  for (const { split, inside } of splits) closeSplit(split, node, inside, target)
}

function emitSplit({ instructions }: Target) {
  const split = { op: 'split' as const, first: 0, second: 0 }
  instructions.push(split)
  return split
}

function closeSplit(
  split: { first: number; second: number },
  { isLazy }: Repeat,
  inside: number,
  { instructions }: Target,
): void {
  const after = instructions.length
  split.first = isLazy ? after : inside
  split.second = isLazy ? inside : after
}
