"""Full names, and their two parts in Zoho.

Floor 2: values only.

SALESmanago holds one name, Zoho two.
Which words belong to the family name cannot be known, so a split that a
person made in Zoho is kept as far as the words allow.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["joined", "splits"]


def joined(first: str | None, last: str | None) -> str | None:
    """Give the full name of two parts.

    >>> joined("Anna", None)
    'Anna'
    """
    if first and last:
        return f"{first} {last}"
    return first or last or None


def splits(
    name: str, *, first: str | None = None, last: str | None = None
) -> Iterator[tuple[str | None, str]]:
    """Give the ways to split a name, the likeliest first.

    If the name still ends with the present last name, or else still starts
    with the present first name, that part stays.
    Otherwise the last word is the last name, then the last two, and so on.

    Args:
        name: a name that is not blank.
        first: the present first name.
        last: the present last name.

    >>> next(splits("Anna van der Berg"))
    ('Anna van der', 'Berg')
    >>> next(splits("Eva van der Berg", first="Anna", last="van der Berg"))
    ('Eva', 'van der Berg')
    """
    words = name.split()
    kept_last, kept_first = (last or "").split(), (first or "").split()
    if kept_last and len(words) >= len(kept_last):
        cut = len(words) - len(kept_last)
        if words[cut:] == kept_last:
            yield _cut(words, cut)
    if kept_first and len(words) > len(kept_first):
        cut = len(kept_first)
        if words[:cut] == kept_first:
            yield _cut(words, cut)
    for cut in range(len(words) - 1, -1, -1):
        yield _cut(words, cut)


def _cut(words: list[str], cut: int) -> tuple[str | None, str]:
    return " ".join(words[:cut]) or None, " ".join(words[cut:])
