/** Milliseconds since 1970 at which the first seeded record was made: 2024-01-01. */
const seedStartMs = Date.UTC(2024, 0, 1)

/** When the record at a position was made: four records a second, so that times in seconds have ties. */
export function seedModifiedMs(position: number): number {
  return seedStartMs + position * 250
}
