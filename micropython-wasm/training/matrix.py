def multiply(a, b):
    rows, inner, columns = len(a), len(b), len(b[0])
    result = [[0.0] * columns for _ in range(rows)]
    for i in range(rows):
        row = result[i]
        for j in range(columns):
            total = 0.0
            for k in range(inner):
                total += a[i][k] * b[k][j]
            row[j] = total
    return result

def determinant(m):
    m = [list(row) for row in m]
    n, sign, product = len(m), 1, 1.0
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(m[r][c]))
        if abs(m[pivot][c]) < 1e-12:
            return 0.0
        if pivot != c:
            m[c], m[pivot] = m[pivot], m[c]
            sign = -sign
        product *= m[c][c]
        for r in range(c + 1, n):
            factor = m[r][c] / m[c][c]
            for k in range(c, n):
                m[r][k] -= factor * m[c][k]
    return sign * product

n = 12
a = [[(i * 7 + j * 3) % 11 + (1.5 if i == j else 0) for j in range(n)] for i in range(n)]
b = [[1 / (i + j + 1) for j in range(n)] for i in range(n)]
c = multiply(multiply(a, b), a)
print("%.6f %.6f %.3f" % (c[0][0], c[n - 1][n - 1], determinant(a)))
print([round(sum(row), 3) for row in c][:4], tuple(zip(*c))[0][:2])
