"""AN-10: secrets are opened in few modules, and tags asked for the one served."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("directeurskamer", "moderation", "forum", "accounts")
# Who may open a secret, beside the module itself.
OPENERS = {"accounts.secrets", "moderation.unsealing"}
# These use the ring without opening anybody's secret: presence, a new key, its form.
OTHERS = {"accounts.management.commands.make_keys", "directeurskamer.settings"}
REACHERS = {
    "accounts.detaching",
    "accounts.joining",
    "accounts.management.commands.rotate_alias_key",
    "accounts.tags",
}
# Open the tags of sanctions, and what was deleted: no secrets of members.
SEALED_TAGS = {"accounts.sanctions", "accounts.tombstones"}
# Functions that answer for the member they are given.
FOR_ONE = {"own_tag", "own_tags", "own_key", "is_own", "own_aliases", "secret_of"}
SERVED = {"member", "by", "request.user"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in file.parts:
                name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
                yield name, ast.parse(file.read_text())


def imports(tree: ast.Module) -> set[str]:
    """Every name that is imported, anywhere in the module, with its module."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module)}
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def importers(module: str) -> set[str]:
    return {name for name, tree in modules() if module in imports(tree)}


def contract(identity: str) -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    found: dict[str, list[str]] = next(c for c in contracts if c["id"] == identity)
    return found


def test_an_10_keyring_is_imported_by_the_modules_of_the_contract_only() -> None:
    keyring = contract("keyring")

    assert keyring["protected_modules"] == ["accounts.keyring"]
    assert importers("accounts.keyring") == OPENERS | OTHERS | SEALED_TAGS
    assert set(keyring["allowed_importers"]) == OPENERS | OTHERS | SEALED_TAGS


def test_an_10_secrets_are_reached_through_the_modules_of_the_contract_only() -> None:
    secrets = contract("secrets")

    assert secrets["protected_modules"] == ["accounts.secrets"]
    assert importers("accounts.secrets") == REACHERS
    assert set(secrets["allowed_importers"]) == REACHERS


def test_an_10_contracts_hold() -> None:
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            yield name, node


def test_an_10_secrets_are_opened_nowhere_else() -> None:
    opening = {"open_wrapped": OPENERS | {"accounts.keyring"} | SEALED_TAGS}
    opening["tag_under"] = {"accounts.tags", "moderation.unsealing"}
    opening["secret_of"] = {"accounts.tags"}

    for function, allowed in opening.items():
        found = {
            n for n, tree in modules() for name, _ in calls(tree) if name == function
        }
        assert found <= allowed, function


def served_here(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Names that stand for the one served: what the caller gave, or the request's."""
    arguments = function.args
    names = {a.arg for a in (*arguments.args, *arguments.kwonlyargs)}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "request.user":
            names |= {ast.unparse(target) for target in node.targets}
    looped = {
        ast.unparse(node.target)
        for node in ast.walk(function)
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
    }
    return (names & SERVED) - looped | {"request.user"}


def test_an_10_what_answers_for_one_member_is_asked_for_the_one_served() -> None:
    asked = 0
    for module, tree in modules():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for name, call in calls(function):
                if name in FOR_ONE:
                    asked += 1
                    who = ast.unparse(call.args[0])
                    assert who in served_here(function), f"{module}: {name}({who})"

    assert asked > 20
