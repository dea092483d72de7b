"""Agents as the command line names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cicero_lite.arena.agents import AgentSpec, AgentSpecError, split_values
from cicero_lite.config import AgentConfig, load_config
from cicero_lite.errors import ConfigError, UnknownAgentError
from planner.opponents import OpponentConfig
from planner.search import SearchConfig


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("greedy", "greedy"),
        (" search : search.lambda_ = 3e-3 , search.iterations=64", "search:search.iterations=64,search.lambda_=0.003"),
        ("search:search.opponents.lambdas=[0.01, 1e-1]", "search:search.opponents.lambdas=[0.01,0.1]"),
        ("search:search.candidates.most=9", "search:search.candidates.most=9"),
        ("search:search.choice=best", "search:search.choice=best"),
        ("cicero:model=null,filters=[],adapter='a,b: c'", 'cicero:adapter="a,b: c",filters=[],model=null'),
        ("cicero:model='10'", 'cicero:model="10"'),
    ],
)
def test_equal_agents_have_one_text(text: str, canonical: str) -> None:
    spec = AgentSpec.parse(text)
    assert str(spec) == canonical
    assert AgentSpec.parse(canonical) == spec
    assert eval(repr(spec)) == spec


def test_settings_reach_the_configuration() -> None:
    spec = AgentSpec.parse("search:search.iterations=64,search.opponents.lambdas=[0.01,0.1]")
    opponents = OpponentConfig(lambdas=(0.01, 0.1))
    assert spec.config == AgentConfig(search=SearchConfig(iterations=64, opponents=opponents))
    other = spec.with_setting("search.iterations", "2")
    assert (other.config.search.iterations, other.config.search.opponents) == (2, opponents)
    assert AgentSpec("search").config == AgentConfig()


def test_a_file_comes_before_what_is_given(tmp_path: Path) -> None:
    file = tmp_path / "agent.yaml"
    file.write_text(
        "play: {rounds: 1}\nagent:\n  search: {iterations: 9, opponents: {lambdas: [0.01, 1e-1]}}\n  filters: []"
    )
    spec = AgentSpec.parse(f"search@{file}:search.iterations=5")
    assert str(spec) == "search:filters=[],search.iterations=5,search.opponents.lambdas=[0.01,0.1]"
    assert AgentSpec.parse(f"search @ {file}").config.search.iterations == 9
    file.write_text("agent: {serch: 1}")
    with pytest.raises(ConfigError, match=r"agent\.yaml: unknown key 'agent\.serch'; did you mean 'agent\.search'"):
        AgentSpec.parse(f"search@{file}")
    with pytest.raises(ConfigError, match=r"none\.yaml: No such file"):
        AgentSpec.parse(f"search@{tmp_path / 'none.yaml'}")


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("serch", UnknownAgentError, "did you mean 'search'"),
        ("", UnknownAgentError, "unknown agent ''"),
        ("search:", AgentSpecError, "single commas"),
        ("search:search.iterations", AgentSpecError, "expected NAME:key=value"),
        ("search:search.iterations=1,search.iterations=2", AgentSpecError, "'search.iterations' twice"),
        ("search:search.opponents.lambdas=[1", AgentSpecError, "every bracket and quote closed"),
        ("search:search.lambda=1", ConfigError, "unknown key 'search.lambda'; did you mean 'search.lambda_'?"),
        ("search:iterations=1", ConfigError, "did you mean 'search.iterations'?"),
        ("search:search.iterations=few", ConfigError, "search.iterations: expected a valid integer, got 'few'"),
        ("search:search.iterations={", AgentSpecError, "every bracket"),
        ("search:search.iterations=:", ConfigError, "expected"),
    ],
)
def test_mistakes_are_named(text: str, kind: type[Exception], expected: str) -> None:
    with pytest.raises(kind) as caught:
        AgentSpec.parse(text)
    assert expected in str(caught.value)


def test_values_are_split_outside_of_brackets() -> None:
    assert split_values("1, 10,[1,2],{a: [1,2], b: 3},'x,y'") == ["1", "10", "[1,2]", "{a: [1,2], b: 3}", "'x,y'"]


def test_powers_of_ten_are_numbers_in_settings() -> None:
    assert load_config(settings=["agent.search.lambda_=1e-3"]).agent.search.lambda_ == 0.001


def test_a_game_varies_the_search_unless_told() -> None:
    assert AgentConfig().in_game(7).search.seed == 7
    assert AgentSpec.parse("search:search.seed=3").config.in_game(7).search.seed == 3
