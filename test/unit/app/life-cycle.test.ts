import { describe, expect, it } from 'vitest'
import { type Child, startChild } from '../../support/child.ts'
import { waitFor } from '../../support/servers.ts'

const inOrder = ['drain http', 'drain worker', 'drain store', 'stop http', 'stop worker', 'stop store', 'end']

function service(...wishes: string[]): Child {
  return startChild('test/support/service.ts', { args: wishes })
}

function steps(child: Child): string[] {
  const lines = child.output().split('\n')
  return lines.filter((line) => /^(start|drain|stop) |^end/.test(line))
}

describe('a service', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order on %s and ends with 0', async (signal) => {
    const child = service()
    await child.printed(/ready/)
    process.kill(child.pid, signal)
    expect(await child.ended()).toBe(0)
    expect(steps(child)).toEqual(['start store', 'start worker', 'start http', ...inOrder])
    expect(child.output()).toContain(`"reason":"${signal}"`)
  })

  it('does every step although parts throw, names them, and ends with 1', async () => {
    const child = service('drain-http-throws', 'stop-worker-throws')
    await child.printed(/ready/)
    process.kill(child.pid, 'SIGTERM')
    expect(await child.ended()).toBe(1)
    expect(steps(child).slice(3)).toEqual(inOrder)
    expect(child.output()).toMatch(/"part":"http","step":"drain"/)
    expect(child.output()).toMatch(/"part":"worker","step":"stop"/)
  })

  it('stops what it has started when a part cannot start, and ends with 1', async () => {
    const child = service('start-worker-throws')
    expect(await child.ended()).toBe(1)
    expect(steps(child)).toEqual([
      'start store',
      'start worker',
      'drain worker',
      'drain store',
      'stop worker',
      'stop store',
      'end',
    ])
  })

  it.each(['rejection', 'exception'])(
    'logs an unhandled %s, stops in order and ends with 1',
    async (surprise) => {
      const child = service(surprise)
      expect(await child.ended()).toBe(1)
      expect(steps(child).slice(3)).toEqual(inOrder)
      expect(child.output()).toMatch(/"level":"error".*Unexpected error/)
    },
  )

  it('ends at once, with 1, when the limit has passed', async () => {
    const child = service('drain-worker-hangs', 'impatient')
    await child.printed(/ready/)
    process.kill(child.pid, 'SIGTERM')
    expect(await child.ended()).toBe(1)
    expect(steps(child).slice(3)).toEqual(['drain http', 'drain worker', 'drain store'])
    expect(child.output()).toContain('not stopped after 300 ms')
  })

  it('stops taking work everywhere while one part takes its time', async () => {
    const child = service('drain-http-hangs')
    await child.printed(/ready/)
    process.kill(child.pid, 'SIGTERM')
    await child.printed(/drain worker/)
    child.process.kill('SIGKILL')
    await child.ended()
  })

  it('ends at once, with 1, on a second signal', async () => {
    const child = service('drain-worker-hangs')
    await child.printed(/ready/)
    process.kill(child.pid, 'SIGINT')
    await child.printed(/drain worker/)
    await waitFor('it has ended', () => child.process.exitCode !== null || void child.process.kill('SIGINT'))
    expect(await child.ended()).toBe(1)
    expect(child.output()).toContain('SIGINT during the stop')
  })

  it('stops in order on one Ctrl-C that arrives twice, as it does below npm', async () => {
    const child = service('drain-http-signalled')
    await child.printed(/ready/)
    process.kill(child.pid, 'SIGINT')
    expect(await child.ended()).toBe(0)
    expect(steps(child).slice(3)).toEqual(inOrder)
  })

  it('ends with the code of its work, after stopping in order', async () => {
    const child = service('work')
    expect(await child.ended()).toBe(2)
    expect(steps(child).slice(3)).toEqual(inOrder)
  })

  it('tells its work to stop on a signal and waits for it', async () => {
    const child = service('work-until-stopped')
    await child.printed(/working/)
    process.kill(child.pid, 'SIGTERM')
    expect(await child.ended()).toBe(5)
    expect(steps(child).slice(3)).toEqual(inOrder)
  })

  it('stops in order and ends with 1 when its work throws', async () => {
    const child = service('work-throws')
    expect(await child.ended()).toBe(1)
    expect(steps(child).slice(3)).toEqual(inOrder)
  })
})
