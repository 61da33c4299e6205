import math as _math


class StatisticsError(ValueError):
    pass


def _data(data, name):
    data = list(data)
    if not data:
        raise StatisticsError(name + " requires at least one data point")
    return data


def _exact(x):
    """The number that a whole float is, if all were integers."""
    return x


def _mean(data):
    total = _sum(data)
    n = len(data)
    if all([isinstance(x, int) for x in data]):
        return total // n if total % n == 0 else total / n
    return total / n


def _sum(data):
    if all([isinstance(x, int) for x in data]):
        return sum(data)
    if all([isinstance(x, (int, float)) for x in data]):
        import mathx

        return mathx.fsum(data)
    total = data[0]
    for x in data[1:]:
        total = total + x
    return total


def mean(data):
    return _mean(_data(data, "mean"))


def fmean(data, weights=None):
    data = [float(x) for x in _data(data, "fmean")]
    if weights is None:
        return _sum(data) / len(data)
    return _sum([x * w for x, w in zip(data, weights)]) / sum(weights)


def geometric_mean(data):
    data = _data(data, "geometric mean")
    return _math.exp(_sum([_math.log(x) for x in data]) / len(data))


def harmonic_mean(data, weights=None):
    data = _data(data, "harmonic_mean")
    if weights is None:
        weights = [1] * len(data)
    for x in data:
        if x == 0:
            return 0
    if all([isinstance(x, int) for x in data]) and all([isinstance(w, int) for w in weights]):
        from fractions import Fraction

        return float(sum(weights) / sum([Fraction(w, x) for w, x in zip(weights, data)], Fraction(0)))
    return sum(weights) / _sum([w / x for w, x in zip(weights, data)])


def median(data):
    data = sorted(data)
    n = len(data)
    if n == 0:
        raise StatisticsError("no median for empty data")
    return data[n // 2] if n % 2 else (data[n // 2 - 1] + data[n // 2]) / 2


def median_low(data):
    data = sorted(data)
    if not data:
        raise StatisticsError("no median for empty data")
    return data[(len(data) - 1) // 2]


def median_high(data):
    data = sorted(data)
    if not data:
        raise StatisticsError("no median for empty data")
    return data[len(data) // 2]


def _counted(data):
    seen = {}
    order = []
    for x in data:
        if x not in seen:
            seen[x] = 0
            order.append(x)
        seen[x] += 1
    return seen, order


def mode(data):
    seen, order = _counted(data)
    if not order:
        raise StatisticsError("no mode for empty data")
    best = order[0]
    for x in order:
        if seen[x] > seen[best]:
            best = x
    return best


def multimode(data):
    seen, order = _counted(data)
    most = max(seen.values()) if order else 0
    return [x for x in order if seen[x] == most]


def _squares(data, centre):
    ints = all([isinstance(x, int) for x in data])
    if ints and centre is None:
        # In integers: sum((x - mean)^2) = (n * sum(x^2) - sum(x)^2) / n.
        n = len(data)
        top = n * sum([x * x for x in data]) - sum(data) ** 2
        return top, n
    c = _sum(data) / len(data) if centre is None else centre
    return _sum([(x - c) ** 2 for x in data]), 1


def _ratio(top, bottom):
    if isinstance(top, int) and isinstance(bottom, int) and top % bottom == 0:
        return top // bottom
    return top / bottom


def variance(data, xbar=None):
    data = list(data)
    if len(data) < 2:
        raise StatisticsError("variance requires at least two data points")
    top, n = _squares(data, xbar)
    return _ratio(top, n * (len(data) - 1))


def pvariance(data, mu=None):
    data = _data(data, "pvariance")
    top, n = _squares(data, mu)
    return _ratio(top, n * len(data))


def stdev(data, xbar=None):
    data = list(data)
    if len(data) < 2:
        raise StatisticsError("stdev requires at least two data points")
    return _math.sqrt(variance(data, xbar))


def pstdev(data, mu=None):
    return _math.sqrt(pvariance(data, mu))


def quantiles(data, *, n=4, method="exclusive"):
    data = sorted(data)
    ld = len(data)
    if ld < 2:
        raise StatisticsError("must have at least two data points")
    result = []
    m = ld - 1 if method == "inclusive" else ld + 1
    for i in range(1, n):
        j, delta = divmod(i * m, n)
        if method != "inclusive":
            j = max(1, min(ld - 1, j))
            delta = i * m - j * n
            j -= 1
        result.append((data[j] * (n - delta) + data[j + 1] * delta) / n)
    return result


def covariance(x, y):
    mx, my = fmean(x), fmean(y)
    return _sum([(a - mx) * (b - my) for a, b in zip(x, y)]) / (len(x) - 1)


def correlation(x, y):
    mx, my = fmean(x), fmean(y)
    sxy = _sum([(a - mx) * (b - my) for a, b in zip(x, y)])
    sxx = _sum([(a - mx) ** 2 for a in x])
    syy = _sum([(b - my) ** 2 for b in y])
    if not sxx or not syy:
        raise StatisticsError("at least one of the inputs is constant")
    return sxy / _math.sqrt(sxx * syy)


def linear_regression(x, y):
    from collections import namedtuple

    mx, my = fmean(x), fmean(y)
    slope = _sum([(a - mx) * (b - my) for a, b in zip(x, y)]) / _sum([(a - mx) ** 2 for a in x])
    return namedtuple("LinearRegression", "slope intercept")(slope, my - slope * mx)
