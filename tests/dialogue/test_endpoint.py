"""A real HTTP server on this machine: what it says becomes samples, what it does wrong becomes one clear line."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers.utils.import_utils import is_serve_available

from dialogue.acts import ActKind, SpeechAct
from dialogue.endpoint import INSTRUCTION, EndpointModel
from dialogue.generation import GenerationConfig, Source, draft, prefer
from dialogue.language_model import EndpointConfig, EndpointError, SamplingConfig, Usage
from dialogue.lm import LocalModel
from dialogue.names import Slots
from dialogue.prompt import NAMED_SLOTS
from dialogue.situation import SpeechPlan
from engine.game import Game
from engine.types import Power
from tests.language_models import save_llama, transformers_serve

SAMPLING = SamplingConfig(temperature=1.0, max_tokens=12)
BUR = [frozenset({"<BUR>"})]
KEY = "sk-very-secret"

Answer = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]
"""Answers one request, whose body is given."""


def send(handler: BaseHTTPRequestHandler, status: int, body: str, **headers: str) -> None:
    """An HTTP response."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body.encode())))
    handler.end_headers()
    handler.wfile.write(body.encode())


def says(*texts: str, reason: str = "stop", **more: Any) -> Answer:
    """A server that says these texts."""

    def answer(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        key = (lambda text: {"message": {"content": text}}) if "messages" in body else (lambda text: {"text": text})
        choices = [{**key(text), "finish_reason": reason, **more} for text in texts]
        usage = {"prompt_tokens": 100, "completion_tokens": 10}
        send(handler, 200, json.dumps({"choices": choices, "usage": usage}))

    return answer


def fails(status: int, body: str = "{}", **headers: str) -> Answer:
    """A server that answers with an error."""
    return lambda handler, _: send(handler, status, body, **headers)


def hangs_up(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """A server that drops the connection in the middle of its answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def sleeps(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """A server that takes longer than anybody waits."""
    handler.server.awake.wait(20)  # type: ignore[attr-defined]


def drips(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """A server whose answer never ends, though a byte of it comes all the time."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(ConnectionError):
        while not handler.server.awake.wait(0.05):  # type: ignore[attr-defined]
            handler.wfile.write(b" ")
            handler.wfile.flush()


def floods(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """A server that sends more than any model writes."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(ConnectionError):
        for _ in range(50):
            handler.wfile.write(b" " * 1_000_000)


@dataclass
class Server:
    """Answers by script, the last answer again and again, and remembers what it was asked."""

    url: str
    script: list[Answer]
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known.bodies.append(body)
            known.headers.append(dict(self.headers))
            known.paths.append(self.path)
            answer = known.script.pop(0) if len(known.script) > 1 else known.script[0]
            answer(self, body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        awake = threading.Event()

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # clients that give up are part of the tests

    http = Quiet(("127.0.0.1", 0), Handler)
    known = Server(f"http://127.0.0.1:{http.server_address[1]}/v1", [])
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield known
    http.awake.set()
    http.shutdown()
    thread.join()
    http.server_close()


@dataclass
class Asked:
    """A model behind the server, and how long it slept between tries."""

    model: EndpointModel
    slept: list[float]

    def sample(self, per_prompt: int = 1) -> list[str]:
        """Texts for one prompt, in which Burgundy may be named."""
        return [s.text for s in self.model.sample(["Where to? <msg>"], per_prompt, SAMPLING, BUR, seed=3)[0]]


@pytest.fixture
def ask(server: Server) -> Iterator[Callable[..., Asked]]:
    opened: list[EndpointModel] = []

    def make(*script: Answer, clock: Callable[[], float] = time.monotonic, **settings: Any) -> Asked:
        server.script[:] = script
        slept: list[float] = []
        config = replace(EndpointConfig(server.url, "press", timeout_s=5.0), **settings)
        opened.append(EndpointModel(config, slept.append, clock))
        return Asked(opened[-1], slept)

    yield make
    for model in opened:
        model.close()


def test_a_completion_is_a_sample(ask: Callable[..., Asked], server: Server) -> None:
    asked = ask(says(" I'll go to  <BUR>.\nAnd more"), prompt_price=2.0, text_price=10.0)
    assert asked.sample() == ["I'll go to <BUR>."]
    wanted = {"model": "press", "prompt": "Where to? <msg>", "max_tokens": 12, "temperature": 1.0, "top_p": 0.95}
    assert server.bodies == [{**wanted, "seed": 3, "stop": ["\n"]}]
    assert server.paths == ["/v1/completions"]
    assert "Authorization" not in server.headers[0]
    assert asked.model.usage == Usage(1, 0, 100, 10, (100 * 2.0 + 10 * 10.0) / 1e6)


def test_one_request_a_text_or_all_in_one(ask: Callable[..., Asked], server: Server) -> None:
    assert ask(says("a")).sample(3) == ["a"] * 3
    assert sorted(body["seed"] for body in server.bodies) == [3, 4, 5]
    server.bodies.clear()
    assert ask(says("a", "b", "c"), texts_in_one=True).sample(3) == ["a", "b", "c"]
    assert [body["n"] for body in server.bodies] == [3]
    assert ask(says("a")).sample(0) == []


def test_chat_is_told_what_the_prompt_means(ask: Callable[..., Asked], server: Server) -> None:
    assert ask(says('"Hello <BUR>"'), chat=True).sample() == ["Hello <BUR>"], "without quotation marks"
    assert server.paths == ["/v1/chat/completions"]
    assert [m["content"] for m in server.bodies[0]["messages"]] == [INSTRUCTION, "Where to? <msg>"]
    silent = ask(lambda h, _: send(h, 200, '{"choices": [{"message": {"content": null}}]}'), chat=True)
    assert silent.sample() == [""]


def test_slots_outside_the_plan_are_dropped(ask: Callable[..., Asked]) -> None:
    asked = ask(says("to <BUR>", "to <PAR>", "to <W1:adj> <BUR>", "nowhere"), texts_in_one=True)
    assert asked.sample(4) == ["to <BUR>", "nowhere"]


def test_log_probabilities(ask: Callable[..., Asked], server: Server) -> None:
    asked = ask(says("a", logprobs={"token_logprobs": [None, -1.0, -2.0]}), logprobs=True)
    (sample,) = asked.model.sample(["x"], 1, SAMPLING, BUR, 0)[0]
    assert sample.log_likelihood == -1.5
    assert server.bodies[0]["logprobs"] == 1
    (plain,) = ask(says("a", reason="length")).model.sample(["x"], 1, SAMPLING, BUR, 0)[0]
    assert (plain.log_likelihood, plain.finished) == (None, False)
    chat = ask(says("a", logprobs={"content": [{"logprob": -3.0}]}), logprobs=True, chat=True)
    assert chat.model.sample(["x"], 1, SAMPLING, BUR, 0)[0][0].log_likelihood == -3.0


def test_what_may_pass_is_tried_again(ask: Callable[..., Asked], server: Server) -> None:
    asked = ask(fails(429, Retry_After="7"), fails(503), hangs_up, says("there"))
    assert asked.sample() == ["there"]
    assert len(server.bodies) == 4
    assert asked.slept[0] == 7.0, "as long as the server asks for"
    assert all(0 <= waited <= 10 for waited in asked.slept)
    assert (asked.model.usage.requests, asked.model.usage.retries) == (1, 3)


def test_it_gives_up_in_the_end_and_rests(ask: Callable[..., Asked], server: Server) -> None:
    now = [0.0]
    asked = ask(fails(500, '{"error": {"message": "out of memory"}}'), clock=lambda: now[0], attempts=3, rest_s=50.0)
    with pytest.raises(EndpointError, match=r"no answer from http.*/v1/completions: 500 .*out of memory") as raised:
        asked.sample()
    assert "\n" not in str(raised.value)
    assert len(server.bodies) == 3
    with pytest.raises(EndpointError, match="not asked for 50 s"):
        asked.sample()
    assert len(server.bodies) == 3, "nothing is asked while it rests"
    now[0], server.script[:] = 51.0, [says("again")]
    assert asked.sample() == ["again"]


def test_patience_ends_before_a_long_wait(ask: Callable[..., Asked], server: Server) -> None:
    with pytest.raises(EndpointError, match="429"):
        ask(fails(429, Retry_After="3600")).sample()
    assert len(server.bodies) == 1


def test_a_slow_server_and_none_at_all(ask: Callable[..., Asked], server: Server) -> None:
    with pytest.raises(EndpointError, match=r"no answer from .*ReadTimeout"):
        ask(sleeps, timeout_s=0.2, attempts=2).sample()
    with pytest.raises(EndpointError, match=r"no answer from .*the answer took longer than 0\.3 s"):
        ask(drips, timeout_s=0.3, attempts=1).sample()
    with pytest.raises(EndpointError, match=r"expected at most 4000000 bytes from http"):
        ask(floods).sample()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(EndpointError, match=r"no answer from .*ConnectError"):
        ask(says("x"), url=url, attempts=2).sample()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (fails(200, "<html>Welcome</html>"), "expected JSON from .*got '<html>Welcome"),
        (fails(200, '{"choices": []}'), r"expected choices\[\]\.text"),
        (fails(200, '{"choices": [{"message": {"content": "hi"}}]}'), "agent.endpoint.chat"),
        (fails(200, "[1]"), r"expected choices\[\]\.text"),
        (fails(404, '{"detail": "no such model"}'), "refuses: 404 Not Found no such model"),
        (fails(400, '{"error": "bad prompt"}'), "refuses: 400 Bad Request bad prompt"),
    ],
)
def test_strange_answers(ask: Callable[..., Asked], server: Server, answer: Answer, said: str) -> None:
    with pytest.raises(EndpointError, match=said):
        ask(answer).sample()
    assert len(server.bodies) == 1, "what cannot pass is not tried again"


def test_the_key_is_sent_and_never_shown(
    ask: Callable[..., Asked], server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESS_KEY", KEY)
    asked = ask(says("x"), key_variable="PRESS_KEY")
    asked.sample()
    assert server.headers[-1]["Authorization"] == f"Bearer {KEY}"
    (tmp_path / "key").write_text(f"{KEY}\n")
    tells = ("x" * 190 + KEY, json.dumps({"error": {"message": f"wrong key {KEY}"}}))
    for status in (200, 401, 503):
        for body in tells:
            failing = ask(fails(status, body), key_file=str(tmp_path / "key"), attempts=1)
            with pytest.raises(EndpointError) as raised:
                failing.sample()
            assert server.headers[-1]["Authorization"] == f"Bearer {KEY}"
            assert KEY[:5] not in str(raised.value)
            assert KEY not in repr(failing.model) + repr(failing.model.config)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "localhost:8000"}, "expected a URL such as http://localhost:8000/v1, got 'localhost:8000'"),
        ({"url": ""}, "expected a URL"),
        ({"url": "http://me:secret@localhost/v1"}, "expected no password"),
        ({"key_variable": "NOT_SET_ANYWHERE"}, "environment variable NOT_SET_ANYWHERE, got none"),
        ({"key_file": "/nowhere/key"}, "cannot read agent.endpoint's key from /nowhere/key"),
    ],
)
def test_settings_that_cannot_work(ask: Callable[..., Asked], settings: dict[str, Any], said: str) -> None:
    with pytest.raises(EndpointError, match=said) as raised:
        ask(says("x"), **settings)
    assert "secret" not in str(raised.value)


def test_a_key_of_several_lines(ask: Callable[..., Asked], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret\nother")
    with pytest.raises(EndpointError, match="expected a key of letters, digits and signs") as raised:
        ask(says("x"), key_file=str(tmp_path / "key"))
    assert "secret" not in str(raised.value)
    with pytest.raises(ValueError, match="attempts: expected more than 0"):
        EndpointConfig(attempts=0)


def greeting() -> SpeechPlan:
    return SpeechPlan(Power.FRANCE, Power.GERMANY, (SpeechAct(ActKind.SMALL_TALK, Power.FRANCE, Power.GERMANY),))


def test_a_model_served_over_http_words_plans(ask: Callable[..., Asked], server: Server, tmp_path: Path) -> None:
    """What a real model says at the other end arrives as it does in one process."""
    save_llama(tmp_path)
    local = LocalModel.load(tmp_path)

    def serve(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        sampling = SamplingConfig(body["temperature"], body["top_p"], max_tokens=body["max_tokens"])
        ((sample,),) = local.sample([body["prompt"]], 1, sampling, [frozenset(local.prompt.slots(slots))], body["seed"])
        reason = "stop" if sample.finished else "length"
        says(sample.text, reason=reason)(handler, body)

    slots = Slots.of(greeting().acts)
    asked = ask(serve, parallel=1)
    prompts = ["Hello <msg>", "<say> <propose> <msg>"]
    allowed = [local.prompt.slots(slots)] * 2
    groups = asked.model.sample(prompts, 2, SAMPLING, allowed, seed=10)
    for number, prompt in enumerate(prompts):
        for repeat in range(2):
            (expected,) = local.sample([prompt], 1, SAMPLING, allowed[:1], 10 + 2 * number + repeat)[0]
            assert groups[number][repeat].text == expected.text
    view = Game().view(Power.FRANCE)
    best = prefer(draft(greeting(), view, (), asked.model, GenerationConfig(), np.random.default_rng(0)))
    assert best is not None
    assert best.source is Source.GRAMMAR
    assert "<board> AUSTRIA" in server.bodies[-1]["prompt"]
    server.script[:] = [says("Hello <GERMANY>, good luck!")]
    best = prefer(draft(greeting(), view, (), asked.model, GenerationConfig(), np.random.default_rng(0)))
    assert best is not None
    assert best.text.lower().startswith("hello germany")


@pytest.mark.skipif(not is_serve_available(), reason="transformers serve needs pip install transformers[serving]")
def test_transformers_serve(tmp_path: Path) -> None:
    """The server that comes with transformers understands what we ask."""
    save_llama(tmp_path)
    with transformers_serve(tmp_path) as url:
        model = EndpointModel(EndpointConfig(url, str(tmp_path), timeout_s=60.0, attempts=1))
        (group,) = model.sample(["Hello <msg>"], 2, SAMPLING, [frozenset(NAMED_SLOTS)], seed=0)
        assert len(group) == 2
        assert (model.usage.requests, model.usage.retries) == (2, 0)
        assert model.usage.prompt_tokens > 0
        assert model.usage.text_tokens > 0
        model.close()
