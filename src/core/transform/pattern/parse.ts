/** What a pattern means, before it becomes a program. `atom` matches one character and is a regular expression by itself. */
export type Node =
  | { readonly kind: 'atom'; readonly source: string }
  | { readonly kind: 'assert'; readonly at: '^' | '$' | '\\b' | '\\B' }
  | { readonly kind: 'all'; readonly nodes: readonly Node[] }
  | { readonly kind: 'any'; readonly nodes: readonly Node[] }
  | { readonly kind: 'group'; readonly number: number; readonly node: Node }
  | {
      readonly kind: 'repeat'
      readonly node: Node
      readonly min: number
      readonly max: number | null
      readonly isLazy: boolean
      /** Numbers of the groups inside: forgotten at the beginning of each round. */
      readonly groups: readonly [first: number, end: number]
    }

/** A counted repetition is written out, so it cannot be long. */
const maxRepetitions = 200

/** A pattern cannot be read; the message says where and why. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

/** Reads a regular expression without back references and look-around. Throws PatternError. */
export function parsePattern(source: string): { readonly node: Node; readonly groups: number } {
  const state: State = { source, at: 0, groups: 0 }
  const node = parseAlternatives(state)
  if (state.at < source.length) throw wrong(state, 'a closing bracket without an opening one')
  return { node, groups: state.groups }
}

interface State {
  readonly source: string
  at: number
  groups: number
}

function parseAlternatives(state: State): Node {
  const nodes = [parseSequence(state)]
  while (state.source[state.at] === '|') {
    state.at += 1
    nodes.push(parseSequence(state))
  }
  return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'any', nodes }
}

function parseSequence(state: State): Node {
  const nodes: Node[] = []
  while (state.at < state.source.length && !'|)'.includes(state.source[state.at] ?? '')) {
    const before = state.groups
    const node = parseOne(state)
    nodes.push(parseRepeat(state, node, before))
  }
  return { kind: 'all', nodes }
}

function parseOne(state: State): Node {
  const character = String.fromCodePoint(state.source.codePointAt(state.at) ?? 0)
  if (character === '(') return parseGroup(state)
  if (character === '[') return take(state, /\[(?:[^\]\\]|\\.)*\]/suy, 'a class without its closing bracket')
  if (character === '\\') return parseEscape(state)
  if ('*+?{'.includes(character)) throw wrong(state, `${character} has nothing to repeat`)
  state.at += character.length
  if (character === '^' || character === '$') return { kind: 'assert', at: character }
  return { kind: 'atom', source: '}]/'.includes(character) ? `\\${character}` : character }
}

function parseGroup(state: State): Node {
  const begin = state.at
  state.at += 1
  const isPlain = state.source.startsWith('?:', state.at)
  if (isPlain) state.at += 2
  else if (state.source[state.at] === '?') throw wrong(state, 'look-around and named groups are not known')
  if (!isPlain) state.groups += 1
  const number = state.groups
  const node = parseAlternatives(state)
  if (state.source[state.at] !== ')') throw wrong({ ...state, at: begin }, 'a bracket that is not closed')
  state.at += 1
  return isPlain ? node : { kind: 'group', number, node }
}

function parseEscape(state: State): Node {
  const next = state.source[state.at + 1]
  if (next === 'b' || next === 'B') {
    state.at += 2
    return { kind: 'assert', at: `\\${next}` }
  }
  if (/[1-9k]/.test(next ?? '')) throw wrong(state, 'back references are not known')
  return take(
    state,
    /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|.)/suy,
    'an escape',
  )
}

function take(state: State, pattern: RegExp, what: string): Node {
  pattern.lastIndex = state.at
  const [source] = pattern.exec(state.source) ?? []
  if (source === undefined || !isAtom(source)) throw wrong(state, `${what} that cannot be read`)
  state.at += source.length
  return { kind: 'atom', source }
}

function isAtom(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function parseRepeat(state: State, node: Node, groupsBefore: number): Node {
  const sign = /[*+?]|\{(\d+)(,(\d*))?\}/y
  sign.lastIndex = state.at
  const match = sign.exec(state.source)
  if (!match) return node
  if (mayBeEmpty(node)) throw wrong(state, 'what may be empty cannot be repeated')
  const [min, max] = bounds(match)
  if ((max ?? min) > maxRepetitions || (max !== null && max < min))
    throw wrong(state, `a repetition has to be in order and at most ${maxRepetitions}`)
  state.at += match[0].length
  const isLazy = state.source[state.at] === '?'
  if (isLazy) state.at += 1
  return { kind: 'repeat', node, min, max, isLazy, groups: [groupsBefore + 1, state.groups + 1] }
}

/** Engines differ in what an empty round means; nobody needs one. */
function mayBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'atom':
      return false
    case 'assert':
      return true
    case 'all':
      return node.nodes.every(mayBeEmpty)
    case 'any':
      return node.nodes.some(mayBeEmpty)
    case 'group':
      return mayBeEmpty(node.node)
    case 'repeat':
      return node.min === 0 || mayBeEmpty(node.node)
  }
}

function bounds([sign, from, comma, to]: RegExpExecArray): readonly [number, number | null] {
  if (sign === '*') return [0, null]
  if (sign === '+') return [1, null]
  if (sign === '?') return [0, 1]
  const min = Number(from)
  if (comma === undefined) return [min, min]
  return [min, to === '' || to === undefined ? null : Number(to)]
}

function wrong({ at }: State, reason: string): PatternError {
  return new PatternError(`At character ${at + 1}: ${reason}`)
}
