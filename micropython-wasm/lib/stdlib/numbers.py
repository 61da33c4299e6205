# As second arguments of isinstance(): tuples of the types that are meant.
def _fractions():
    from fractions import Fraction

    return Fraction


Integral = (int,)
Rational = (int, _fractions())
Real = (int, float, _fractions())
Complex = (int, float, complex, _fractions())


def _decimal():
    from decimal import Decimal

    return Decimal


Number = (int, float, complex, _fractions(), _decimal())
