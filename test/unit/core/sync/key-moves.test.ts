import { expect, it } from 'vitest'
import { judgeKeyMoves } from '../../../../src/core/sync/key-moves.ts'

const verdicts = (...moves: string[]) =>
  judgeKeyMoves(
    moves.map((move) => {
      const [from = '', to = ''] = move.split('>')
      return { from: from === '' ? null : from, to }
    }),
  )

it.each([
  ['a free key', ['1>2', '3>4'], ['free', 'free']],
  ['keys handed on in a row', ['1>2', '2>3', '3>4'], ['waits', 'waits', 'free']],
  ['the same from the other end', ['3>4', '2>3', '1>2'], ['free', 'waits', 'waits']],
  ['two that exchange their keys, and one beside them', ['1>2', '2>1', '5>6'], ['circle', 'circle', 'free']],
  ['three in a circle', ['1>2', '2>3', '3>1'], ['circle', 'circle', 'circle']],
  ['one that waits for a circle', ['5>1', '1>2', '2>1'], ['circle', 'circle', 'circle']],
  ['a new record that gets a key that is given up', ['>1', '1>2'], ['waits', 'free']],
  ['a record made anew under its own key', ['1>1'], ['free']],
])('%s', (_what, moves, expected) => {
  expect(verdicts(...moves)).toEqual(expected)
})
