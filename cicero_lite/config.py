"""The configuration of a run: typed, composed of the dataclasses that stand beside each component.

Defaults live only there.  YAML files (``configs/``) and ``--set a.b=c`` override them; an unknown key is
refused with the nearest name, a wrong type with what was expected, got, and where.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import yaml
from pydantic import TypeAdapter, ValidationError

from cicero_lite.adapters.settings import ClientConfig, SeatConfig, TableConfig
from cicero_lite.arena.codec import encode
from cicero_lite.draws import DrawConfig
from cicero_lite.errors import ConfigError
from cicero_lite.hosting.settings import HostConfig
from cicero_lite.llm.settings import LlmConfig
from cicero_lite.steer.controls import Controls
from cicero_lite.talk import TalkConfig
from dialogue.expectations import CredenceConfig
from dialogue.filters import DEFAULT_NAMES, FilterConfig, filters_named
from dialogue.generation import GenerationConfig
from dialogue.incoming import HearingConfig
from dialogue.language_model import EndpointConfig, Precision
from dialogue.learned_reader import ReaderConfig, shipped_reader
from dialogue.lies import Basis, LieModel, shipped_models
from dialogue.memory import LedgerConfig
from dialogue.reading import Reader
from dialogue.situation import SpeechConfig
from dialogue.understanding import read
from engine.types import POWERS, Power
from planner.baselines import ResponderConfig
from planner.search import SearchConfig

_T = TypeVar("_T")


@dataclass(frozen=True)
class PlayConfig:
    """A game at one table."""

    map_name: str = "standard"
    """Map file of the ``diplomacy`` package."""
    seed: int = 0
    """Fixes the whole game: the agents' choices, and who speaks when."""
    until: int = 1910
    """Last year played, its winter included; a solo ends the game before."""
    powers: tuple[Power, ...] = POWERS
    """Powers played by the negotiating agent."""
    others: str = "dumbbot"
    """Agent on the seats that `powers` leaves free."""
    agents: Mapping[Power, str] = field(default_factory=dict)
    """Agent of single seats, as ``NAME[@FILE][:key=value,...]``; overrides `powers` and `others`."""
    rounds: int = 4
    """Times that every power may speak in a movement phase; talk ends early when all keep silent."""
    late_rounds: int = 0
    """The same for retreats and adjustments."""

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"seed: expected 0 to 2**63 - 1, got {self.seed}")
        if self.until < 1901:
            raise ValueError(f"until: expected a year from 1901 on, got {self.until}")
        if self.rounds < 0 or self.late_rounds < 0:
            raise ValueError(f"rounds: expected 0 or more, got {min(self.rounds, self.late_rounds)}")

    def agent_of(self, power: Power) -> str:
        """The agent on this seat, as `agents` names it."""
        return self.agents.get(power, "cicero" if power in self.powers else self.others)


