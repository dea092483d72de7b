"""The same file on a cluster of two Ray nodes: the same command, the same table."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from cicero_lite.cli import main

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install ray")

FILE = """
agents: {a: dumbbot, b: greedy, c: random}
games: 4
until: 1901
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster on this machine: two nodes of a core each."""
    from ray.cluster_utils import Cluster

    with warnings.catch_warnings():
        # Ray leaves sockets and processes of its own to the garbage collector.
        warnings.simplefilter("ignore")
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        cluster.add_node(num_cpus=1)
        try:
            yield cluster.address
        finally:
            ray.shutdown()
            cluster.shutdown()


@pytest.mark.filterwarnings("ignore")
def test_two_nodes_play_what_one_process_plays(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cicero_lite.arena.ratings.RESAMPLES", 10)
    file = tmp_path / "experiment.yaml"
    file.write_text(FILE, encoding="utf-8")
    cluster, alone = tmp_path / "cluster", tmp_path / "alone"
    assert main(["arena", "run", str(file), "--out", str(cluster), "--ray", address]) == 0
    assert len([node for node in ray.nodes() if node["Alive"]]) == 2
    assert main(["arena", "run", str(file), "--out", str(alone), "--jobs", "1"]) == 0
    capsys.readouterr()
    assert (cluster / "table.json").read_bytes() == (alone / "table.json").read_bytes()
    assert json.loads((cluster / "table.json").read_text())["games"] == 4
    assert f"--ray {address}" in (cluster / "report.html").read_text()


def test_a_cluster_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "experiment.yaml"
    file.write_text(FILE, encoding="utf-8")
    assert main(["arena", "run", str(file), "--out", str(tmp_path / "out"), "--ray", "127.0.0.1:1"]) == 2
    assert "expected a Ray cluster at 127.0.0.1:1, got" in capsys.readouterr().err
