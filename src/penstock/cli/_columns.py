"""How wide the columns of a table may be on a screen; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

GAP = 2
"""Blanks between two columns."""
WORD = 44
"""A word longer than this may be broken."""
PHRASE = 19
"""A text of several words gets at least so much room."""
LEAST = 3
"""Columns that are shown however narrow the screen is."""


def widths(columns: Sequence[Sequence[str]], screen: int) -> list[int]:
    """The widths of the columns that fit, from the left: no word is broken as long as another column can shrink.

    A column is its heading and its cells. Columns that have no entry in the answer do not fit.
    """
    least = [_least(cells, first=not n) for n, cells in enumerate(columns)]
    shown = _shown(least, screen)
    wanted = [max(len(cell) for cell in cells) for cells in columns[:shown]]
    return _squeezed(_shared(least[:shown], wanted, screen), screen)


def chosen(columns: Sequence[Sequence[str]], screen: int, keep: Collection[int]) -> dict[int, int]:
    """Which columns are shown, and how wide: those that matter always, the others from the left as far as they fit.

    Where even those that matter are too many, their texts are broken into more lines.
    """
    shown = list(range(len(columns)))
    while not _fits([_least(columns[n], first=not n) for n in shown], screen):
        spare = [n for n in shown if n not in keep]
        if not spare:
            return dict(zip(shown, _narrow([columns[n] for n in shown], screen), strict=True))
        shown.remove(spare[-1])
    return dict(zip(shown, widths([columns[n] for n in shown], screen), strict=True))


def _fits(least: Sequence[int], screen: int) -> bool:
    return sum(least) + GAP * (len(least) - 1) <= screen


def _narrow(columns: Sequence[Sequence[str]], screen: int) -> list[int]:
    """Widths by which no word is broken, as long as that is possible."""
    least = [min(max((len(w) for cell in cells for w in cell.split()), default=1), WORD) for cells in columns]
    wanted = [max(len(cell) for cell in cells) for cells in columns]
    return _squeezed(_shared(least, wanted, screen), screen)


def _least(cells: Sequence[str], *, first: bool) -> int:
    """The longest word, or a few of them; a name in the first column whole."""
    word = min(max((len(w) for cell in cells for w in cell.split()), default=1), WORD)
    whole = max(len(cell) for cell in cells)
    return min(whole, WORD) if first else max(word, min(whole, PHRASE))


def _shown(least: Sequence[int], screen: int) -> int:
    """How many columns fit side by side at their least."""
    fitting = [n for n in range(1, len(least) + 1) if sum(least[:n]) + GAP * (n - 1) <= screen]
    return max(fitting, default=0) if len(fitting) >= LEAST else min(LEAST, len(least))


def _shared(least: Sequence[int], wanted: Sequence[int], screen: int) -> list[int]:
    """Room that is left goes to who is nearest to being whole."""
    given, spare = list(least), screen - sum(least) - GAP * (len(least) - 1)
    order = sorted(range(len(least)), key=lambda n: wanted[n] - least[n])
    for left, n in zip(range(len(order), 0, -1), order, strict=True):
        more = max(0, min(wanted[n] - least[n], spare // left))
        given[n] += more
        spare -= more
    return given


def _squeezed(given: list[int], screen: int) -> list[int]:
    """The widest gives way until all fit."""
    while sum(given) + GAP * (len(given) - 1) > screen and max(given) > 1:
        given[given.index(max(given))] -= 1
    return given
