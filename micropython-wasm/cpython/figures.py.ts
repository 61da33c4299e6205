// What matplotlib draws on in a sandbox: pictures become PNG files, and a list says which, for whoever shows them.
//
// show() saves each figure that is open, as figure-1.png and so on in the working directory, and closes it, as a window
// would be closed. Whatever is saved as PNG by its name is in the list as well.

import { WORKING_DIRECTORY } from "../world/environment.js";

/** The module's name, for MPLBACKEND: matplotlib imports it when the first figure is made. */
export const FIGURES_NAME = "escapement_figures";
/** Paths of pictures that nobody has taken yet, one in a line. */
export const FIGURES_LIST = "/tmp/.escapement-figures";

export const FIGURES_SOURCE = `
import os
from matplotlib.backend_bases import FigureManagerBase, Gcf
from matplotlib.backends.backend_agg import FigureCanvasAgg

_count = 0

def _note(path):
    with open("${FIGURES_LIST}", "a") as file:
        file.write(os.path.abspath(path) + "\\n")

def _name():
    global _count
    while True:
        _count += 1
        path = "${WORKING_DIRECTORY}/figure-%d.png" % _count
        if not os.path.exists(path):
            return path

class FigureCanvas(FigureCanvasAgg):
    # The others, such as facecolor, have been set in the figure before; matplotlib leaves them out for its own canvases.
    def print_png(self, filename_or_obj, *, metadata=None, pil_kwargs=None, **others):
        super().print_png(filename_or_obj, metadata=metadata, pil_kwargs=pil_kwargs)
        if isinstance(filename_or_obj, (str, os.PathLike)):
            _note(os.fspath(filename_or_obj))

class FigureManager(FigureManagerBase):
    @classmethod
    def pyplot_show(cls, *, block=None):
        for manager in Gcf.get_all_fig_managers():
            manager.show()
            Gcf.destroy(manager)

    def show(self):
        self.canvas.figure.savefig(_name())

FigureCanvas.manager_class = FigureManager
`;
