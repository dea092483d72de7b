"""The page's server: who may come in, what others' sites cannot do, and what is decided through it."""

from __future__ import annotations

import json
import logging
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cicero_lite.cli import main
from cicero_lite.errors import ConfigError, OutputError
from cicero_lite.hosting.store import Standing, Store
from cicero_lite.web.desk import DeskServer, page
from cicero_lite.web.door import LONGEST_BODY, checked_door, read_token
from tests.desk_store import EVIL, fill, proposal

TOKEN = "a-token-of-its-owners-own"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made, _ = fill(tmp_path / "bot.sqlite")
    yield made
    made.close()


@pytest.fixture
def server(store: Store) -> Iterator[DeskServer]:
    with DeskServer(store, checked_door("127.0.0.1", 0, (), None)) as running:
        yield running


@pytest.fixture
def stranger(server: DeskServer) -> Iterator[httpx.Client]:
    """A client without the token, that says where it comes from as a browser does."""
    origin = server.url.rstrip("/")
    with httpx.Client(base_url=server.url, headers={"Origin": origin}, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def client(server: DeskServer, stranger: httpx.Client) -> httpx.Client:
    """A client that has exchanged the token for the cookie."""
    assert stranger.post("session", json={"token": server.token}).status_code == 204
    return stranger


WRITES = ("messages/1/approve", "messages/1/reject", "stop", "go-on")


def test_without_the_token_there_is_the_empty_page_alone(server: DeskServer, stranger: httpx.Client) -> None:
    shown = stranger.get("")
    assert shown.status_code == 200
    assert proposal().text not in shown.text
    assert server.token not in shown.text
    assert stranger.get("desk").status_code == 401
    assert [stranger.post(path, json={}).status_code for path in WRITES] == [401] * len(WRITES)


@pytest.mark.parametrize("token", ["", "wrong", "é", TOKEN])
def test_a_wrong_token_opens_nothing(stranger: httpx.Client, store: Store, token: str) -> None:
    refused = stranger.post("session", json={"token": token})
    assert refused.status_code == 401
    assert "set-cookie" not in refused.headers
    bearer = {b"Authorization": f"Bearer {token or '-'}".encode()}
    assert stranger.get("desk", headers=bearer).status_code == 401
    assert stranger.post("messages/1/approve", json={}, headers=bearer).status_code == 401
    stranger.cookies.set(f"cicero-lite-desk-{stranger.base_url.port}", "wrong")
    assert stranger.get("desk").status_code == 401
    assert [message.standing for message in store.messages()] == [Standing.WAITING] * 2


def test_the_token_is_exchanged_for_a_cookie_that_scripts_and_other_sites_cannot_use(
    server: DeskServer, stranger: httpx.Client
) -> None:
    cookie = stranger.post("session", json={"token": server.token}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert server.token not in cookie
    assert stranger.get("desk").status_code == 200


def test_each_start_has_another_token(store: Store, server: DeskServer, client: httpx.Client) -> None:
    with DeskServer(store, checked_door("127.0.0.1", 0, (), None)) as other:
        assert other.token != server.token
        assert client.post(f"{other.url}session", json={"token": server.token}).status_code == 403  # other origin
        shown = client.get(f"{other.url}desk", headers={"Origin": other.url.rstrip("/")})
        assert shown.status_code == 401


def test_decisions_reach_the_store(client: httpx.Client, store: Store) -> None:
    (third,) = store.mean(1, store.messages()[0].phase, [proposal("A third.")], Standing.WAITING)
    desk = client.get("desk").json()
    assert [card["number"] for card in desk["waiting"]] == [1, 2, third]

    left = client.post("messages/1/approve", json={}).json()
    assert [card["number"] for card in left["waiting"]] == [2, third]
    client.post("messages/2/approve", json={"text": "Good luck, all."})
    client.post(f"messages/{third}/reject", json={"reason": "rude"})
    assert [(m.standing, m.text, m.reason) for m in store.messages()] == [
        (Standing.READY, proposal().text, ""),
        (Standing.READY, "Good luck, all.", ""),
        (Standing.REJECTED, "A third.", "rude"),
    ]
    assert client.post("stop", json={}).json()["stopped"]["by"] == "somebody at the page"
    assert store.stopped() is not None
    assert client.post("go-on", json={}).json()["stopped"] is None
    assert store.stopped() is None


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("messages/99/approve", {}, 404),
        ("messages/99/reject", {}, 404),
        ("messages/2/approve", {}, 409),
        ("messages/2/reject", {}, 409),
        ("messages/1/approve", {"text": " "}, 400),
        ("messages/1/approve", {"text": "a\x1b[2J"}, 400),
        ("messages/1/approve", {"text": "x" * 20_000}, 400),
        ("messages/1/approve", {"text": 7}, 400),
        ("messages/1/approve", [], 400),
        ("messages/1/reject", {"reason": "x" * 501}, 400),
        ("messages/1/reject", {"reason": "x" * LONGEST_BODY}, 413),
        ("go-on", {}, 400),
    ],
)
def test_what_cannot_be_decided_gets_one_line(
    client: httpx.Client, store: Store, path: str, body: Any, status: int
) -> None:
    store.reject(2, "")
    refused = client.post(path, json=body)
    assert refused.status_code == status
    assert refused.json()["error"].count("\n") == 0
    assert [message.standing for message in store.messages()] == [Standing.WAITING, Standing.REJECTED]


