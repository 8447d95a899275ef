import type { TrialTable } from './trial.ts'
import type { FacetUse, Use } from './use.ts'

/** Records in one request of each kind. */
export interface BatchSizes {
  readonly created: number
  /** Looked at once more after the creation: the service makes of a value what it likes, and its version is needed. */
  readonly readByKeys: number
  /** Keys, for the search for deleted records. */
  readonly listed: number
}

/** The fewest requests that create so many records in such batches; what describes tables and users comes on top. */
export function leastRequests(
  counts: Readonly<Record<TrialTable, number>>,
  { created, readByKeys, listed }: BatchSizes,
): number {
  return Object.values(counts).reduce(
    (sum, count) =>
      sum + Math.ceil(count / created) + Math.ceil(count / readByKeys) + Math.ceil(count / listed),
    0,
  )
}

/** The limit that sets the speed. */
function bindingFacet({ facets }: Use): FacetUse {
  return facets.reduce((most, each) => (each.mean > most.mean ? each : most))
}

/** A table of what was used of each limit, and whether the aims are met. */
export function formatUse(use: Use, least: number): string {
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`
  const binding = bindingFacet(use)
  const refusedPart = use.refused / (use.requests + use.refused)
  const overLeast = use.requests / least
  const aims = [
    [`the binding limit is ${binding.facet}`, `${percent(binding.mean)} used`, '≥ 90 %', binding.mean >= 0.9],
    [
      'no limit is exceeded',
      `${percent(Math.max(...use.facets.map(({ most }) => most)))} at most`,
      '≤ 100 %',
      use.facets.every(({ most }) => most <= 1),
    ],
    ['answers 429', `${use.refused} (${percent(refusedPart)})`, '< 1 %', refusedPart < 0.01],
    ['requests', `${use.requests}, ${overLeast.toFixed(2)} × the least`, '≤ 1.2', overLeast <= 1.2],
  ] as const
  return [
    ...use.facets.map(({ facet, mean, most }) =>
      [facet.padEnd(16), `mean ${percent(mean)}`.padEnd(16), `most ${percent(most)}`].join(''),
    ),
    `over ${use.windows.toFixed(1)} windows`,
    ...[...use.kinds].map(([kind, count]) => `${String(count).padStart(7)}  ${kind}`),
    ...aims.map(([what, result, aim, isMet]) => `${isMet ? 'met' : 'MISSED'}  ${what}: ${result} (${aim})`),
  ].join('\n')
}
