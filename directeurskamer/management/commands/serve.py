"""Serves the room with its background work: what `make run` calls."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError

from accounts import readiness
from directeurskamer import occupancy, serving
from forum import rerendering
from forum.management.commands.load_demo import ACCOUNTS, PASSWORD


class Command(BaseCommand):
    help = "Serve the room: pages, live updates and background work in one process."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-worker", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        worker = None if options["no_worker"] else serving.Worker()
        try:
            serving.check_host(options["host"])
            serving.check_port(options["host"], options["port"])
            serving.check_folders()
            with occupancy.served():
                self.prepare(options["host"], options["port"])
                self.run(options["host"], options["port"], worker)
        except (serving.NotReadyError, occupancy.OccupiedError) as refusal:
            sys.exit(str(refusal))
        except DatabaseError as error:
            sys.exit(f"The database cannot be used: {error}.")
        except KeyboardInterrupt:
            pass  # Asked to stop before there was anything to stop.
        finally:
            if worker is not None and worker.is_alive():
                worker.stop()

    def prepare(self, host: str, port: int) -> None:
        """Refuse a database that cannot be served; make the demo ready."""
        if settings.DEMO:
            self.prepare_demo(host, port)
        elif serving.has_pending_migrations():
            raise serving.NotReadyError(
                "The database is behind: run `manage.py migrate` first."
            )
        if not readiness.is_ready():
            self.stderr.write(
                "DK_ALIAS_KEYS is missing: reading goes on, writing and joining are "
                "closed. Run `manage.py make_keys` once, or set it."
            )

    def prepare_demo(self, host: str, port: int) -> None:
        """Migrate, collect static files, write the demo content, once; render anew."""
        if "DK_ORIGIN" not in os.environ:
            serving.move_origin(host, port)
        if serving.has_pending_migrations():
            self.say("Making the database.")
            call_command("migrate", interactive=False, verbosity=0)
        serving.collect_static()
        if readiness.is_ready():
            call_command("load_demo", stdout=self.stdout)
            if rerendering.is_behind():
                call_command("rerender_posts", stdout=self.stdout)
        else:
            raise serving.NotReadyError(
                "The demo needs keys: run `manage.py make_keys` first."
            )

    def run(self, host: str, port: int, worker: serving.Worker | None) -> None:
        """Serve until a signal; returns when everything has stopped."""
        # Imported last: it looks at the collected static files.
        from directeurskamer.asgi import application

        server = serving.Server(application, host, port)

        def ready() -> None:
            if worker is not None:
                worker.start()
            self.greet()
            # What is here now stays: the collector need not look at it again.
            gc.collect()
            gc.freeze()

        server.ready_callable = ready
        server.run()
        # Everything is ending already: a second Ctrl-C has nothing to add.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if not server.listening_addresses:
            raise serving.NotReadyError(f"Nothing can listen on {host}, port {port}.")

    def greet(self) -> None:
        """Say where the room is, and in the demo how to get in."""
        self.say(f"{settings.SITE_NAME} is open at {settings.ORIGIN}/ (Ctrl-C stops).")
        if settings.DEMO:
            self.say(f"The demo's accounts, all with password {PASSWORD}:")
            for account in ACCOUNTS:
                self.say(f"  {account.email:<26} {account.note}")
            self.say(f"Its mail is at {settings.ORIGIN}/demo/mail/")

    def say(self, line: str) -> None:
        """Write a line that shows at once."""
        self.stdout.write(line)
        self.stdout.flush()
