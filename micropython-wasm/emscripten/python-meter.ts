// Exact fuel by functions and lines of a Python program, and by the calls that led to them; beside it calls of the
// host, and bytes that were asked for. It is told of each charge (runtime/lowering/fuel-meter.ts): at the instruction with
// which an opcode of Python begins, the virtual machine's frame says where that stands.
//
//   def f(): return 1          <module> line 2 calls f, line 1: from the first opcode of line 1 to the return out of the
//   f()                        VM's frame all fuel is f's, line 1; before and behind it, the call's is line 2's
//
// What is used between two opcodes is the line's of the first: the VM's work for it, the functions that it calls, an
// exception's way to its handler. A call of the host is an entry of its own, from the call of the function that makes it
// to its return. The sum is what the run was charged but for what no opcode has begun: "(no line)" is reading and
// compiling the program.

import type { DecodedModule } from "../../decoder/index.js";
import { type ChargedThread, type ChargeListener, FuelMeter } from "../../runtime/index.js";
import type { Landmarks } from "../patch/landmarks.js";
import { decodeValue, ValueError } from "../values/python-value.js";
import { CodePlaces, type FunctionPlace, GuestWords } from "./code-places.js";

/** A line of a function, or a function of the host's, as it was called from its parent's. */
export interface PythonMeterNode {
  readonly place: FunctionPlace;
  /** 0 for the host's. */
  readonly line: number;
  fuel: number;
  /** How often a frame came to the line from another one, or by a jump back, or the host's function was called. */
  visits: number;
  /** Bytes asked of the guest's allocator. */
  allocated: number;
  readonly children: PythonMeterNode[];
}

/** A frame of the VM's, or of the call of a host function. */
interface Frame {
  sp: number;
  codeState: number;
  /** The bytecode's beginning, and the opcode that is under way. */
  code: number;
  ip: number;
  places: CodePlaces | null;
  node: PythonMeterNode;
}

const BLOCK_BYTES = 16;
/** Parameter of the function that calls the host. */
const ARGUMENTS = 3;
const NOBODY: FunctionPlace = { name: "(no line)", file: "" };
/** Bytes of a frame that names a function of the host's: of those before the name, and of what is looked at. */
const NAME_AT = 5;
const MOST_FRAME_BYTES = 4096;

export class PythonMeter implements ChargeListener {
  /** By functions of the artifact. */
  readonly functions = new FuelMeter();
  readonly root = newNode(NOBODY, 0);
  private readonly frames: Frame[] = [];
  /** How many of them there are. */
  private depth = 0;
  private thread: ChargedThread | null = null;
  private used = 0;
  /** What was charged last, and where its frame is. */
  private offset = -1;
  private sp = -1;
  private guest: GuestWords | null = null;
  private readonly codes = new Map<number, CodePlaces>();
  private readonly known = new Map<string, FunctionPlace>();

  constructor(private readonly landmarks: Landmarks) {}

  get isOn(): boolean {
    return this.functions.isOn;
  }
  set isOn(isOn: boolean) {
    this.functions.isOn = isOn;
  }

  begin(thread: ChargedThread, used: number): void {
    this.functions.begin(thread, used);
    // A thread that begins anew is another one.
    if (thread !== this.thread || used === 0) this.depth = 0;
    this.thread = thread;
    this.used = used;
    this.offset = -1;
  }

  end(used: number): void {
    this.functions.end(used);
    this.take(used);
  }

  charged(module: DecodedModule, offset: number, sp: number, used: number): void {
    this.functions.charged(module, offset, sp, used);
    if (!this.isOn) {
      this.depth = 0;
      this.used = used;
      return;
    }
    const { frames, landmarks } = this;
    while (this.depth > 0 && frames[this.depth - 1]!.sp > sp) this.depth--;
    // A function that is entered is charged for that, and then for its first instruction.
    const again = offset === this.offset && sp === this.sp;
    this.offset = offset;
    this.sp = sp;
    if (offset === landmarks.opcode.offset) this.opcode(sp);
    else if (!again) this.look(offset, sp);
    this.take(used);
  }

