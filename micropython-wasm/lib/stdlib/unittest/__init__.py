import sys as _sys
import time as _time


class SkipTest(Exception):
    pass


def _text(error):
    import io

    out = io.StringIO()
    _sys.print_exception(error, out)
    return out.getvalue()


class _Raises:
    def __init__(self, case, kind, pattern=None, msg=None):
        self._case = case
        self._kind = kind
        self._pattern = pattern
        self._msg = msg
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, tb):
        if kind is None:
            names = self._kind if isinstance(self._kind, tuple) else (self._kind,)
            self._case._fails(self._msg, " or ".join([one.__name__ for one in names]) + " not raised")
        if not issubclass(kind, self._kind):
            return False
        self.exception = error
        if self._pattern is not None and not __import__("re").search(self._pattern, str(error)):
            self._case._fails(self._msg, '"%s" does not match "%s"' % (self._pattern, error))
        return True


class _SubTest:
    def __init__(self, case, text):
        self._case = case
        self._text = text

    def __enter__(self):
        pass

    def __exit__(self, kind, error, tb):
        if kind is None or not issubclass(kind, Exception) or issubclass(kind, SkipTest):
            return False
        result = self._case._result
        name = "%s %s" % (self._case, self._text)
        (result.failures if issubclass(kind, AssertionError) else result.errors).append((name, _text(error)))
        self._case._failed = True
        return not result.failfast


