"""What holds for the files of the project, whatever they say."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Hosts stand here in parts, so that this file does not name them.
_HOSTS = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))
_REGISTRY = re.compile(
    "|".join(r"\.".join(host) for host in _HOSTS)
    + r"|(?:index|registry)[-_ ]?(?:url)?[\"= :]+https?://"
    + r"|https?://[^ ]*/simple(?:/|\"|$)"
)
_MACHINE = re.compile(r"(?<![\w.~}>])/(?:home|root|Users|work)/")
_NEIGHBOUR = re.compile(r"\.\./shared")
_SECTIONS = ["Security", "Removed", "Deprecated", "Added", "Changed", "Fixed"]


def _project_files() -> list[Path]:
    """Give every file that git tracks, or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in sorted(set(names)) if (ROOT / name).is_file()]


FILES = _project_files()


def _lines_with(pattern: re.Pattern[str], *, but: str = "") -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in FILES
        if path.relative_to(ROOT).as_posix() != but
        for number, line in enumerate(
            path.read_text("utf-8", errors="replace").splitlines(), start=1
        )
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert _lines_with(_REGISTRY) == []


def test_no_file_holds_a_path_of_a_machine() -> None:
    assert _lines_with(_MACHINE) == []


def test_only_the_ci_script_looks_beside_the_project() -> None:
    assert _lines_with(_NEIGHBOUR, but=".ci/run") == []


def test_constraints_are_names_and_numbers() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()

    odd = [
        line
        for line in lines
        if not line.startswith("#")
        and not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)
    ]

    assert odd == []


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.+)$", _changelog(), re.MULTILINE)

    assert headings[0] == "Unreleased"
    assert all(
        re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", h) for h in headings[1:]
    )


def test_the_changelogs_sections_stand_in_order() -> None:
    for release in re.split(r"^## ", _changelog(), flags=re.MULTILINE)[1:]:
        sections = re.findall(r"^### (.+)$", release, re.MULTILINE)

        assert sections == [name for name in _SECTIONS if name in sections]


@pytest.mark.parametrize(
    "name", sorted(path.name for path in ROOT.glob("examples/[0-9]*.py"))
)
def test_an_example_is_listed_in_its_readme(name: str) -> None:
    assert f"]({name})" in (ROOT / "examples" / "README.md").read_text("utf-8")


def _changelog() -> str:
    return (ROOT / "CHANGELOG.md").read_text("utf-8")
