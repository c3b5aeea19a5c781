"""`python tests/torture`: kill, crowd, damage and starve every long command of xbench. What was done is counted, what
does not hold is said; exit code 1 where anything did not hold. docs/reliability.md has promises and figures."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Parse, torture, tell."""
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="blows in all")
    parser.add_argument("--damages", type=int, default=100, help="kept files changed")
    parser.add_argument("--full", type=int, default=60, help="full disks")
    parser.add_argument("--processes", type=int, default=8, help="at once in one folder; 0 for none")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenes", default="", help="names, with commas; all by default")
    asked = parser.parse_args()
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory(prefix="xbench-torture-") as name:
        faults = torture(Path(name), asked)
    return int(bool(faults))


def torture(top: Path, asked: argparse.Namespace) -> list[str]:
    """All four ways; what did not hold."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    import victims

    victims.load_libraries(top / "hub")
    import crowds
    import damages
    import full_disks
    import kills
    from findings import Findings
    from scenes import chosen
    from world import lay_out_hub, world

    findings, scenes = Findings(), chosen(asked.scenes)
    with world(top) as outside:
        lay_out_hub(outside.hub, top / "tiny")
        kills.torture(top, outside, scenes, asked.kills, asked.seed, findings)
        if asked.processes:
            crowds.torture(top, outside, scenes, asked.processes, findings)
        damages.torture(top, outside, asked.damages, asked.seed, findings)
        full_disks.torture(top, outside, scenes, asked.full, asked.seed, findings)
    for what, count in sorted(findings.done.items()):
        print(f"{count:5} {what}")
    print(f"{len(findings.faults):5} faults")
    return findings.faults


if __name__ == "__main__":
    sys.exit(main())
