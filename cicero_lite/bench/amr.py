"""Graphs of abstract meaning representation (AMR) in PENMAN notation, as labelled press has them.

(p / propose-01 :ARG0 (c / country :name (n / name :op1 "France")) :ARG1 (a / ally-01 :ARG2 c))
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cicero_lite.errors import CiceroLiteError


class AmrError(CiceroLiteError, ValueError):
    """A text that is no graph in PENMAN notation."""


@dataclass
class Node:
    """A concept with what it is related to, in the order written."""

    concept: str
    edges: list[tuple[str, Node]] = field(default_factory=list)
    """Role without its colon -> node.  A constant ("-", a name, a number) is a node of that concept, without edges."""

    def get(self, *roles: str) -> Node | None:
        """What the first of these roles that is there leads to."""
        return next((node for role in roles for name, node in self.edges if name == role), None)

    def operands(self) -> list[Node]:
        """The members of a conjunction or disjunction; of anything else itself."""
        if self.concept in ("and", "or"):
            return [node for name, node in self.edges if name.startswith("op")]
        return [self]

    def walk(self) -> Iterator[Node]:
        """Every node that can be reached, itself first, each once."""
        seen: set[int] = set()
        stack = [self]
        while stack:
            node = stack.pop()
            if id(node) not in seen:
                seen.add(id(node))
                yield node
                stack += [child for _, child in reversed(node.edges)]


_TOKEN = re.compile(r'\s+|(?P<token>[()/]|:[^\s()]+|"[^"]*"|[^\s()/"]+)')


def parse_amr(text: str) -> Node:
    """The graph of a text in PENMAN notation; a variable used before it is introduced, too.

    >>> parse_amr('(m / move-01 :ARG2 (p / province :name (n / name :op1 "Paris")))').get("ARG2").concept
    'province'

    Raises:
        AmrError: the text is no such graph; the message says where.
    """
    return _Parser(text).parse()


class _Parser:
    """Reads one graph."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, int]] = []
        self.at = 0
        self.named: dict[str, Node] = {}
        self.references: list[tuple[Node, int, str]] = []

    def parse(self) -> Node:
        self._tokenise()
        root = self._node()
        if self.at < len(self.tokens):
            raise self._error("the end")
        for node, index, name in self.references:
            if name in self.named:
                node.edges[index] = (node.edges[index][0], self.named[name])
        return root

    def _tokenise(self) -> None:
        end = 0
        while end < len(self.text):
            match = _TOKEN.match(self.text, end)
            if match is None:
                raise AmrError(f"expected a closing quotation mark in the graph {self._excerpt(end)}")
            if match["token"] is not None:
                self.tokens.append((match["token"], end))
            end = match.end()

    def _node(self) -> Node:
        self._expect("(")
        name = self._symbol("a variable")
        self._expect("/")
        node = self.named[name] = Node(self._symbol("a concept"))
        while self._peek().startswith(":"):
            role = self._next()[1:]
            if self._peek() == "(":
                node.edges.append((role, self._node()))
                continue
            value = self._symbol("a node, variable or constant")
            self.references.append((node, len(node.edges), value))
            node.edges.append((role, Node(value.strip('"'))))
        self._expect(")")
        return node

    def _peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self.at += 1
        return token

    def _symbol(self, what: str) -> str:
        token = self._peek()
        if not token or token in ("(", ")", "/") or token.startswith(":"):
            raise self._error(what)
        return self._next()

    def _expect(self, token: str) -> None:
        if self._peek() != token:
            raise self._error(repr(token))
        self.at += 1

    def _error(self, expected: str) -> AmrError:
        if self.at >= len(self.tokens):
            return AmrError(f"expected {expected} at the end of the graph {self._excerpt(len(self.text))}")
        token, place = self.tokens[self.at]
        return AmrError(f"expected {expected}, got {token!r} in the graph {self._excerpt(place)}")

    def _excerpt(self, place: int) -> str:
        return repr(f"...{self.text[max(0, place - 30) : place + 20]}..." if len(self.text) > 60 else self.text)
