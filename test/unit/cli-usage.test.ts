import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { exitCodeOfRun } from '../../src/cli/exit-codes.ts'
import { runCommandLine } from '../../src/cli/program.ts'

describe('a command line that is wrong', () => {
  let stdout = ''
  let stderr = ''
  beforeEach(() => {
    stdout = ''
    stderr = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      stdout += text
      return true
    })
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += text
      return true
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each([
    ['an unknown command', ['synchronise'], /unknown command 'synchronise'/],
    ['an unknown option', ['runs', '--colour'], /unknown option '--colour'/],
    ['a number that is none', ['run', 'first'], /Expected a whole number/],
    ['a number beyond the limit', ['runs', '--limit', '1001'], /from 1 to 1000/],
    ['an answer that is none', ['answer', '1', 'maybe'], /Allowed choices are yes, no/],
    ['a missing argument', ['sync', 'record', 'CUSTOMER'], /missing required argument 'keys'/],
    ['options that exclude each other', ['retry', '1', '--lines', '--records'], /cannot be used with/],
    ['a group without its command', ['sync'], /Usage: couplet sync/],
    [
      'a command that a group does not have',
      ['mappings', 'validat'],
      /unknown command 'validat' of mappings/,
    ],
  ])('ends with code 64 and a reason for %s', async (_what, args, reason) => {
    expect(await runCommandLine(args)).toBe(64)
    expect(stdout).toBe('')
    expect(stderr).toMatch(reason)
  })

  it('does not show the password of an address that was given where a variable should stand', async () => {
    const address = 'postgres://couplet:top-secret@host/db'
    expect(await runCommandLine(['setup', '--local', address, '--remote', 'env:REMOTE'])).toBe(64)
    expect(stderr).toContain('env:NAME')
    expect(stderr).not.toContain('top-secret')
  })

  it('documents its exit codes in --help', async () => {
    expect(await runCommandLine(['--help'])).toBe(0)
    expect(stdout).toMatch(/^ {2}2 +finished, but some records failed/m)
    expect(stdout).toMatch(/^ {2}64 +wrong usage/m)
  })
})

describe('the exit code of a run', () => {
  it.each([
    ['succeeded', 0],
    ['succeeded-with-failures', 2],
    ['failed', 1],
    ['cancelled', 1],
    ['running', 130],
  ] as const)('of a run that is %s is %i', (state, code) => {
    expect(exitCodeOfRun(state)).toBe(code)
  })
})