class TestCase:
    maxDiff = 640
    failureException = AssertionError
    longMessage = True

    def __init__(self, methodName="runTest"):
        self._testMethodName = methodName
        self._cleanups = []
        self._result = None
        self._failed = False

    def setUp(self):
        pass

    def tearDown(self):
        pass

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def addCleanup(self, function, *args, **kwargs):
        self._cleanups.append((function, args, kwargs))

    def doCleanups(self):
        while self._cleanups:
            function, args, kwargs = self._cleanups.pop()
            function(*args, **kwargs)

    def id(self):
        return "__main__.%s.%s" % (type(self).__name__, self._testMethodName)

    def shortDescription(self):
        return None

    def countTestCases(self):
        return 1

    def __str__(self):
        return "%s (%s)" % (self._testMethodName, self.id())

    def __repr__(self):
        return "<__main__.%s testMethod=%s>" % (type(self).__name__, self._testMethodName)

    def skipTest(self, reason):
        raise SkipTest(reason)

    def subTest(self, msg=None, **params):
        parts = ["[%s]" % msg] if msg is not None else []
        if params:
            parts.append("(%s)" % ", ".join(["%s=%r" % item for item in params.items()]))
        return _SubTest(self, " ".join(parts) or "(<subtest>)")

    def run(self, result=None):
        result = TestResult() if result is None else result
        self._result = result
        self._failed = False
        result.startTest(self)
        method = getattr(self, self._testMethodName)
        expected = getattr(method, "_fails", False)
        try:
            skipped = _skipped.get(type(self)) or getattr(method, "_reason", None)
            if skipped is not None:
                raise SkipTest(skipped)
            self.setUp()
            try:
                method()
            finally:
                self.tearDown()
                self.doCleanups()
        except SkipTest as error:
            result.addSkip(self, str(error))
        except AssertionError as error:
            if expected:
                result.expectedFailures.append((self, _text(error)))
            else:
                result.addFailure(self, error)
        except Exception as error:
            if expected:
                result.expectedFailures.append((self, _text(error)))
            else:
                result.addError(self, error)
        else:
            if expected:
                result.unexpectedSuccesses.append(self)
            elif not self._failed:
                result.addSuccess(self)
        result.stopTest(self)
        return result

    __call__ = run

    def debug(self):
        self.setUp()
        getattr(self, self._testMethodName)()
        self.tearDown()

    def _fails(self, msg, standard):
        raise AssertionError(standard if msg is None else "%s : %s" % (standard, msg))

    def fail(self, msg=None):
        raise AssertionError(msg)

    def assertTrue(self, expr, msg=None):
        if not expr:
            self._fails(msg, "%r is not true" % (expr,))

    def assertFalse(self, expr, msg=None):
        if expr:
            self._fails(msg, "%r is not false" % (expr,))

    def assertEqual(self, first, second, msg=None):
        if not first == second:
            self._fails(msg, "%r != %r" % (first, second))

    def assertNotEqual(self, first, second, msg=None):
        if not first != second:
            self._fails(msg, "%r == %r" % (first, second))

    def assertIs(self, a, b, msg=None):
        if a is not b:
            self._fails(msg, "%r is not %r" % (a, b))

    def assertIsNot(self, a, b, msg=None):
        if a is b:
            self._fails(msg, "unexpectedly identical: %r" % (a,))

    def assertIsNone(self, x, msg=None):
        if x is not None:
            self._fails(msg, "%r is not None" % (x,))

    def assertIsNotNone(self, x, msg=None):
        if x is None:
            self._fails(msg, "unexpectedly None")

    def assertIn(self, member, container, msg=None):
        if member not in container:
            self._fails(msg, "%r not found in %r" % (member, container))

    def assertNotIn(self, member, container, msg=None):
        if member in container:
            self._fails(msg, "%r unexpectedly found in %r" % (member, container))

    def assertIsInstance(self, obj, cls, msg=None):
        if not isinstance(obj, cls):
            self._fails(msg, "%r is not an instance of %r" % (obj, cls))

    def assertNotIsInstance(self, obj, cls, msg=None):
        if isinstance(obj, cls):
            self._fails(msg, "%r is an instance of %r" % (obj, cls))

    def assertGreater(self, a, b, msg=None):
        if not a > b:
            self._fails(msg, "%r not greater than %r" % (a, b))

    def assertGreaterEqual(self, a, b, msg=None):
        if not a >= b:
            self._fails(msg, "%r not greater than or equal to %r" % (a, b))

    def assertLess(self, a, b, msg=None):
        if not a < b:
            self._fails(msg, "%r not less than %r" % (a, b))

    def assertLessEqual(self, a, b, msg=None):
        if not a <= b:
            self._fails(msg, "%r not less than or equal to %r" % (a, b))

    def assertAlmostEqual(self, first, second, places=None, msg=None, delta=None):
        if first == second:
            return
        diff = abs(first - second)
        if delta is not None:
            if diff > delta:
                self._fails(msg, "%r != %r within %r delta (%r difference)" % (first, second, delta, diff))
        elif round(diff, 7 if places is None else places) != 0:
            self._fails(msg, "%r != %r within %r places (%r difference)" % (first, second, 7 if places is None else places, diff))

    def assertNotAlmostEqual(self, first, second, places=None, msg=None, delta=None):
        diff = abs(first - second)
        if first == second or (diff <= delta if delta is not None else round(diff, 7 if places is None else places) == 0):
            self._fails(msg, "%r == %r within %r places" % (first, second, 7 if places is None else places))

    def assertRegex(self, text, pattern, msg=None):
        if not __import__("re").search(pattern, text):
            self._fails(msg, "Regex didn't match: %r not found in %r" % (pattern, text))

    def assertNotRegex(self, text, pattern, msg=None):
        if __import__("re").search(pattern, text):
            self._fails(msg, "Regex matched: %r in %r" % (pattern, text))

    def assertCountEqual(self, first, second, msg=None):
        a, b = list(first), list(second)
        for x in list(a):
            if x in b:
                a.remove(x)
                b.remove(x)
        if a or b:
            self._fails(msg, "Element counts were not equal:\n%s" % "\n".join(
                ["First has 1, Second has 0:  %r" % (x,) for x in a] + ["First has 0, Second has 1:  %r" % (x,) for x in b]))

    def assertDictContainsSubset(self, subset, dictionary, msg=None):
        for key, value in subset.items():
            if key not in dictionary or dictionary[key] != value:
                self._fails(msg, "%r is not in %r" % (key, dictionary))

    def assertRaises(self, expected_exception, *args, **kwargs):
        context = _Raises(self, expected_exception, None, None if args else kwargs.get("msg"))
        if not args:
            return context
        with context:
            args[0](*args[1:], **kwargs)

    def assertRaisesRegex(self, expected_exception, expected_regex, *args, **kwargs):
        context = _Raises(self, expected_exception, expected_regex, None if args else kwargs.get("msg"))
        if not args:
            return context
        with context:
            args[0](*args[1:], **kwargs)

    assertListEqual = assertTupleEqual = assertSetEqual = assertDictEqual = assertSequenceEqual = assertEqual
    assertMultiLineEqual = assertEqual


class TestResult:
    def __init__(self, stream=None, descriptions=None, verbosity=None):
        self.failures = []
        self.errors = []
        self.skipped = []
        self.expectedFailures = []
        self.unexpectedSuccesses = []
        self.testsRun = 0
        self.shouldStop = False
        self.failfast = False

    def startTest(self, test):
        self.testsRun += 1

    def stopTest(self, test):
        pass

    def addSuccess(self, test):
        pass

    def addFailure(self, test, error):
        self.failures.append((test, _text(error)))

    def addError(self, test, error):
        self.errors.append((test, _text(error)))

    def addSkip(self, test, reason):
        self.skipped.append((test, reason))

    def stop(self):
        self.shouldStop = True

    def wasSuccessful(self):
        return not (self.failures or self.errors or self.unexpectedSuccesses)

    def __repr__(self):
        return "<unittest.runner.TextTestResult run=%d errors=%d failures=%d>" % (
            self.testsRun, len(self.errors), len(self.failures))


