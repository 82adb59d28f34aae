"""The grammar of COQL as the fake Zoho reads it.

Floor 9: text in, a question out.
Conditions are bracketed in pairs: two may stand beside each other, a third one
needs brackets.

Source: Zoho CRM API v7 and v8, the pages on COQL and their example sheets, which
give the words of the errors; "Kaizen #171" for quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal, NoReturn, TypeAlias

from attrs import frozen

from crmbridge.testing._zoho.answers import Refused

__all__ = ["Asking", "Both", "Escapes", "Literals", "Test", "Where", "parse"]

Escapes: TypeAlias = Literal["doubled", "backslash", "both"]
Literals: TypeAlias = tuple[str | int | float | bool, ...]


@frozen
class Test:
    """One comparison, such as ``Email = 'a@example.com'``."""

    __test__ = False

    name: str
    operator: str
    values: Literals = ()


@frozen
class Both:
    """Two conditions and ``and`` or ``or`` between them."""

    left: Where
    word: str
    right: Where


Where: TypeAlias = Test | Both


@frozen
class Asking:
    """A question that was read.

    Attributes:
        names: the fields of ``select``.
        module: whose records.
        where: which records.
        order: the fields of ``order by``, and whether each goes downwards.
        limit: how many rows.
        offset: how many rows are passed over.
    """

    names: tuple[str, ...]
    module: str
    where: Where
    order: tuple[tuple[str, bool], ...] = ()
    limit: int = 200
    offset: int = 0


_TEXTS: Final[Mapping[str, str]] = {
    "doubled": r"'(?:[^']|'')*'",
    "backslash": r"'(?:[^'\\]|\\.)*'",
    "both": r"'(?:[^'\\]|\\.|'')*'",
}
_REST: Final = r"""
    |(?P<quoted>"[^"]*")
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<word>[A-Za-z$][\w$]*(?:\.\w+)*)
    |(?P<sign><=|>=|!=|=|<|>|\(|\)|,)
    |(?P<space>\s+)
"""
_TOKENS: Final[Mapping[str, re.Pattern[str]]] = {
    how: re.compile(f"(?P<text>{text}){_REST}", re.VERBOSE | re.DOTALL | re.ASCII)
    for how, text in _TEXTS.items()
}
_ESCAPED: Final[Mapping[str, re.Pattern[str]]] = {
    "doubled": re.compile("''"),
    "backslash": re.compile(r"\\.", re.DOTALL),
    "both": re.compile(r"\\.|''", re.DOTALL),
}
_COMPARING: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_KEY_WORDS: Final = """
    and asc between by desc from in is like limit not null offset or order select where
