class CycleError(ValueError):
    pass


class TopologicalSorter:
    def __init__(self, graph=None):
        self._before = {}
        self._after = {}
        self._left = None
        self._ready = []
        self._out = self._done = 0
        if graph is not None:
            for node, before in graph.items():
                self.add(node, *before)

    def _known(self, node):
        if node not in self._before:
            self._before[node] = []
            self._after[node] = []

    def add(self, node, *predecessors):
        if self._left is not None:
            raise ValueError("Nodes cannot be added after a call to prepare()")
        self._known(node)
        for one in predecessors:
            self._known(one)
            if one not in self._before[node]:
                self._before[node].append(one)
                self._after[one].append(node)

    def prepare(self):
        if self._left is not None:
            raise ValueError("cannot prepare() more than once")
        self._left = {node: len(before) for node, before in self._before.items()}
        self._ready = [node for node, n in self._left.items() if n == 0]
        cycle = self._cycle()
        if cycle:
            raise CycleError("nodes are in a cycle", cycle)

    def _cycle(self):
        # Depth first, without recursion: a node that is on the way already closes a cycle.
        seen = set()
        for start in self._after:
            if start in seen:
                continue
            way, rest = [start], [iter(self._after[start])]
            on_way = {start}
            while way:
                for node in rest[-1]:
                    if node in on_way:
                        return way[way.index(node) :] + [node]
                    if node not in seen:
                        way.append(node)
                        on_way.add(node)
                        rest.append(iter(self._after[node]))
                        break
                else:
                    node = way.pop()
                    on_way.discard(node)
                    seen.add(node)
                    rest.pop()
        return None

    def get_ready(self):
        if self._left is None:
            raise ValueError("prepare() must be called first")
        ready = tuple(self._ready)
        self._ready = []
        self._out += len(ready)
        return ready

    def done(self, *nodes):
        for node in nodes:
            self._done += 1
            for one in self._after[node]:
                self._left[one] -= 1
                if self._left[one] == 0:
                    self._ready.append(one)

    def is_active(self):
        if self._left is None:
            raise ValueError("prepare() must be called first")
        return self._done < self._out or bool(self._ready)

    def __bool__(self):
        return self.is_active()

    def static_order(self):
        self.prepare()
        while self.is_active():
            nodes = self.get_ready()
            for node in nodes:
                yield node
            self.done(*nodes)