@dataclass(frozen=True)
class AgentConfig:
    """The negotiating agent, stage by stage."""

    search: SearchConfig = field(default_factory=SearchConfig)
    learned_reader: bool = False
    """Whether others' messages are read by the learned reader, made for people's press, in place of the rules."""
    reader: ReaderConfig = field(default_factory=lambda: ReaderConfig(least_confidence=0.4))
    """How sure the learned reader has to be of what the agent acts on."""
    hearing: HearingConfig = field(default_factory=HearingConfig)
    credence: CredenceConfig = field(default_factory=CredenceConfig)
    memory: LedgerConfig = field(default_factory=LedgerConfig)
    speech: SpeechConfig = field(default_factory=SpeechConfig)
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    filters: tuple[str, ...] = DEFAULT_NAMES
    """Names of the filters that every draft must pass, in this order; yours as file.py:function."""
    filtering: FilterConfig = field(default_factory=FilterConfig)
    model: str | None = None
    """Language model that words the messages: a local folder or a hub name; null: the shipped one."""
    adapter: str | None = None
    """Folder or hub name of a LoRA adapter on top of it; a model that is an adapter's folder needs no more."""
    device: str = "cpu"
    """Where the language model runs: cpu, cuda, cuda:1, mps."""
    precision: Precision = Precision.AUTO
    """How its weights are kept: auto, fp32, bf16 or 8bit."""
    endpoint: EndpointConfig = field(default_factory=EndpointConfig)
    """A server that words the messages in place of a model in this process, if it has a URL."""
    llm: LlmConfig = field(default_factory=LlmConfig)
    """Of the agent `llm` alone: a chat model that plays without any help, and the server that has it."""
    controls: Controls = field(default_factory=Controls)
    """Steering; see docs/controls.md."""
    draw: DrawConfig = field(default_factory=DrawConfig)
    """Of any agent: when it votes for a draw, at tables that ask it."""
    responder: ResponderConfig = field(default_factory=ResponderConfig)
    """Of the agent `responder` alone: how long the yardstick thinks."""
    handicap: float = 0.25
    """Of the agent `handicapped` alone: share of the phases in which it gives any legal orders."""
    talk: TalkConfig = field(default_factory=TalkConfig)
    """Of any agent that talks: how much of it is let out, and whether it is a placebo."""

    def __post_init__(self) -> None:
        filters_named(self.filters)
        if not 0 <= self.handicap <= 1:
            raise ValueError(f"handicap: expected 0 to 1, got {self.handicap}")

    @property
    def hears_by(self) -> Reader:
        """The reader of others' messages."""
        return dataclasses.replace(shipped_reader(), config=self.reader).read if self.learned_reader else read

    @property
    def suspects_by(self) -> LieModel | None:
        """The model by which others' messages are suspected to be lies; None: they are not."""
        return shipped_models()[Basis.BOTH] if self.credence.suspected else None

    def in_game(self, seed: int) -> AgentConfig:
        """The configuration with the game's seed for the search, too, so that other games consider other candidates.

        A seed set for the search itself stays.
        """
        if self.search.seed != 0:
            return self
        return dataclasses.replace(self, search=dataclasses.replace(self.search, seed=seed))


@dataclass(frozen=True)
class LiveConfig:
    """Play on servers."""

    host: HostConfig = field(default_factory=HostConfig)
    webdiplomacy: ClientConfig = field(default_factory=ClientConfig)
    table: TableConfig = field(default_factory=TableConfig)
    """At a table of webDiplomacy."""
    seat: SeatConfig = field(default_factory=SeatConfig)
    """At one of a server of the ``diplomacy`` package."""


@dataclass(frozen=True)
class Config:
    """Everything that determines a game, the code apart."""

    play: PlayConfig = field(default_factory=PlayConfig)
    agent: AgentConfig = field(default_factory=AgentConfig)
    live: LiveConfig = field(default_factory=LiveConfig)


