// Sockets: there are none. A descriptor that is open is not one.

import { Errno } from "./abi.js";
import { type WasiCall, wasiFunction } from "./call.js";
import { WasiError } from "./errors.js";

function noSocket(call: WasiCall, fd: number): never {
  call.wasi.descriptors.get(fd);
  throw new WasiError(Errno.notsock, "not a socket");
}

export const SOCK_FUNCTIONS = {
  sock_accept: wasiFunction(["i32", "i32", "i32"], noSocket),
  sock_recv: wasiFunction(["i32", "i32", "i32", "i32", "i32", "i32"], noSocket),
  sock_send: wasiFunction(["i32", "i32", "i32", "i32", "i32"], noSocket),
  sock_shutdown: wasiFunction(["i32", "i32"], noSocket),
} as const;
