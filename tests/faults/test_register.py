"""`docs/faults.md` against what there is: all hundred faults, each with tests that exist."""

import ast
from pathlib import Path

from tests.faults.register import TOP, Row, outcomes, result, rows


def test_all_hundred_faults_are_listed_in_order_once() -> None:
    assert [row.number for row in rows()] == list(range(1, 101))


def test_every_fault_names_a_test_and_has_a_result() -> None:
    assert [row.number for row in rows() if not row.tests] == []
    assert [row.number for row in rows() if not row.result] == []


def test_every_test_that_is_named_is_there() -> None:
    named = {test for row in rows() for test in row.tests}
    files = sorted({test.partition("::")[0] for test in named})
    assert [file for file in files if not (TOP / file).exists()] == []
    there = {f"{file}::{name}" for file in files if file.endswith(".py") for name in named_in(TOP / file)}

    assert sorted(test for test in named if "::" in test and test not in there) == []


def named_in(file: Path) -> set[str]:
    """Return the names of the tests of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_what_came_of_a_run_is_told_of_each_row(tmp_path: Path) -> None:
    report = tmp_path / "run.xml"
    report.write_text(
        "<testsuites><testsuite>"
        '<testcase classname="tests.a.test_one" name="test_x[1]" />'
        '<testcase classname="tests.a.test_one" name="test_x[2]" />'
        '<testcase classname="tests.a.test_two" name="test_y"><failure>no</failure></testcase>'
        '<testcase classname="tests.a.test_two" name="test_z"><skipped /></testcase>'
        "</testsuite></testsuites>"
    )
    found = outcomes(report)

    def of(*tests: str) -> str:
        return result(Row(1, tests, "as before"), found, "today")

    assert of("tests/a/test_one.py::test_x") == "2 passed, today"
    assert of("tests/a/test_one.py", "tests/a/test_two.py::test_z") == "2 passed, 1 skipped, today"
    assert of("tests/a/test_two.py") == "**failed**, today: test_y"
    assert of("tests/b/test_one.py") == "as before"
