"""The memory that a process may take, and the commit that it runs."""

from pathlib import Path

from pnl.metrics.machine import commit, memory_limit

COMMIT = "bf454af65087c0ffee00bf454af65087c0ffee00"


def test_the_smaller_of_container_and_machine_is_the_limit(tmp_path: Path) -> None:
    about, limit = tmp_path / "meminfo", tmp_path / "memory.max"
    about.write_text("MemTotal:        1000000 kB\nMemFree: 5 kB\n")

    assert memory_limit((str(limit),), str(about)) == 1_024_000_000
    limit.write_text("max\n")
    assert memory_limit((str(limit),), str(about)) == 1_024_000_000
    limit.write_text("536870912\n")
    assert memory_limit((str(limit),), str(about)) == 536_870_912
    assert memory_limit((str(tmp_path / "none"),), str(tmp_path / "none")) is None


def test_a_file_beside_the_product_tells_the_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) == "unknown"

    (tmp_path / "COMMIT").write_text(f"{COMMIT}\n")

    assert commit(tmp_path) == COMMIT[:12]


def test_git_tells_the_commit_loose_packed_or_from_a_second_working_tree(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "packed-refs").write_text(f"# pack-refs\n{COMMIT} refs/heads/main\n")
    assert commit(tmp_path) == COMMIT[:12]

    (git / "refs" / "heads" / "main").write_text("0" * 40 + "\n")
    assert commit(tmp_path) == "0" * 12

    tree = tmp_path / "tree"
    (git / "worktrees" / "tree").mkdir(parents=True)
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {git}/worktrees/tree\n")
    (git / "worktrees" / "tree" / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "worktrees" / "tree" / "commondir").write_text("../..\n")
    assert commit(tree) == "0" * 12

    (git / "HEAD").write_text("f" * 40)
    assert commit(tmp_path) == "f" * 12
