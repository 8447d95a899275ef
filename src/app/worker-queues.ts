/** Which queues a worker takes jobs from, as people name them. */
export const workerQueues = ['runs', 'lines'] as const
export type WorkerQueue = (typeof workerQueues)[number]
