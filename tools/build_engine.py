"""Builds the simulator's WebAssembly module from its C sources, with zig's C compiler from the package index.

    python tools/build_engine.py [FILE]

The same sources give the same bytes everywhere, so the module can lie in the repository; a test builds it anew.
"""

import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "deepkit" / "cluster" / "engine"
TARGET = ("-target", "wasm32-freestanding", "-mbulk-memory", "-nostdlib", "-Wl,--no-entry")
SAME_BITS = ("-std=c11", "-ffp-contract=off", "-fno-math-errno")
"""No fused multiply-add: every platform rounds after each operation."""
FAST = ("-O3", "-mllvm", "-inline-threshold=2000")
BARE = ("-g0", "-s", "-Wl,--strip-all")
STRICT = ("-Wall", "-Wextra", "-Werror")


def build(file: Path) -> None:
    """Compile the module into a file."""
    flags = (*TARGET, *SAME_BITS, *FAST, *BARE, *STRICT)
    command = [sys.executable, "-m", "ziglang", "cc", *flags, "-o", str(file.resolve()), "engine.c"]
    subprocess.run(command, cwd=SOURCES, check=True)  # noqa: S603
    file.chmod(0o644)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCES / "engine.wasm")
