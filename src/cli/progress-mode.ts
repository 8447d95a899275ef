/** `live` redraws a block, `plain` appends lines, `none` is silent. */
export type ProgressMode = 'live' | 'plain' | 'none'

export type Terminal = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Live only where a person is looking; nothing at all where a machine reads. */
export function progressMode(options: { json: boolean; stream: Terminal }): ProgressMode {
  if (options.json) return 'none'
  return options.stream.isTTY === true ? 'live' : 'plain'
}
