"""Amounts: whole unit-seconds in storage, decimal hours for people."""

from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow

MOST_UNIT_SECONDS = 9_000_000_000_000_000
"""Beyond this a JSON reader may lose the last digit."""

# Digits that do not fit are an error, not rounded away.
EXACT = Context(prec=40, traps=[InvalidOperation, Overflow, Inexact])


def unit_seconds_of(hours: str | int | Decimal) -> int:
    """Whole unit-seconds of decimal hours as people write them; 0.1 is exactly 360.

    Raises ValueError for what is no finite number, is negative, or leaves a fraction of a second.
    """
    try:
        seconds = EXACT.multiply(Decimal(hours), Decimal(3600))
    except InvalidOperation:
        raise ValueError("not a number of hours") from None
    except Overflow:
        raise ValueError("more hours than can be counted") from None
    except Inexact:
        raise ValueError("hours leave a fraction of a second") from None
    if not seconds.is_finite() or seconds < 0:
        raise ValueError("not a number of hours")
    if seconds > MOST_UNIT_SECONDS:
        raise ValueError("more hours than can be counted")
    if seconds != seconds.to_integral_value():
        raise ValueError("hours leave a fraction of a second")
    return int(seconds)


def hours_text(unit_seconds: int) -> str:
    """Hours as people read them: exact where two decimals are enough, else rounded to two."""
    hours = (Decimal(unit_seconds) / 3600).quantize(Decimal("0.01"))
    return f"{hours.normalize():,f}"
