import { describe, expect, it } from 'vitest'
import { whereChainBegins } from '../../../../src/core/access/audit-chain.ts'

describe('the chain of the audit log', () => {
  const cut = { entries: 7, hash: 'abc' }
  it('is followed from where retention has left it, if the first entry comes right behind', () => {
    expect(whereChainBegins(8, cut)).toEqual(cut)
  })
  it.each([
    ['nothing was removed', 1, null],
    ['nothing is there', null, cut],
    ['only a claim was written', 1, cut],
    ['more is missing than was removed', 9, cut],
    ['less is missing than was removed', 5, cut],
  ] as const)('is followed from the beginning: %s', (_what, first, claimed) => {
    expect(whereChainBegins(first, claimed).entries).toBe(0)
  })
})