class TextTestResult(TestResult):
    def __init__(self, stream, descriptions, verbosity):
        super().__init__()
        self._stream = stream
        self._verbosity = verbosity

    def _say(self, mark, word):
        if self._verbosity > 1:
            self._stream.write(word + "\n")
        elif self._verbosity == 1:
            self._stream.write(mark)

    def startTest(self, test):
        super().startTest(test)
        if self._verbosity > 1:
            self._stream.write("%s ... " % test)

    def addSuccess(self, test):
        self._say(".", "ok")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._say("F", "FAIL")

    def addError(self, test, error):
        super().addError(test, error)
        self._say("E", "ERROR")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say("s", "skipped %r" % reason)


class TestSuite:
    def __init__(self, tests=()):
        self._tests = list(tests)

    def addTest(self, test):
        self._tests.append(test)

    def addTests(self, tests):
        self._tests.extend(tests)

    def __iter__(self):
        return iter(self._tests)

    def countTestCases(self):
        return sum([test.countTestCases() for test in self._tests])

    def run(self, result):
        before = None
        for test in self._tests:
            if result.shouldStop:
                break
            if isinstance(test, TestSuite):
                test.run(result)
                continue
            cls = type(test)
            if cls is not before:
                if before is not None:
                    before.tearDownClass()
                before = cls
                cls.setUpClass()
            test.run(result)
        if before is not None:
            before.tearDownClass()
        return result

    __call__ = run


class TestLoader:
    testMethodPrefix = "test"

    def getTestCaseNames(self, cls):
        return sorted([name for name in dir(cls) if name.startswith(self.testMethodPrefix) and callable(getattr(cls, name))])

    def loadTestsFromTestCase(self, cls):
        return TestSuite([cls(name) for name in self.getTestCaseNames(cls)])

    def loadTestsFromModule(self, module):
        found = []
        for name in sorted(dir(module)):
            value = getattr(module, name)
            if isinstance(value, type) and issubclass(value, TestCase) and value is not TestCase:
                found.append(self.loadTestsFromTestCase(value))
        return TestSuite(found)

    def loadTestsFromName(self, name, module=None):
        value = __import__("__main__") if module is None else module
        parts = name.split(".")
        for part in parts:
            if isinstance(value, type) and issubclass(value, TestCase):
                return TestSuite([value(part)])
            value = getattr(value, part)
        return self.loadTestsFromTestCase(value)


defaultTestLoader = TestLoader()


def makeSuite(cls, prefix="test"):
    return defaultTestLoader.loadTestsFromTestCase(cls)


class TextTestRunner:
    def __init__(self, stream=None, descriptions=True, verbosity=1, failfast=False, buffer=False, **rest):
        self.stream = _sys.stderr if stream is None else stream
        self.verbosity = verbosity
        self.failfast = failfast

    def run(self, test):
        out = self.stream
        result = TextTestResult(out, True, self.verbosity)
        result.failfast = self.failfast
        start = _time.time()
        test.run(result)
        taken = _time.time() - start
        if self.verbosity == 1 and result.testsRun:
            out.write("\n")
        for word, found in (("ERROR", result.errors), ("FAIL", result.failures)):
            for case, text in found:
                out.write("%s\n%s: %s\n%s\n%s\n" % ("=" * 70, word, case, "-" * 70, text))
        n = result.testsRun
        out.write("%s\nRan %d test%s in %.3fs\n\n" % ("-" * 70, n, "" if n == 1 else "s", taken))
        counts = []
        for name, found in (("failures", result.failures), ("errors", result.errors), ("skipped", result.skipped),
                            ("expected failures", result.expectedFailures), ("unexpected successes", result.unexpectedSuccesses)):
            if found:
                counts.append("%s=%d" % (name, len(found)))
        out.write("OK" if result.wasSuccessful() else "FAILED")
        out.write(" (%s)\n" % ", ".join(counts) if counts else "\n")
        return result


class _Marked:
    """A test function with what a decorator says of it."""

    def __init__(self, function):
        self._function = function
        self._fails = getattr(function, "_fails", False)
        self._reason = getattr(function, "_reason", None)

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        bound = _Marked(lambda: self._function(instance))
        bound._fails, bound._reason = self._fails, self._reason
        return bound

    def __call__(self, *args):
        return self._function(*args)


_skipped = {}


def skip(reason):
    def mark(item):
        if isinstance(item, type):
            _skipped[item] = reason
            return item
        item = _Marked(item)
        item._reason = reason
        return item

    return mark


def skipIf(condition, reason):
    return skip(reason) if condition else lambda item: item


def skipUnless(condition, reason):
    return skip(reason) if not condition else lambda item: item


def expectedFailure(function):
    item = _Marked(function)
    item._fails = True
    return item


class main:
    def __init__(self, module="__main__", defaultTest=None, argv=None, testRunner=None, testLoader=defaultTestLoader, exit=True, verbosity=1, **rest):
        runner = testRunner if testRunner is not None else TextTestRunner(verbosity=verbosity)
        if isinstance(runner, type):
            runner = runner(verbosity=verbosity)
        suite = testLoader.loadTestsFromModule(__import__(module) if isinstance(module, str) else module)
        self.result = runner.run(suite)
        if exit:
            _sys.exit(not self.result.wasSuccessful())


TestProgram = main