def load_config(
    files: Sequence[Path] = (),
    settings: Sequence[str] = (),
    options: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> Config:
    """The defaults, overridden by YAML files, then ``a.b=c`` settings, then (source, values) pairs.

    Raises:
        ConfigError: an unreadable file or setting, an unknown key, a wrong type, a value out of range.
    """
    return _resolve(Config, _layers(files, settings, options))


def load_agent_config(source: str, settings: Mapping[str, str], base: AgentConfig | None = None) -> AgentConfig:
    """The configuration of an agent, overridden by settings.

    Args:
        source: where the settings come from, for the error texts.
        settings: path of a key, such as ``search.lambda_`` -> its value as YAML text.
        base: what they override; None: the defaults.

    Raises:
        ConfigError: an unknown key, a wrong type, a value out of range.
    """
    under = [] if base is None else [("configuration", config_values(base))]
    given = [(source, _nested(key, read_value(text, source))) for key, text in settings.items()]
    return _resolve(AgentConfig, [*under, *given])


def stored_agent_config(text: str, source: str) -> AgentConfig:
    """The agent's part of a configuration that `config_yaml` wrote, maybe in another version.

    Args:
        text: the YAML.
        source: where it comes from, for the error texts.

    Raises:
        ConfigError: this version does not know a key of it, or takes other values.
    """
    values = read_value(text, source)
    agent = values.get("agent") if isinstance(values, dict) else None
    if not isinstance(agent, dict):
        raise ConfigError(f"{source}: expected an agent's, got none")
    return _resolve(AgentConfig, [(source, agent)])


def stored_config(text: str, source: str) -> Config:
    """A configuration that `config_yaml` wrote, maybe in another version.

    Raises:
        ConfigError: as `stored_agent_config`.
    """
    values = read_value(text, source)
    if not isinstance(values, dict):
        raise ConfigError(f"{source}: expected a configuration, got none")
    return _resolve(Config, [(source, values)])


def changed_controls(before: Controls, setting: str) -> Controls:
    """The controls with one of them set anew, by ``key=value`` or ``key.key=value``; what it held before is replaced.

    >>> changed_controls(Controls(), "weights.ENGLAND=0.3").weights
    {<Power.ENGLAND: 'ENGLAND'>: 0.3}

    Raises:
        ConfigError: no such control, a wrong type, a value out of range.
    """
    key, equals, text = setting.partition("=")
    path = [part.strip() for part in key.split(".")]
    if not equals or not all(path):
        raise ConfigError(f"{setting}: expected control=value, such as aggression=0.02")
    values = config_values(before)
    within = values
    for part in path[:-1]:
        inner = within.setdefault(part, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"{setting}: {part}: expected a single value, got one of a part of it")
        within = inner
    within[path[-1]] = read_value(text, setting)
    return _resolve(Controls, [(setting, values)])


def load_file_as(kind: type[_T], path: Path) -> _T:
    """The frozen dataclass that a YAML file writes, its defaults where the file says nothing.

    Raises:
        ConfigError: an unreadable file, an unknown key, a wrong type, a value out of range.
    """
    return _resolve(kind, [(str(path), _read_yaml(path))])


def agent_settings(path: Path) -> dict[str, str]:
    """What a configuration file says of the agent, as `load_agent_config` takes it; what it says of the table is left.

    Raises:
        ConfigError: an unreadable file, an unknown key, a wrong type, a value out of range.
    """
    values = _read_yaml(path)
    _resolve(Config, [(str(path), values)])
    return dict(_leaves(AgentConfig, values.get("agent", {}), ""))


def _leaves(kind: Any, values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Keys that hold no further configuration, by path, and their values as YAML text."""
    fields = _field_types(kind)
    for key, value in values.items():
        if dataclasses.is_dataclass(fields[key]):
            yield from _leaves(fields[key], value, f"{prefix}{key}.")
        else:
            yield prefix + key, json.dumps(value)


def config_values(config: Config | AgentConfig | Controls) -> dict[str, Any]:
    """The resolved configuration as plain values, ready for JSON or YAML."""
    values: dict[str, Any] = encode(config)
    return values


def config_yaml(config: Config) -> str:
    """The resolved configuration as YAML, each key explained by its field's docstring."""
    return "\n".join(_yaml_lines(config, indent=0)) + "\n"


def _layers(
    files: Sequence[Path], settings: Sequence[str], options: Sequence[tuple[str, Mapping[str, Any]]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in files:
        yield str(path), _read_yaml(path)
    for setting in settings:
        yield f"--set {setting}", _read_setting(setting)
    yield from options


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), _ValueLoader)
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        raise ConfigError(f"{where}: expected YAML: {getattr(error, 'problem', None) or 'no UTF-8 text'}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: expected keys and values, got {type(value).__name__}")
    return value


def _read_setting(setting: str) -> dict[str, Any]:
    key, equals, text = setting.partition("=")
    if not equals or not all(part.strip() for part in key.split(".")):
        raise ConfigError(f"--set {setting}: expected key.key=value, such as play.rounds=3")
    return _nested(key, read_value(text, f"--set {setting}"))


class _ValueLoader(yaml.SafeLoader):
    """YAML that also takes ``1e-3`` for a number, as its version 1.2 does."""


_ValueLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+\Z"), list("-+.0123456789")
)


def read_value(text: str, source: str) -> Any:
    """The value that this YAML text writes.

    Raises:
        ConfigError: the text is no YAML; the error names the source.
    """
    try:
        return yaml.load(text, _ValueLoader)
    except yaml.YAMLError:
        raise ConfigError(f"{source}: expected a YAML value, got {text!r}") from None


def _nested(key: str, value: Any) -> dict[str, Any]:
    first, _, rest = key.partition(".")
    return {first.strip(): _nested(rest, value) if rest else value}


def _resolve(kind: type[_T], layers: Iterable[tuple[str, Mapping[str, Any]]]) -> _T:
    values: dict[str, Any] = {}
    for source, layer in layers:
        _refuse_unknown(kind, kind, layer, source, prefix="")
        values = _merge(values, layer)
        _validate(kind, values, source)
    return _validate(kind, values, "defaults")


def _refuse_unknown(root: Any, kind: Any, layer: Mapping[str, Any], source: str, prefix: str) -> None:
    fields = _field_types(kind)
    for key, value in layer.items():
        if key not in fields:
            raise ConfigError(f"{source}: unknown key {prefix + str(key)!r}{_nearest(root, str(key), fields, prefix)}")
        if dataclasses.is_dataclass(fields[key]) and isinstance(value, Mapping):
            _refuse_unknown(root, fields[key], value, source, f"{prefix}{key}.")
        if (entry := _entry_type(fields[key])) is not None and isinstance(value, Mapping):
            for name, under in value.items():
                if isinstance(under, Mapping):
                    _refuse_unknown(root, entry, under, source, f"{prefix}{key}.{name}.")


def _entry_type(kind: Any) -> Any:
    """The dataclass that a mapping's values are; None: it is no such mapping."""
    entries = get_args(kind)[1:] if get_origin(kind) is Mapping else ()
    return entries[0] if entries and dataclasses.is_dataclass(entries[0]) else None


def _nearest(root: Any, key: str, fields: Mapping[str, Any], prefix: str) -> str:
    last: dict[str, str] = {}
    for path in _all_keys(root, ""):
        last.setdefault(path.rpartition(".")[2], path)
    here = difflib.get_close_matches(key, fields, n=1)
    if here and key not in last:
        return f"; did you mean {prefix + here[0]!r}?"
    anywhere = difflib.get_close_matches(key, last, n=1)
    if anywhere:
        return f"; did you mean {last[anywhere[0]]!r}?"
    return f": expected one of {', '.join(fields)}" if fields else ""


def _all_keys(kind: Any, prefix: str) -> Iterator[str]:
    for name, of_field in _field_types(kind).items():
        yield prefix + name
        if dataclasses.is_dataclass(of_field):
            yield from _all_keys(of_field, f"{prefix}{name}.")


@cache
def _field_types(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {entry.name: hints[entry.name] for entry in dataclasses.fields(kind)}


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = _merge(below, value) if both and below is not None else value
    return merged


@cache
def _validator(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _validate(kind: type[_T], values: Mapping[str, Any], source: str) -> _T:
    try:
        # JSON mode is strict about types, yet takes lists for tuples and names for enums.
        validator: TypeAdapter[_T] = _validator(cast(Any, kind))
        return validator.validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        if first["type"] == "value_error":
            place = f"{where}." if where else ""
            raise ConfigError(f"{source}: {place}{first['msg'].removeprefix('Value error, ')}") from None
        wanted = first["msg"].removeprefix("Input should be ")
        raise ConfigError(f"{source}: {where}: expected {wanted}, got {first['input']!r}") from None


def _yaml_lines(value: Any, indent: int) -> Iterator[str]:
    pad = "  " * indent
    kind: type = type(value)
    explained = _field_docs(kind)
    for entry in dataclasses.fields(value):
        inner = getattr(value, entry.name)
        doc = explained.get(entry.name)
        if dataclasses.is_dataclass(inner):
            within = list(_yaml_lines(inner, indent + 1))
            yield f"{pad}{entry.name}:" + ("" if within else " {}")
            yield from within
            continue
        dumped = yaml.safe_dump(encode(inner), default_flow_style=True, width=10**6).strip()
        line = f"{pad}{entry.name}: {dumped.removesuffix('...').strip()}"
        if doc is not None:
            yield from (f"{pad}# {part}" for part in textwrap.wrap(doc, 100 - len(pad)))
        yield line


@cache
def _field_docs(kind: type) -> dict[str, str]:
    """The docstrings of a class's fields, those that it inherits too."""
    docs: dict[str, str] = {}
    for owner in reversed(kind.__mro__[:-1]):
        docs |= _own_field_docs(owner)
    return docs


def _own_field_docs(kind: type) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    docs: dict[str, str] = {}
    if isinstance(body, ast.ClassDef):
        for named, text in zip(body.body, body.body[1:], strict=False):
            if not (isinstance(named, ast.AnnAssign) and isinstance(named.target, ast.Name)):
                continue
            if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                docs[named.target.id] = inspect.cleandoc(str(text.value.value)).replace("`", "")
    return docs
