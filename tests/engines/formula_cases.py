"""Formulas over the columns of tests/engines/given.py, for each function. A function without one fails the suite."""

from __future__ import annotations

from collections.abc import Mapping

DATES = ("day", "at", "moment", "date_text")


def over(template: str, *columns: str) -> list[str]:
    """`year(%)` over several columns."""
    return [template.replace("%", column) for column in columns]


def compared(sign: str) -> list[str]:
    return [
        f"n {sign} 2",
        f"x {sign} 1.5",
        f"huge {sign} 4611686018427387904",
        f"name {sign} 'bob'",
        f"number_text {sign} n",
        f"day {sign} '2024-01-01'",
        f"at {sign} '2024-01-01T00:00:00Z'",
        f"at {sign} moment",
    ]


CASES: Mapping[str, list[str]] = {
    "abs": ["abs(n)", "abs(x)", "abs(number_text)"],
    "add": ["n + 1", "n + x", "name + '!'", "number_text + 1", "name + n"],
    "array": ["toString(n) + [n, 2][0]", "[x, 1.5][0]"],
    "as_date": ["asDate(date_text)", "asDate(date_text, 'dd/MM/yyyy')", "asDate(day)", "asDate(at)"],
    "both": ["ok && n > 0", "ok && null"],
    "capitalize": ["capitalize(name)"],
    "ceil": ["ceil(x)", "ceil(n)", "ceil(number_text)"],
    "coalesce": ["coalesce(name, kind, 'none')", "coalesce(n, 0)", "coalesce(x, n, 1)"],
    "concat": ["concat(name, n, kind, ok)", "concat(day, '|', i)"],
    "constant": ["constant(n)", "5", "'it\\'s'"],
    "contains": ["contains(name, 'b')", "contains(name, '%')", "contains(name, ' ')", "contains(name, kind)"],
    "date_part": [*over("datePart(%, 'month')", *DATES), *over("datePart(%, 'week')", *DATES)],
    "day": over("day(%)", *DATES),
    "day_of_year": over("dayOfYear(%)", *DATES),
    "diff": [
        "diff(at, '2024-01-01')",
        "diff(day, moment, 'hours')",
        "diff(date_text, day, 'months')",
        "diff(at, moment, 'minutes')",
        "diff(day, '2020-02-29', 'years')",
    ],
    "divide": ["n / 2", "x / n", "i / n", "huge / 3", "number_text / 2"],
    "either": ["ok || n > 0", "ok || null"],
    "ends_with": ["endsWith(name, 'b')", "endsWith(name, '')"],
    "equal": [*compared("=="), "ok == true", "name == kind", "n == number_text"],
    "exp": ["exp(n)", "exp(x)"],
    "extract": [
        "extract(name, '[a-z]+')",
        "extract(date_text, '(\\\\d+)-(\\\\d+)', 2)",
        "extract(number_text, '\\\\d')",
    ],
    "field": ["toString(parseJson(json).a)", "parseJson(json).a"],
    "filter": ["join(filter(split(name, ''), c, c > 'a'), '')", "filter([n, 2, 3], v, v > 2)[0]"],
    "floor": ["floor(x)", "floor(n)"],
    "for_each": ["forEach([n, i], v, v * 2)[0]", "join(forEach(split(name, ','), v, upper(v)), '-')"],
    "format_date": [f"formatDate({c}, '%d/%m/%Y %H:%M:%S')" for c in DATES],
    "from_zone": ["fromZone(moment, 'Europe/Paris')", "fromZone(date_text, 'America/New_York')"],
    "greater": compared(">"),
    "greater_or_equal": compared(">="),
    "hour": over("hour(%)", *DATES),
    "if_else": ["if(n > 1, 'many', 'few')", "if(ok, n, x)", "if(ok, name, null)", "if(isNull(n), 0, n)"],
    "inc": ["inc(day, 1, 'month')", "inc(at, -1)", "inc(moment, 90, 'minutes')", "inc(date_text, n, 'days')"],
    "index_of": ["indexOf(name, 'b')", "indexOf(name, kind)"],
    "is_empty": over("isEmpty(%)", "name", "n", "x", "day", "kind"),
    "is_in": ["isIn(kind, 'a', 'b')", "isIn(n, 1, 7)", "isIn(name, kind, 'bob')"],
    "is_null": over("isNull(%)", "name", "n", "x", "at"),
    "item": ["split(name, ',')[0]", "split(name, ',')[-1]", "[n, i][1]", "[n, i][5]"],
    "join": ["join(split(name, ','), '+')", "join([n, i], ', ')"],
    "length": ["length(name)", "length(n)", "length(split(name, ','))"],
    "less": compared("<"),
    "less_or_equal": compared("<="),
    "log": ["log(x)", "log(n)", "round(log(i, 10), 9)"],
    "lower": ["lower(name)", "lower(n)"],
    "matches": ["matches(name, '^[a-z]+$')", "matches(date_text, '\\\\d{4}')", "matches(name, 'é')"],
    "max": ["max(n, i)", "max(x, 1)", "max(name, kind)"],
    "min": ["min(n, i)", "min(x, 1)", "min(name, kind)"],
    "minute": over("minute(%)", *DATES),
    "modulo": ["n % 3", "x % 2", "i % n", "huge % 7"],
    "month": over("month(%)", *DATES),
    "multiply": ["n * 3", "x * n", "number_text * 2"],
    "negate": ["-n", "-x", "-(number_text)"],
    "not_equal": compared("!="),
    "now": ["now() > at"],
    "opposite": ["!ok", "not n > 1"],
    "pad_left": ["padLeft(name, 6, '*')", "padLeft(n, 3)"],
    "pad_right": ["padRight(name, 6, '*')", "padRight(n, 3, '.')"],
    "parse_json": [
        "toString(parseJson(json))",
        "toNumber(parseJson(json)[0])",
        "toString(parseJson(json).b[1])",
    ],
    "pow": ["pow(n, 2)", "pow(x, 2)", "pow(n, 0.5)", "pow(i, -1)"],
    "quarter": over("quarter(%)", *DATES),
    "replace": ["replace(name, 'b', 'BB')", "replace(name, ' ', '')", "replace(name, kind, '-')"],
    "replace_regex": [
        "replaceRegex(name, '[a-z]', '#')",
        "replaceRegex(date_text, '(\\\\d+)-(\\\\d+)', '\\\\2/\\\\1')",
    ],
    "reverse": ["reverse(name)", "reverse(n)"],
    "round": ["round(x)", "round(x, 1)", "round(n, -1)", "round(number_text)"],
    "second": over("second(%)", *DATES),
    "sign": ["sign(n)", "sign(x)"],
    "split": ["length(split(name, ','))", "split(name, '|')[0]"],
    "sqrt": ["sqrt(n)", "sqrt(x)"],
    "starts_with": ["startsWith(name, 'b')", "startsWith(name, ' ')", "startsWith(n, '1')"],
    "substring": ["substring(name, 1, 3)", "substring(name, 2)", "substring(n, 0, 1)"],
    "subtract": ["n - 3", "n - x", "number_text - 1"],
    "to_integer": over("toInteger(%)", "number_text", "x", "n", "ok"),
    "to_number": over("toNumber(%)", "number_text", "n", "ok"),
    "to_string": over("toString(%)", "n", "huge", "x", "ok", "day", "at", "moment", "name"),
    "trim": ["trim(name)"],
    "trunc": [
        *over("trunc(%, 'month')", *DATES),
        *over("trunc(%)", *DATES),
        "trunc(at, 'week')",
        "trunc(day, 'quarter')",
    ],
    "truth": over("truth(%)", "number_text", "n", "ok", "name"),
    "upper": ["upper(name)"],
    "week": over("week(%)", *DATES),
    "weekday": over("weekday(%)", *DATES),
    "year": over("year(%)", *DATES),
}
