// The page: sends programs to the worker, shows what they print.
const worker = new Worker("/worker.js", { type: "module" });
const byId = (id) => document.getElementById(id);

byId("run").addEventListener("click", () => worker.postMessage(byId("code").value));
worker.addEventListener("message", ({ data: { status, stdout, value, error, fuel } }) => {
  const end = error ?? (value === undefined ? "" : `=> ${value}`);
  byId("output").textContent = `${stdout}${end}\n[${status}, ${fuel} fuel]`;
});
