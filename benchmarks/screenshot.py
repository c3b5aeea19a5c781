"""Pictures of the leaderboard, in light and 256 colours: its first page, and the recipe curves of a task.

    python benchmarks/screenshot.py site docs/leaderboard.png
    python benchmarks/screenshot.py site docs/recipe-curves.png tasks/xquad-r.html .charts

`site` is what `xbench leaderboard build` wrote. A selector cuts out that part of the page. Needs playwright, Pillow and
chromium.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

WIDTH, HEIGHT = 1440, 1150


def picture(site: Path, name: str, selector: str) -> bytes:
    """What of a page stands first, or the part that a selector names."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto((site / name).resolve().as_uri())
        if not selector:
            page.wait_for_selector("#question:not([hidden])")
        page.evaluate("document.fonts.ready")
        taken: bytes = page.locator(selector).first.screenshot() if selector else page.screenshot()
        browser.close()
    return taken


def main() -> None:
    from PIL import Image

    site, out, *part = sys.argv[1:]
    name, selector = part or ("index.html", "")
    found = Image.open(io.BytesIO(picture(Path(site), name, selector)))
    found.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(out, optimize=True)
    print(f"{out}: {found.width} x {found.height}, {Path(out).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
