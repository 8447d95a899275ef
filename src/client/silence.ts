const SILENCE_MS = 45_000

/** Aborts what has not been heard of for a time: a connection whose other end is gone says nothing of that by itself. */
export class Silence {
  readonly signal: AbortSignal
  readonly #timer: NodeJS.Timeout

  constructor(limitMs = SILENCE_MS, signal?: AbortSignal) {
    const silent = new AbortController()
    const reason = new DOMException(`Nothing was heard for ${limitMs} ms`, 'TimeoutError')
    this.#timer = setTimeout(() => silent.abort(reason), limitMs)
    this.signal = signal ? AbortSignal.any([signal, silent.signal]) : silent.signal
  }

  /** Whatever is heard or not does not matter any more. */
  end(): void {
    clearTimeout(this.#timer)
  }

  /** Passes on what comes, and hears it. */
  listen(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      transform: (bytes, output) => {
        this.#timer.refresh()
        output.enqueue(bytes)
      },
    })
  }
}
