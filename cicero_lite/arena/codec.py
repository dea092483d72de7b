"""Typed values <-> plain JSON values, driven by the type hints of the dataclasses.

Orders, units and phases are written as their notation (``A PAR - BUR``), enums as their values, tuples as
lists.  `decode` is the inverse of `encode` for every type that the event log uses.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from engine.notation import parse_order
from engine.types import Order, Phase, Unit

_T = TypeVar("_T")
_NOTATION: dict[type, Callable[[str], object]] = {Order: parse_order, Phase: Phase.parse, Unit: Unit.parse}


def encode(value: object) -> Any:
    """The value as what `json.dumps` takes; map keys become text.

    >>> encode(Phase.parse("S1901M"))
    'S1901M'

    Raises:
        TypeError: a type that has no JSON form here.
    """
    if isinstance(value, Order | Phase | Unit):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(encode(key)): encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"expected a value of the event log, got {type(value).__name__}: {value!r}")


def decode(kind: type[_T], value: Any) -> _T:
    """The value of this type which `encode` wrote.

    Raises:
        ValueError: the JSON value does not fit the type; the text says where.
    """
    result: _T = _decode(kind, value, "")
    return result


def _decode(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, NewType):
        return _decode(kind.__supertype__, value, where)
    if kind is Any or kind is object:
        return value
    origin = get_origin(kind)
    if origin is Literal:
        if value not in get_args(kind):
            raise _misfit(kind, value, where)
        return value
    if origin in (Union, types.UnionType):
        return _decode_union(kind, value, where)
    if origin is tuple:
        return _decode_tuple(kind, value, where)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise _misfit(kind, value, where)
        of_key, of_item = get_args(kind)
        return {_decode(of_key, k, where): _decode(of_item, v, f"{where}.{k}") for k, v in value.items()}
    return _decode_plain(kind, value, where)


def _decode_union(kind: Any, value: Any, where: str) -> Any:
    options = get_args(kind)
    if value is None and types.NoneType in options:
        return None
    kept = [option for option in options if option is not types.NoneType]
    if len(kept) == 1:
        return _decode(kept[0], value, where)
    for option in kept:
        if isinstance(option, type) and type(value) is option:
            return value
    if type(value) is int and float in kept:
        return float(value)
    raise _misfit(kind, value, where)


def _decode_tuple(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, list):
        raise _misfit(kind, value, where)
    arguments = get_args(kind)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_decode(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if len(arguments) != len(value):
        raise _misfit(kind, value, where)
    pairs = zip(arguments, value, strict=True)
    return tuple(_decode(argument, item, f"{where}[{i}]") for i, (argument, item) in enumerate(pairs))


def _decode_plain(kind: Any, value: Any, where: str) -> Any:
    if kind in _NOTATION or issubclass(kind, Enum):
        if not isinstance(value, str):
            raise _misfit(kind, value, where)
        try:
            return _NOTATION[kind](value) if kind in _NOTATION else kind(value)
        except ValueError as error:
            raise ValueError(f"{where.lstrip('.') or 'value'}: {error}") from None
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value, where)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _misfit(kind, value, where)
    return value


def _decode_dataclass(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise _misfit(kind, value, where)
    hints = _hints(kind)
    unknown = sorted(set(value) - set(hints))
    if unknown:
        raise ValueError(f"{where.lstrip('.') or kind.__name__}: unknown field {unknown[0]!r}")
    fields = {name: _decode(hints[name], value[name], f"{where}.{name}") for name in hints if name in value}
    try:
        return kind(**fields)
    except TypeError:
        missing = [f.name for f in dataclasses.fields(kind) if f.name not in value]
        raise ValueError(f"{where.lstrip('.') or kind.__name__}: missing {', '.join(missing)}") from None


@lru_cache(maxsize=256)
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _misfit(kind: Any, value: Any, where: str) -> ValueError:
    name = getattr(kind, "__name__", str(kind))
    text = repr(value)
    return ValueError(f"{where.lstrip('.') or 'value'}: expected {name}, got {text[:60]}")
