"""The pins: complete, hashed, and silent about where packages come from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt"]
SOURCES = ["requirements.in", "requirements-dev.in"]


def requirements(name: str) -> list[str]:
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def canonical(requirement: str) -> str:
    name = re.split(r"[\[=<>~!; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", LOCKS + SOURCES)
def test_requirements_name_no_host_and_no_local_path(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert "index-url" not in text
    assert "find-links" not in text
    assert not re.search(r"(?m)(?:^|\s)(?:-e\s|/|\.\.?/)", text)


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_requirement_is_an_exact_version_with_a_hash(name: str) -> None:
    found = requirements(name)

    assert found
    for requirement in found:
        assert re.match(r"[\w.-]+==[\w.]+ ", requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", requirement), requirement


@pytest.mark.parametrize(("source", "lock"), list(zip(SOURCES, LOCKS, strict=True)))
def test_every_wanted_package_is_locked(source: str, lock: str) -> None:
    wanted = {canonical(requirement) for requirement in requirements(source)}
    locked = {canonical(requirement) for requirement in requirements(lock)}

    assert wanted <= locked


def test_tests_run_on_the_versions_that_the_forum_runs_on() -> None:
    runtime, development = map(requirements, LOCKS)

    assert set(runtime) <= set(development)
