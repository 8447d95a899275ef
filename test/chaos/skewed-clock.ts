/**
 * Loaded before a program (`node --import`): its wall clock is off by what the parent process says, as on a machine whose
 * time is wrong or has just been set. Everything in the process sees it, BullMQ and drivers too; servers keep their own.
 */
const RealDate = Date
const realNow = RealDate.now.bind(RealDate)
let aheadMs = 0

RealDate.now = () => realNow() + aheadMs
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [target.now()] : given, newTarget),
})

process.on('message', (message) => {
  aheadMs = Number(message)
})
// Nobody stays alive only to be told the time.
process.channel?.unref()
