# SPDX-License-Identifier: ISC
"""Node and the clients from npm, installed once into the build folder."""
import hashlib
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "node")


def place(build):
    """The folder with node_modules; installs what the lock file names."""
    to = os.path.join(build, "npm")
    mark = os.path.join(to, "installed")
    with open(os.path.join(SOURCE, "package-lock.json"), "rb") as f:
        want = hashlib.sha256(f.read()).hexdigest()
    os.makedirs(to, exist_ok=True)
    for name in os.listdir(SOURCE):
        shutil.copy(os.path.join(SOURCE, name), to)
    if not os.path.exists(mark) or open(mark).read() != want:
        p = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=to, capture_output=True, text=True)
        if p.returncode != 0:
            raise RuntimeError("npm ci failed: " + p.stderr[-2000:])
        with open(mark, "w") as f:
            f.write(want)
    return to


def node(build):
    return os.path.join(place(build), "node_modules", ".bin", "node")


def run(build, script, *words, env=None, timeout=120):
    """Run one script of ours with the pinned Node; its result."""
    to = place(build)
    path = script if os.path.isabs(script) else os.path.join(to, script)
    return subprocess.run([node(build), path, *words], cwd=to, capture_output=True, text=True, timeout=timeout, env=dict(os.environ, **(env or {})))
