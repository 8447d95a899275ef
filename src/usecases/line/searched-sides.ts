import {
  destinationSide,
  type JobDirection,
  jobDirections,
  type Side,
  sourceSide,
} from '../../core/mapping/definition.ts'
import type { LineSession } from './session.ts'

/** Partners of what this job reads; in a mapping with one direction also the records it reads themselves. */
export function searchedSides(session: LineSession, direction: JobDirection): readonly Side[] {
  const isOneWay = jobDirections(session.mapping.definition.direction).length === 1
  return isOneWay ? [destinationSide[direction], sourceSide[direction]] : [destinationSide[direction]]
}
