"""A server with OpenAI's chat completions for tests: real HTTP, and a player behind it that reads what it is asked.

To try things out: ``python -m tests.chat_site``.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cicero_lite.web.serving import ThreadedServer

Body: TypeAlias = dict[str, Any]
Answer: TypeAlias = Callable[[Body], Response]
"""What the server says to a request."""

LETTERS_A_TOKEN = 4


def question(body: Body) -> str:
    """What the model is asked, maybe for the second time."""
    said: str = body["messages"][1]["content"]
    return said


def legal(body: Body) -> dict[str, list[str]]:
    """The legal orders by name, as the prompt tells them."""
    _, _, after = question(body).partition("# Your legal orders\n")
    found: dict[str, list[str]] = {}
    for line in after.partition("\n# Question")[0].splitlines():
        names, _, orders = line.partition(": ")
        for name in names.partition(" (each")[0].split(", "):
            found[name] = orders.split(" | ")
    return found


def is_about_orders(body: Body) -> bool:
    """Whether orders are asked for; else messages."""
    return "Which orders do you give?" in question(body)


def says(content: str | None, reason: str = "stop", usage: bool = True) -> Answer:
    """A model that says this."""

    def answer(body: Body) -> Response:
        choice = {"message": {"role": "assistant", "content": content}, "finish_reason": reason}
        letters = sum(len(message["content"]) for message in body["messages"])
        counts = {
            "prompt_tokens": letters // LETTERS_A_TOKEN,
            "completion_tokens": len(content or "") // LETTERS_A_TOKEN,
        }
        return JSONResponse({"choices": [choice], **({"usage": counts} if usage else {})})

    return answer


def fails(status: int, text: str = '{"error": {"message": "out of memory"}}') -> Answer:
    """A server that fails."""
    return lambda body: Response(text, status)


def plays(body: Body) -> Response:
    """A model that answers in the schema: legal orders and small talk, drawn by the seed of the request."""
    rng = Random(body["seed"])
    if is_about_orders(body):
        left = {name: list(orders) for name, orders in legal(body).items()}
        given: dict[str, str] = {}
        for name, orders in left.items():
            taken = {re.sub(r"^[AF] (\w{3}).*", r"\1", order) for order in given.values()}
            free = [order for order in orders if order == "WAIVE" or order[2:5] not in taken]
            given[name] = rng.choice(free)
        return says(json.dumps(given))(body)
    found = re.search(r"to any of (.*?), ALL", question(body))
    assert found is not None
    to = rng.choice(found[1].split(", "))
    text = f"Shall we leave each other alone, {to.title()}? I have {rng.randrange(99)} reasons."
    return says(json.dumps({"messages": [{"to": to, "text": text}]}))(body)


@dataclass
class ChatSite:
    """Answers by script, the last answer again and again, and remembers what it was asked."""

    script: list[Answer] = field(default_factory=lambda: [plays])
    delay_s: float = 0.0
    """How long it thinks."""
    bodies: list[Body] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    """What stood in the header Authorization."""
    url: str = ""

    async def answer(self, request: Request) -> Response:
        """Answers one request."""
        body = json.loads(await request.body())
        self.bodies.append(body)
        self.keys.append(request.headers.get("Authorization"))
        await asyncio.sleep(self.delay_s)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return answer(body)


@contextmanager
def chat_site(*script: Answer) -> Iterator[ChatSite]:
    """A site that serves until the context ends."""
    site = ChatSite(list(script) or [plays])
    server = ThreadedServer(Starlette(routes=[Route("/v1/chat/completions", site.answer, methods=["POST"])]))
    server.start("127.0.0.1", 0)
    site.url = f"http://127.0.0.1:{server.port}/v1"
    try:
        yield site
    finally:
        server.stop()


if __name__ == "__main__":
    with chat_site() as served, suppress(KeyboardInterrupt):
        print(served.url, flush=True)
        threading.Event().wait()
