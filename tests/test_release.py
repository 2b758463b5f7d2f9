"""Checks for a release: one version, and metadata that agrees with the package."""

import re
import subprocess
import tomllib
from pathlib import Path

import skfcnn

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RELEASE = skfcnn.__version__.removesuffix(".dev0")


def test_version_is_defined_in_one_place():
    """Apart from the changelog and the pages that describe how to set it."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", RELEASE)
    command = ["git", "grep", "-lF", skfcnn.__version__, "--", ":!tests/data"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["skfcnn/_version.py"]


def test_the_changelog_has_a_section_for_this_version():
    sections = re.findall(r"^## \[(.*?)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert sections[0] == RELEASE


def test_conda_forge_recipe_has_the_requirements_of_the_package():
    page = (ROOT / "docs" / "releasing.md").read_text()
    recipe = re.search(r"^  run:\n(.*?)\n\n", page, re.M | re.S)[1]
    asked = re.findall(r"^    - (\S+) (>=[\d.]+)$", recipe, re.M)
    assert ["".join(each) for each in asked] == PROJECT["dependencies"]
    assert f"license: {PROJECT['license']}\n" in page
    assert f"summary: {PROJECT['description']}\n" in page


def test_the_citation_names_the_package():
    citation = (ROOT / "CITATION.cff").read_text()
    title = re.search(r'^title: "(.*)"$', citation, re.M)[1]
    assert title.startswith(f"{PROJECT['name']}: ")
    assert f"license: {PROJECT['license']}\n" in citation


def test_instructions_for_contributors_work():
    """The commands and files that the templates name exist in the project."""
    template = (ROOT / ".github" / "PULL_REQUEST_TEMPLATE.md").read_text()
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    commands = re.findall(r"`(\.venv/bin/.*?)`", template)
    assert len(commands) == 2 and all(command in contributing for command in commands)
    files = re.findall(r"`([\w./]+\.(?:md|py))`", template)
    assert files == ["CHANGELOG.md", "benchmarks/speed.py"]
    assert all((ROOT / file).is_file() for file in files)
