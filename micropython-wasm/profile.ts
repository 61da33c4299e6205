// The face of profiles of Python programs, for the command: it is loaded when there is one to take.

export { recompiled } from "./emscripten/default-artifact.js";
export type { PythonMeterNode } from "./emscripten/python-meter.js";
export { PythonMeter } from "./emscripten/python-meter.js";
export { landmarksOf } from "./patch/landmarks.js";
