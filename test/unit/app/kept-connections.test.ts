import { describe, expect, it } from 'vitest'
import { keepConnections } from '../../../src/app/kept-connections.ts'
import type { Connector } from '../../../src/core/ports/connector.ts'
import type { ConnectionRecord } from '../../../src/core/ports/mapping-store.ts'

/** Connections whose connectors have the name of their address; what happens to them is written down. */
function given(failing: readonly string[] = []) {
  const told: string[] = []
  const connections = keepConnections(async ({ settings: { url = '' } }) => {
    told.push(`open ${url}`)
    if (failing.includes(url)) throw new Error(url)
    return { name: url, close: async () => void told.push(`close ${url}`) } as unknown as Connector
  })
  const connect = (url: string, id = 1) => connections.connect(record(url, id))
  /** Some work that goes on until it is told to end. */
  const begin = (work: () => Promise<unknown>) => {
    let resolve = () => {}
    const end = new Promise<void>((tell) => {
      resolve = tell
    })
    const done = connections.holdFor(async () => {
      await work()
      await end
    })
    return {
      end: () => {
        resolve()
        return done
      },
    }
  }
  return { told, connections, connect, begin }
}

const record = (url: string, id: number): ConnectionRecord => ({
  id,
  name: `connection ${id}`,
  kind: 'test',
  settings: { url },
})

describe('connections that are kept', () => {
  it('one is opened once and stays open between works; two connections do not replace each other', async () => {
    const { told, connections, connect } = given()
    for (const url of ['a', 'a', 'b']) await connections.holdFor(() => connect(url, url === 'a' ? 1 : 2))
    expect(told).toEqual(['open a', 'open b'])
    await connections.closeAll()
    expect(told).toEqual(['open a', 'open b', 'close a', 'close b'])
  })

  it('one that was replaced is closed with the last work that uses it, and not before', async () => {
    const { told, connections, connect, begin } = given()
    const [first, second] = [begin(() => connect('old')), begin(() => connect('old'))]
    await first.end()
    const third = begin(() => connect('new'))
    await third.end()
    expect(told).toEqual(['open old', 'open new'])
    await second.end()
    await connections.closeAll()
    expect(told).toEqual(['open old', 'open new', 'close old', 'close new'])
  })

  it('one that nobody uses is closed as soon as it is replaced', async () => {
    const { told, connections, connect } = given()
    await connections.holdFor(() => connect('old'))
    await connections.holdFor(() => connect('new'))
    expect(told).toEqual(['open old', 'open new', 'close old'])
  })

  it('settings that come back are opened again, or used on where somebody still does', async () => {
    const { told, connections, connect, begin } = given()
    const first = begin(() => connect('a'))
    await connections.holdFor(() => connect('b'))
    await connections.holdFor(() => connect('a'))
    await first.end()
    await connections.holdFor(() => connect('b'))
    expect(told).toEqual(['open a', 'open b', 'close b', 'open b', 'close a'])
  })

  it('one that was replaced is not the newest again because a work that holds it comes back to it', async () => {
    const { told, connections, connect } = given()
    await connections.holdFor(async () => {
      await connect('old')
      await connections.holdFor(() => connect('new'))
      await connect('old')
    })
    await connections.holdFor(() => connect('new'))
    await connections.closeAll()
    expect(told).toEqual(['open old', 'open new', 'close old', 'close new'])
  })

  it('what is used outside of any work, or behind its end, stays open to the end', async () => {
    const { told, connections, connect } = given()
    const late = await connections.holdFor(async () => () => connect('late', 2))
    await connect('free', 1)
    await connections.holdFor(() => connect('new', 1))
    await late()
    await connections.holdFor(() => connect('newer', 2))
    expect(told).toEqual(['open free', 'open new', 'open late', 'open newer'])
    await connections.closeAll()
    expect(told).toHaveLength(8)
  })

  it('one that could not be opened is tried again, and closes the one it has replaced', async () => {
    const { told, connections, connect } = given(['bad'])
    await connections.holdFor(() => connect('good'))
    for (const _ of [1, 2]) await expect(connections.holdFor(() => connect('bad'))).rejects.toThrow('bad')
    expect(told).toEqual(['open good', 'open bad', 'close good', 'open bad'])
    await connections.closeAll()
  })

  it('one on trial is nobody else\u2019s', async () => {
    const { told, connections, connect } = given()
    await connections.holdFor(() => connect('trial', 0))
    await connections.closeAll()
    expect(told).toEqual(['open trial'])
  })
})