  private look(offset: number, sp: number): void {
    const { allocation, growth, hostCall } = this.landmarks;
    const { R, fp } = this.thread!.machine;
    if (offset === allocation.offset) this.allocate(R[fp]! >>> 0);
    else if (offset === growth.offset)
      this.allocate(BLOCK_BYTES * (R[fp + 2 * growth.end]! - R[fp + 2 * growth.first]!));
    else if (offset === hostCall.offset) this.callHost(sp, R[fp + 2 * ARGUMENTS]! >>> 0);
  }

  private opcode(sp: number): void {
    const { R, fp } = this.thread!.machine;
    const { opcode } = this.landmarks;
    const codeState = R[fp + 2 * opcode.codeState]!;
    const ip = R[fp + 2 * opcode.ip]! >>> 0;
    let frame = this.frames[this.depth - 1];
    if (this.depth === 0 || frame!.sp !== sp || frame!.codeState !== codeState) {
      if (this.depth > 0 && frame!.sp === sp) this.depth--;
      frame = this.enter(sp, codeState);
    }
    const { places, code, node } = frame!;
    const line = places!.lineOf(ip - code);
    if (line !== node.line) this.come(frame!, line);
    else if (ip < frame!.ip) node.visits++;
    frame!.ip = ip;
  }

  private enter(sp: number, codeState: number): Frame {
    const guest = this.memory();
    const func = guest.word(codeState >>> 0);
    const context = guest.word(func + 4);
    const code = guest.word(func + 12);
    let places = this.codes.get(code);
    if (places?.isAt(guest, code, context) !== true) {
      places = CodePlaces.read(guest, code, context, this.landmarks.lastPool);
      this.codes.set(code, places);
    }
    return this.push(sp, codeState, code, places);
  }

  private callHost(sp: number, args: number): void {
    const guest = this.memory();
    const named = guest.word(args);
    const frame = guest.bytes(guest.word(named + 12), Math.min(guest.word(named + 8), MOST_FRAME_BYTES));
    const pushed = this.push(sp, 0, 0, null);
    pushed.node = this.child(this.parent(), this.placeOf(hostName(frame), ""), 0);
    pushed.node.visits++;
  }

  private push(sp: number, codeState: number, code: number, places: CodePlaces | null): Frame {
    const frame = this.frames[this.depth];
    this.depth++;
    if (frame !== undefined) return Object.assign(frame, { sp, codeState, code, places, ip: 0, node: this.root });
    const made = { sp, codeState, code, places, ip: 0, node: this.root };
    this.frames.push(made);
    return made;
  }

  /** The node of what has called the innermost frame. */
  private parent(): PythonMeterNode {
    return this.depth > 1 ? this.frames[this.depth - 2]!.node : this.root;
  }

  private come(frame: Frame, line: number): void {
    const { name, file } = frame.places!.place;
    frame.node = this.child(this.parent(), this.placeOf(name, file), line);
    frame.node.visits++;
  }

  private child({ children }: PythonMeterNode, place: FunctionPlace, line: number): PythonMeterNode {
    for (const child of children) if (child.line === line && child.place === place) return child;
    const made = newNode(place, line);
    children.push(made);
    return made;
  }

  /** One object for each. */
  private placeOf(name: string, file: string): FunctionPlace {
    const key = `${file}\n${name}`;
    const place = this.known.get(key) ?? { name, file };
    this.known.set(key, place);
    return place;
  }

  private get current(): PythonMeterNode {
    return this.depth === 0 ? this.root : this.frames[this.depth - 1]!.node;
  }

  private allocate(bytes: number): void {
    this.current.allocated += bytes;
  }

  private take(used: number): void {
    if (this.isOn) this.current.fuel += used - this.used;
    this.used = used;
  }

  private memory(): GuestWords {
    const memory = this.thread!.machine.instance.memories[0]!;
    if (this.guest?.memory !== memory) this.guest = new GuestWords(memory);
    return this.guest;
  }
}

function newNode(place: FunctionPlace, line: number): PythonMeterNode {
  return { place, line, fuel: 0, visits: 0, allocated: 0, children: [] };
}

/** Of the frame that the guest names a function by: text, or an object's number and a method's name. */
function hostName(frame: Uint8Array): string {
  try {
    const named = decodeValue(frame.subarray(NAME_AT));
    const name = Array.isArray(named) ? named[1] || "()" : named;
    return `host ${typeof name === "string" ? name : "function"}`;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return "host function";
  }
}
