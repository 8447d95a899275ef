import { describe, expect, it } from 'vitest'
import { BatchSize } from '../../../../src/connectors/dataverse/batch-size.ts'
import { sendChunks } from '../../../../src/connectors/dataverse/send-chunks.ts'
import { SyncError } from '../../../../src/core/errors.ts'

const items = Array.from({ length: 100 }, (_, index) => index)
const sizeOf = (first: number) => new BatchSize({ floor: 1, ceiling: 50, targetMs: 60_000, step: 5, first })
const settings = (first: number, parallelism = 1) => ({
  size: sizeOf(first),
  parallelism,
  fewest: 20,
})

describe('sending in chunks', () => {
  it('sends every item once, and what is left again, growing as long as it goes well', async () => {
    const sent: (readonly number[])[] = []
    let refused = false
    await sendChunks(items, settings(10), async (chunk) => {
      sent.push(chunk)
      if (refused || chunk.length < 20) return { status: null, left: [], durationMs: 10 }
      refused = true
      return { status: null, left: chunk.slice(-2), durationMs: 10 }
    })
    expect(sent.map((chunk) => chunk.length).slice(0, 3)).toEqual([10, 15, 20])
    expect([...new Set(sent.flat())]).toHaveLength(100)
    expect(sent.flat()).toHaveLength(102)
  })

  it('divides what one request would take among those side by side, but does not make them smaller than they need to be', async () => {
    const sizesOf = async (count: number, fewest: number) => {
      const sizes: number[] = []
      await sendChunks(items.slice(0, count), { ...settings(50, 4), fewest }, async ({ length }) => {
        sizes.push(length)
        return { status: null, left: [], durationMs: 10 }
      })
      return sizes
    }
    expect(await sizesOf(100, 20)).toEqual([25, 25, 25, 25])
    expect(await sizesOf(45, 20)).toEqual([20, 20, 5])
    expect(await sizesOf(100, 60)).toEqual([50, 50])
  })

  it('becomes smaller by the time that the service says it has worked', async () => {
    const sizes: number[] = []
    await sendChunks(items, settings(20), async ({ length }) => {
      sizes.push(length)
      return { status: null, left: [], durationMs: 120_000 }
    })
    expect(sizes.slice(0, 3)).toEqual([20, 15, 10])
  })

  it('halves after a request that was too large', async () => {
    const sizes: number[] = []
    await sendChunks(items, settings(40), async (chunk) => {
      sizes.push(chunk.length)
      return chunk.length > 15
        ? { status: 413, left: chunk, durationMs: 10 }
        : { status: null, left: [], durationMs: 10 }
    })
    expect(sizes.slice(0, 3)).toEqual([40, 20, 10])
  })

  it('after a failure begins nothing more, and ends when what is under way has ended', async () => {
    let running = 0
    let begun = 0
    let hasFailed = false
    const failure = new SyncError('ANSWER_TIMEOUT', 'too slow')
    const sending = sendChunks(items, settings(10, 3), async () => {
      begun += 1
      running += 1
      const isFirst = begun === 1
      while (isFirst ? begun < 3 : !hasFailed) await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      hasFailed = true
      if (isFirst) throw failure
      return { status: null, left: [], durationMs: 10 }
    })
    await expect(sending).rejects.toBe(failure)
    expect({ running, begun }).toEqual({ running: 0, begun: 3 })
  })
})
