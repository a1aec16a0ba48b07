"""Pictures of every page, for who wants to look: SHOTS names the folder.

    SHOTS=/tmp/pictures python -m tests.browser.gallery [name …]

Each page by its reader, on a phone and on a desk, light and dark; in English with
SHOTS_LANGUAGE=en. This is no test: nothing is asserted.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import services
from tests.browser.conftest import FLAGS, Person, Room
from tests.browser.places import furnish

LOOKS = [(width, theme) for width in (390, 1280) for theme in ("light", "dark")]


def main(folder: Path, language: str, names: set[str]) -> None:
    """Write a picture per page and look into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    room = Room(Path(tempfile.mkdtemp(prefix="dk-gallery-")))
    room.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(services.chromium()), args=FLAGS
            )
            people: dict[str, Person] = {}
            for place in furnish(room):
                if names and place.name not in names:
                    continue
                if place.who not in people:
                    context = browser.new_context(
                        viewport={"width": 390, "height": 844}, reduced_motion="reduce"
                    )
                    people[place.who] = Person(context, room)
                    if place.who:
                        people[place.who].sign_in(place.who)
                    context.add_cookies(
                        [
                            {
                                "name": "django_language",
                                "value": language,
                                "url": room.url,
                            }
                        ]
                    )
                page = people[place.who].page
                place.visit(page, room)
                for width, theme in LOOKS:
                    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of two
                    page.set_viewport_size({"width": width, "height": 844})
                    name = f"{width}-{theme}-{place.name}.png"
                    page.screenshot(path=folder / name, full_page=True)
                page.set_viewport_size({"width": 390, "height": 844})
            for person in people.values():
                if person.faults:
                    print(person.faults)  # noqa: T201 - a tool for a person
            browser.close()
    finally:
        room.stop()


if __name__ == "__main__":
    main(
        Path(os.environ["SHOTS"]),
        os.environ.get("SHOTS_LANGUAGE", "nl"),
        set(sys.argv[1:]),
    )
