"""Configuration: defaults in one place, overrides in order, mistakes named in one line."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from cicero_lite.config import Config, config_values, config_yaml, load_config
from cicero_lite.errors import ConfigError
from dialogue.language_model import Precision
from dialogue.prompt import Section
from engine.types import POWERS, Power


def test_nothing_given_is_the_defaults() -> None:
    assert load_config() == Config()


def test_later_layers_override_earlier_ones(tmp_path: Path) -> None:
    file = tmp_path / "fast.yaml"
    file.write_text("play:\n  rounds: 2\n  seed: 5\n  until: 1903\n")
    config = load_config([file], ["play.seed=6"], [("--until", {"play": {"until": 1904}})])
    assert (config.play.rounds, config.play.seed, config.play.until) == (2, 6, 1904)


def test_the_printed_configuration_reads_back(tmp_path: Path) -> None:
    config = load_config(settings=["play.agents.FRANCE=random", "play.powers=[ITALY, TURKEY]"])
    file = tmp_path / "config.yaml"
    file.write_text(config_yaml(config))
    assert load_config([file]) == config
    assert yaml.safe_load(config_yaml(config)) == config_values(config)


def test_a_printed_key_is_explained_where_its_field_is_inherited() -> None:
    lines = [line.strip() for line in config_yaml(Config()).splitlines()]
    for key in ("late_turns: 2", "draw_years: 3"):
        above = [before for before, line in pairwise(lines) if line == key]
        assert len(above) == 2, "once for each kind of server"
        assert all(line.startswith("# ") for line in above)


def test_seats_go_to_the_agent_named_last() -> None:
    play = load_config(settings=["play.powers=[ITALY]", "play.agents={FRANCE: random}", "play.others=greedy"]).play
    names = [play.agent_of(power) for power in POWERS]
    assert names == ["greedy", "greedy", "random", "greedy", "cicero", "greedy", "greedy"]
    assert play.agent_of(Power.ITALY) == "cicero"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("play.round=3", "unknown key 'play.round'; did you mean 'play.rounds'?"),
        ("rounds=3", "unknown key 'rounds'; did you mean 'play.rounds'?"),
        ("plya.rounds=3", "unknown key 'plya'; did you mean 'play'?"),
        ("play.rounds=many", "play.rounds: expected a valid integer, got 'many'"),
        ("play.rounds=true", "play.rounds: expected a valid integer, got True"),
        ("play.rounds=-1", "rounds: expected 0 or more, got -1"),
        ("play.until=1800", "until: expected a year from 1901 on, got 1800"),
        ("live.table.draw_years=0", "draw_years: expected 1 or more, got 0"),
        ("live.seat.turns=-1", "turns: expected 0 or more, got -1"),
        ("play.powers=[GAUL]", "play.powers.0: expected 'AUSTRIA'"),
        ("play.agents.GAUL=random", "expected 'AUSTRIA'"),
        ("play=3", "play: expected"),
        ("play.rounds", "expected key.key=value"),
        ("play..rounds=3", "expected key.key=value"),
        ("play.rounds=[", "expected a YAML value"),
    ],
)
def test_mistakes_name_the_setting_and_what_was_expected(setting: str, expected: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(settings=[setting])
    message = str(refused.value)
    assert f"--set {setting}" in message
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("play: [", "expected YAML"),
        ("- 1\n", "expected keys and values, got list"),
        ("sing: 1\n", "unknown key 'sing'"),
    ],
)
def test_mistakes_in_files_name_the_file(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_config([file])
    assert str(file) in str(refused.value)
    assert expected in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config([tmp_path / "none.yaml"])


def test_every_file_in_configs_is_valid() -> None:
    files = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
    assert files
    for file in files:
        load_config([file])


def test_the_language_model_is_set_by_name() -> None:
    told = ["agent.generation.sections=[controls, plan]", "agent.precision=8bit", "agent.endpoint.attempts=2"]
    agent = load_config(settings=told).agent
    assert agent.generation.sections == (Section.CONTROLS, Section.PLAN)
    assert agent.precision is Precision.INT8
    assert agent.endpoint.attempts == 2
    with pytest.raises(ConfigError, match=r"agent\.endpoint\.attempts: expected more than 0, got 0"):
        load_config(settings=["agent.endpoint.attempts=0"])
