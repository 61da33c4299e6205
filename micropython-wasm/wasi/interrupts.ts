// Interrupting a program in a WASI build, which exports no function for that. What
// mp_sched_keyboard_interrupt would do is done from outside: MicroPython's state has a word for
// the exception that is pending, an exception object for KeyboardInterrupt, and the state of its
// scheduler, which the bytecode loop looks at after each jump. Where they are is found by
// what is next to them, and proved by trying (WasiPython.findInterrupts).
//
//   mp_state_thread_t  … dict_locals, dict_globals, nlr_top, nlr_jump_callback_top, mp_pending_exception …
//   mp_state_vm_t      … mp_kbd_exception { type, traceback length, traceback, args } … int16 sched_state …

/** Addresses in linear memory. */
export interface InterruptPlaces {
  readonly pending: number;
  readonly exception: number;
  readonly scheduler: number;
}

const SCHEDULER_PENDING = 0;
const SCHEDULER_IDLE = 1;
/** From dict_locals to mp_pending_exception. */
const PENDING_OFFSET = 16;
const TRACEBACK_OFFSET = 8;
/** Static data is below this. */
const STATE_END = 1024 * 1024;
/** How far apart the parts of the state are at most. */
const STATE_BYTES = 4096;

/**
 * Places that may be the ones, while `__main__` runs.
 * @param globals address of the dictionary of `__main__`
 * @param type address of the class KeyboardInterrupt
 */
export function* interruptCandidates(view: DataView, globals: number, type: number): Generator<InterruptPlaces> {
  const end = Math.min(view.byteLength, STATE_END) - STATE_BYTES;
  const word = (address: number): number => view.getUint32(address, true);
  let locals = 0;
  while (locals < end && !(word(locals) === globals && word(locals + 4) === globals)) locals += 4;
  const pending = locals + PENDING_OFFSET;
  if (locals >= end || word(pending) !== 0) return;
  let exception = pending;
  while (exception < end && !(word(exception) === type && word(exception + TRACEBACK_OFFSET) === 0)) exception += 4;
  if (exception >= Math.min(end, pending + STATE_BYTES)) return;
  for (let scheduler = exception; scheduler < exception + STATE_BYTES / 2; scheduler += 2) {
    if (view.getInt16(scheduler, true) === SCHEDULER_IDLE) yield { pending, exception, scheduler };
  }
}

/** KeyboardInterrupt will be raised after the next jump of a Python function. */
export function raiseInterrupt(view: DataView, { pending, exception, scheduler }: InterruptPlaces): void {
  view.setUint32(exception + TRACEBACK_OFFSET, 0, true);
  view.setUint32(pending, exception, true);
  if (view.getInt16(scheduler, true) === SCHEDULER_IDLE) view.setInt16(scheduler, SCHEDULER_PENDING, true);
}

/** Takes back an interrupt that came too late. */
export function clearInterrupt(view: DataView, { pending }: InterruptPlaces): void {
  view.setUint32(pending, 0, true);
}