def test_only_json_is_read(client: httpx.Client, store: Store) -> None:
    plain = {"Content-Type": "text/plain"}
    assert client.post("messages/1/approve", content="{}", headers=plain).status_code == 415
    assert client.post("messages/1/approve", data={"text": "x"}).status_code == 415
    for broken in (b"", b"{", b"\xff", b"[" * 10_000, b"null"):
        given = client.post("messages/1/approve", content=broken, headers={"Content-Type": "application/json"})
        assert given.status_code == 400
    assert store.messages()[0].standing is Standing.WAITING


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8731", "127.0.0.1.evil.example", "127.0.0.2", "", "[::1"]
)
def test_another_host_name_is_refused(client: httpx.Client, host: str) -> None:
    for path in ("", "desk"):
        assert client.get(path, headers={"Host": host}).status_code == 403
    asked = {"Host": host, "Origin": f"http://{host}"}
    assert client.post("messages/1/approve", json={}, headers=asked).status_code == 403


def test_a_tunnel_may_have_another_port(client: httpx.Client) -> None:
    tunnel = {"Host": "localhost:9000", "Origin": "http://localhost:9000"}
    assert client.post("stop", json={}, headers=tunnel).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_can_change_nothing(client: httpx.Client, store: Store, headers: dict[str, str]) -> None:
    for path in WRITES:
        assert client.post(path, json={}, headers=headers).status_code == 403
    assert store.messages()[0].standing is Standing.WAITING
    assert store.stopped() is None


def test_without_an_origin_only_a_program_with_the_token_may_write(server: DeskServer, client: httpx.Client) -> None:
    del client.headers["Origin"]
    assert client.post("stop", json={}).status_code == 403
    bearer = {"Authorization": f"Bearer {server.token}"}
    assert client.post("stop", json={}, headers=bearer).status_code == 200


def test_writes_are_no_links(client: httpx.Client, store: Store) -> None:
    assert [client.get(path).status_code for path in WRITES] == [405] * len(WRITES)
    assert store.stopped() is None


def test_the_page_runs_its_own_script_and_loads_nothing(client: httpx.Client) -> None:
    shown = client.get("")
    policy = dict(part.strip().split(" ", 1) for part in shown.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/=]+'", policy["script-src"])
    assert re.fullmatch(r"'sha256-[\w+/=]+'", policy["style-src"])
    assert policy["frame-ancestors"] == "'none'"
    text, _ = page()
    assert "@@" not in text
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    for path in ("", "desk"):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_others_wrote_travels_as_json_alone(client: httpx.Client) -> None:
    desk = client.get("desk")
    assert desk.headers["content-type"] == "application/json"
    assert desk.json()["waiting"][1]["text"] == EVIL
    assert "<script>" not in client.get("messages/<script>/approve").text


def test_nothing_is_logged_that_opens_the_desk(
    server: DeskServer, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="uvicorn"):
        client.post("session", json={"token": server.token})
        client.get("desk")
    assert server.token not in caplog.text


# --- where it listens --------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "host.example", ""])
def test_another_address_needs_a_token_of_its_owners(host: str) -> None:
    with pytest.raises(ConfigError, match="expected --token-file"):
        checked_door(host, 0, ("desk.example",), None)


def test_all_addresses_need_a_name() -> None:
    with pytest.raises(ConfigError, match="expected --name"):
        checked_door("0.0.0.0", 0, (), TOKEN)
    assert checked_door("0.0.0.0", 0, ("Desk.Example",), TOKEN).names == {"desk.example", "0.0.0.0"}
    assert checked_door("192.0.2.7", 0, (), TOKEN).names == {"192.0.2.7"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_this_machine_needs_none(host: str) -> None:
    assert checked_door(host, 0, (), None).token is None


def test_a_token_of_its_owners_works_behind_a_proxy_with_https(store: Store) -> None:
    with DeskServer(store, checked_door("127.0.0.1", 0, ("desk.example",), TOKEN)) as server:
        headers = {"Host": "desk.example", "Origin": "https://desk.example"}
        given = httpx.post(f"{server.url}session", json={"token": TOKEN}, headers=headers, trust_env=False)
        assert given.status_code == 204
        assert "Secure" in given.headers["set-cookie"]


def test_a_token_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    with pytest.raises(ConfigError, match="cannot read the token"):
        read_token(file)
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="got mode 644"):
        read_token(file)
    file.chmod(0o600)
    assert read_token(file) == TOKEN
    for bad in ("short", "x" * 19, "with blanks in it, and long", "é" * 30, ""):
        file.write_text(bad)
        with pytest.raises(ConfigError, match="expected a token of 20"):
            read_token(file)


def test_a_port_in_use_gets_one_line(server: DeskServer, store: Store) -> None:
    door = checked_door("127.0.0.1", server.port, (), None)
    with pytest.raises(OutputError, match="try another --port"), DeskServer(store, door):
        pass
    with pytest.raises(ConfigError, match="--port"):
        checked_door("127.0.0.1", 70_000, (), None)


def test_the_command_refuses_in_one_line(tmp_path: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["desk", "serve", "--store", str(store.path), "--host", "0.0.0.0"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("cicero-lite: --host 0.0.0.0: others can reach this address")
    assert err.count("\n") == 1


def test_the_command_prints_where_the_page_is_and_ends_with_ctrl_c(store: Store) -> None:
    code = "import sys; from cicero_lite.cli import main; sys.exit(main(sys.argv[1:]))"
    running = subprocess.Popen(
        [sys.executable, "-c", code, "desk", "serve", "--store", str(store.path), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    assert running.stdout is not None
    url, token = running.stdout.readline().strip().split("#")
    bearer = {"Authorization": f"Bearer {token}"}
    desk = httpx.get(f"{url}desk", headers=bearer, trust_env=False, timeout=60)
    assert len(desk.json()["waiting"]) == 2
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == ""
    assert err == "cicero-lite: interrupted\n"
    assert json.dumps(token) not in err
