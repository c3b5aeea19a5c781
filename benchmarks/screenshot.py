"""The picture of the leaderboard that the README shows: the overview in light, 1440 pixels wide, in 256 colours.

    python benchmarks/screenshot.py site docs/leaderboard.png [height]

`site` is what `xbench leaderboard build` wrote. Needs playwright, Pillow and chromium.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

WIDTH, HEIGHT = 1440, 1150


def overview(site: Path, height: int) -> bytes:
    """The first `height` pixels, less where the page ends before."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": height}, color_scheme="light")
        page.goto((site / "index.html").resolve().as_uri())
        page.wait_for_selector("#filters:not([hidden])")
        page.evaluate("document.fonts.ready")
        picture: bytes = page.screenshot()
        browser.close()
    return picture


def main() -> None:
    from PIL import Image

    site, out, *height = sys.argv[1:]
    picture = Image.open(io.BytesIO(overview(Path(site), int(height[0]) if height else HEIGHT)))
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(out, optimize=True)
    print(f"{out}: {picture.width} x {picture.height}, {Path(out).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
