"""The player: joins rules, planning and dialogue into an agent and seats it at a table."""

from __future__ import annotations

__version__ = "0.1.0"
