"""A chat model behind HTTP that is asked for JSON.

    POST {url}/chat/completions
       {"model": "some-model", "messages": [{"role": "system", "content": "You play ..."}, ...], "max_tokens": 2048,
        "temperature": 0.7, "seed": 7,
        "response_format": {"type": "json_schema", "json_schema": {"name": "orders", "strict": true, "schema": {...}}}}
    -> {"choices": [{"message": {"content": "{\"A PAR\": \"A PAR - BUR\"}"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 2311, "completion_tokens": 44}}

A server that refuses the schema is asked again without, and from then on never with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dialogue.language_model import ChatConfig, RefusedError, Usage
from dialogue.server import Server

_PATH = "chat/completions"
_LETTERS_A_TOKEN = 4
"""Of English and of JSON, on average; tokens that a server does not count are guessed by it."""
_MOST_LETTERS_A_TOKEN = 12
"""An answer of more letters is cut off: its server does not keep to the limit of tokens."""


class Role(StrEnum):
    """Who says something in a chat."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class Turn:
    """What is said in a chat."""

    role: Role
    text: str


@dataclass(frozen=True)
class AnswerForm:
    """The JSON that is asked for."""

    name: str
    """Letters, digits and underscores."""
    schema: Mapping[str, Any]
    """As JSON Schema has it; of an object."""


@dataclass(frozen=True)
class ChatAnswer:
    """What a chat model answered."""

    text: str
    """Whatever it is: nothing but its length is checked."""
    finished: bool
    """False: cut off at the limit of tokens."""
    usage: Usage
    """Of this request; guessed at four letters a token if the server does not tell."""


class ChatModel:
    """A chat model on a server; one seat asks it, many may share the server."""

    def __init__(self, config: ChatConfig, server: Server) -> None:
        """Sends nothing yet."""
        self.config = config
        self._server = server
        self._takes_schema = config.json_schema

    def ask(self, turns: Sequence[Turn], form: AnswerForm, seed: int) -> ChatAnswer:
        """The next thing that the model says; whether the same seed gives the same is the server's affair.

        Args:
            turns: the chat so far.
            form: enforced if the server can, else a wish.
            seed: 0 to 2**31 - 1.

        Raises:
            EndpointError: no answer, a refusal, or an answer of another interface.
        """
        body = self._body(turns, seed)
        if not self._takes_schema:
            return self._answer(turns, self._server.post(_PATH, body))
        wanted = {"name": form.name, "strict": True, "schema": form.schema}
        formed = {"response_format": {"type": "json_schema", "json_schema": wanted}, **body}
        try:
            answer = self._server.post(_PATH, formed)
        except RefusedError:
            answer = self._server.post(_PATH, body)
            self._takes_schema = False
        return self._answer(turns, answer)

    def _body(self, turns: Sequence[Turn], seed: int) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.config.model,
            "messages": [{"role": turn.role.value, "content": turn.text} for turn in turns],
            "max_tokens": self.config.max_tokens,
            "temperature": self.config.temperature,
            "seed": seed,
            **self.config.request,
        }
        return {name: value for name, value in body.items() if value is not None}

    def _answer(self, turns: Sequence[Turn], answer: Any) -> ChatAnswer:
        try:
            choice = answer["choices"][0]
            said = choice["message"]["content"] or ""
            usage = self._server.used(answer)
            if not isinstance(said, str):
                raise TypeError("expected a text")
            most = self.config.max_tokens * _MOST_LETTERS_A_TOKEN
            finished = choice.get("finish_reason") != "length" and len(said) <= most
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            cure = "is it a server with OpenAI's interface for chat?"
            raise self._server.strange(_PATH, "choices[0].message.content", str(answer), cure) from None
        if usage.prompt_tokens == 0:
            letters = sum(len(turn.text) for turn in turns)
            usage = self._server.priced(letters // _LETTERS_A_TOKEN, len(said) // _LETTERS_A_TOKEN)
        text = said[:most].encode("utf-8", "replace").decode()  # halves of characters could not be sent back
        return ChatAnswer(self._server.without_key(text), finished, usage)
