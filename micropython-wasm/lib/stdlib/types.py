import builtins as _builtins


def _generator():
    yield


class _Class:
    def method(self):
        pass


FunctionType = LambdaType = type(lambda: None)
GeneratorType = CoroutineType = type(_generator())
MethodType = type(_Class().method)
BuiltinFunctionType = BuiltinMethodType = type(len)
ModuleType = type(_builtins)
NoneType = type(None)
EllipsisType = type(...)
NotImplementedType = type(NotImplemented)


class SimpleNamespace:
    # A function gets its keyword arguments without their order, and so does an instance its attributes.
    def __init__(self, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)

    def __repr__(self):
        return "namespace(%s)" % ", ".join(["%s=%r" % item for item in sorted(self.__dict__.items())])

    def __eq__(self, other):
        return isinstance(other, SimpleNamespace) and self.__dict__ == other.__dict__


class MappingProxyType:
    def __init__(self, mapping):
        self._mapping = mapping

    def __getitem__(self, key):
        return self._mapping[key]

    def __contains__(self, key):
        return key in self._mapping

    def __len__(self):
        return len(self._mapping)

    def __iter__(self):
        return iter(self._mapping)

    def __getattr__(self, name):
        if name in ("get", "keys", "values", "items", "copy"):
            return getattr(self._mapping, name)
        raise AttributeError("'mappingproxy' object has no attribute '%s'" % name)

    def __repr__(self):
        return "mappingproxy(%r)" % (self._mapping,)

    def __str__(self):
        return str(self._mapping)


def new_class(name, bases=(), kwds=None, exec_body=None):
    space = {}
    if exec_body is not None:
        exec_body(space)
    return type(name, tuple(bases) or (object,), space)
