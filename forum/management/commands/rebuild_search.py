"""Makes the search index anew: after an update of the stemmer or of its rules."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from forum import live, search
from forum.models import Thread

EVERY = 1000


class Command(BaseCommand):
    help = "Make the search index anew; safe to run twice and beside readers."

    def handle(self, *args: Any, **options: Any) -> None:
        texts = 0
        threads = Thread.objects.filter(was_public=True).order_by("pk").only("pk")
        for number, thread in enumerate(threads.iterator(), start=1):
            # One at a time: nobody who writes has to wait for all of them.
            with transaction.atomic():
                texts += search.index_thread(live.lock_thread(thread))
            if number % EVERY == 0:
                self.stdout.write(f"{number} conversations looked at.")
        self.stdout.write(f"{texts} texts can be found.")
