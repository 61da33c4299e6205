import { Client } from "./client.js";
import { ModulePanel } from "./view/module-panel.js";
import { PythonPanel } from "./view/python-panel.js";
import { startTabs } from "./view/tabs.js";

const panel: { python?: PythonPanel } = {};
const client = new Client((progress) => panel.python?.progress(progress.fuel, progress.limit, progress.stdout));
panel.python = new PythonPanel(client);
new ModulePanel(client);
startTabs();
await panel.python.start();