"""
_WORDS: Final = frozenset(_KEY_WORDS.split())


@frozen
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """Give the key word that it is, or ``""``."""
        word = self.text.lower()
        return word if self.kind == "word" and word in _WORDS else ""


_END: Final = _Token("end", "", 0)


def parse(text: str, escapes: Escapes = "doubled") -> Asking:
    """Read a question.

    Raises:
        Refused: it is none.
    """
    return _Parser(_tokens(text, escapes), escapes).asking()


def _tokens(text: str, escapes: Escapes) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKENS[escapes].match(text, at)
        if match is None:
            _refuse_token(_Token("", text[at : at + 10], at))
        if match.lastgroup != "space":
            tokens.append(_Token(match.lastgroup or "", match[0], at))
        at = match.end()
    return tokens


def _refuse_token(token: _Token) -> NoReturn:
    details = {"line": 1, "column": token.at + 1, "near": token.text}
    raise Refused(400, "SYNTAX_ERROR", "unexpected token", details)


def _missing(clause: str) -> Refused:
    return Refused(400, "SYNTAX_ERROR", "missing clause", {"clause": clause})


class _Parser:
    """Reads tokens from the left to the right."""

    def __init__(self, tokens: list[_Token], escapes: Escapes) -> None:
        self._tokens = tokens
        self._escapes = escapes
        self._at = 0

    def asking(self) -> Asking:
        if self._next.word != "select":
            raise Refused(400, "SYNTAX_ERROR", "given coql query not supported")
        self._take()
        names = self._listed(self._name)
        self._clause("from")
        module = self._name()
        self._clause("where")
        where = self._condition()
        order = self._order()
        limit, offset = self._bounds()
        if self._next is not _END:
            _refuse_token(self._next)
        return Asking(names, module, where, order, limit, offset)

    # --- tokens ---

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _takes(self, *words: str) -> bool:
        """Pass over words, if they are what comes next."""
        ahead = self._tokens[self._at : self._at + len(words)]
        if [token.word or token.text for token in ahead] != list(words):
            return False
        self._at += len(words)
        return True

    def _expect(self, word: str) -> None:
        if not self._takes(word):
            _refuse_token(self._next)

    def _clause(self, word: str) -> None:
        if self._next is _END or self._next.word in {"order", "limit", "offset"}:
            raise _missing(word)
        self._expect(word)

    # --- parts ---

    def _listed(self, read: Callable[[], str]) -> tuple[str, ...]:
        names = [read()]
        while self._takes(","):
            names.append(read())
        return tuple(names)

    def _name(self) -> str:
        token = self._take()
        if token.kind == "word" and not token.word:
            return token.text
        if token.kind in {"text", "quoted"}:
            return token.text[1:-1]
        _refuse_token(token)

    def _condition(self) -> Where:
        left = self._operand()
        word = self._next.word
        if word not in {"and", "or"}:
            return left
        self._take()
        return Both(left, word, self._operand())

    def _operand(self) -> Where:
        if not self._takes("("):
            return self._test()
        inner = self._condition()
        self._expect(")")
        return inner

    def _test(self) -> Test:
        name = self._name()
        token = self._take()
        if token.text in _COMPARING:
            return Test(name, token.text, (self._literal(),))
        if token.word == "is":
            is_negated = self._takes("not")
            self._expect("null")
            return Test(name, "is not null" if is_negated else "is null")
        if token.word == "not":
            token = self._take()
            return Test(name, f"not {token.word}", self._values(token))
        return Test(name, token.word, self._values(token))

    def _values(self, token: _Token) -> Literals:
        if token.word == "like":
            return (self._literal(),)
        if token.word == "between":
            first = self._literal()
            self._expect("and")
            return first, self._literal()
        if token.word != "in":
            _refuse_token(token)
        self._expect("(")
        values = [self._literal()]
        while self._takes(","):
            values.append(self._literal())
        self._expect(")")
        return tuple(values)

    def _literal(self) -> str | int | float | bool:
        token = self._take()
        if token.kind in {"text", "quoted"}:
            return self._plain(token.text)
        if token.kind == "number":
            return float(token.text) if "." in token.text else int(token.text)
        if token.text.lower() in {"true", "false"}:
            return token.text.lower() == "true"
        _refuse_token(token)

    def _plain(self, quoted: str) -> str:
        text = quoted[1:-1]
        if quoted[0] != "'":
            return text
        return _ESCAPED[self._escapes].sub(lambda found: found[0][1], text)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self._takes("order", "by"):
            return ()
        orders: list[tuple[str, bool]] = []
        while not orders or self._takes(","):
            name = self._name()
            is_descending = self._takes("desc")
            if not is_descending:
                self._takes("asc")
            orders.append((name, is_descending))
        return tuple(orders)

    def _bounds(self) -> tuple[int, int]:
        """Read ``limit N offset M`` or ``limit M, N``."""
        limit, offset = 200, 0
        if self._takes("limit"):
            limit = self._number("limit")
            if self._takes(","):
                offset, limit = limit, self._number("limit")
        if self._takes("offset"):
            offset = self._number("offset")
        if limit < 1:
            raise Refused(400, "INVALID_DATA", "limit should be greater than 0")
        return limit, offset

    def _number(self, clause: str) -> int:
        token = self._take()
        if token.kind == "number" and token.text.isdecimal():
            return int(token.text)
        raise Refused(
            400,
            "INVALID_QUERY",
            f"{clause} given seems to be invalid",
            {clause: token.text},
        )
