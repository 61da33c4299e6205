// `escapement/polyfill`: from here on globalThis.WebAssembly is this project's.
import { WebAssembly } from "./index.js";

Object.defineProperty(globalThis, "WebAssembly", { value: WebAssembly, writable: true, configurable: true });
