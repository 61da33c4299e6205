// What agents are told of the Python that runs.

export type ServedPython = "micropython" | "cpython";

interface Said {
  /** What the server is. */
  readonly instructions: string;
  /** What run_python runs, and what programs most often count on in vain. */
  readonly name: string;
  readonly gaps: string;
}

const OTHER_TOOLS =
  "run_python without sandbox_id starts a sandbox; pass the sandbox_id of its result to go on with its variables. " +
  "files reads and writes the sandbox's files; snapshot and restore let you branch and go back. Fuel, memory and time " +
  "are limited by the operator; every result says how much was used.";

const SAID: Readonly<Record<ServedPython, Said>> = {
  micropython: {
    instructions: `Python (MicroPython) in sandboxes without network or clock, which reach nothing of the host but what is named here. ${OTHER_TOOLS}`,
    name: "MicroPython",
    gaps:
      "It is not CPython: (1) no packages, and none can be installed: no numpy, pandas, requests; much of the standard " +
      "library is there. (2) No network, threads or processes; time is virtual, and sleeping takes none. (3) Sets have " +
      "no order that one may count on: sort what is shown. (4) Some 900 calls may be nested, functions take " +
      "no attributes, and a class has one built-in type among its bases. (5) In exec(), eval() and imported files there is " +
      "no match, {**a}, [*a], or slice with a step, as there is in the code that is passed here.",
  },
  cpython: {
    instructions: `Python (CPython 3.15 with numpy, pandas, scipy, matplotlib and more) in sandboxes without network or clock, which reach nothing of the host but what is named here. ${OTHER_TOOLS}`,
    name: "CPython 3.15",
    gaps:
      "The standard library is there, and these packages; no others can be installed: numpy, pandas, scipy, scikit-learn, " +
      "statsmodels, matplotlib, seaborn, sympy, mpmath, networkx, pillow, openpyxl, XlsxWriter, xlrd, pypdf, reportlab, " +
      "lxml, beautifulsoup4, html5lib, defusedxml, xmltodict, PyYAML, tomli-w, Jinja2, MarkupSafe, tabulate, tqdm, regex, " +
      "charset-normalizer, python-dateutil, tzdata, attrs, cloudpickle, joblib, threadpoolctl, more-itertools, toolz, " +
      "narwhals, formulaic, patsy, fontTools, contourpy, kiwisolver, cycler, pyparsing, packaging, typing_extensions, " +
      "wrapt, six; sqlite3 too. Pictures of matplotlib (plt.show(), savefig to PNG) come back as images. (1) No network, " +
      "threads or processes; time is virtual, and sleeping takes none. (2) numpy's default integer has 32 bits: give " +
      "dtype=np.int64 where sums may be large. (3) Importing costs: pandas takes seconds the first time in a sandbox, so go " +
      "on in the same one.",
  },
};

export function saidOf(python: ServedPython): Said {
  return SAID[python];
}
