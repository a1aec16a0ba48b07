"""HTTP and websocket entry: origin check, then session, then routes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directeurskamer.settings")

from django.core.asgi import get_asgi_application

# Sets Django up, so it comes before everything that knows a model.
pages = get_asgi_application()

from asgiref.sync import ThreadSensitiveContext  # noqa: E402
from channels.db import database_sync_to_async  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import WebsocketDenier  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user  # noqa: E402
from django.http import HttpRequest, parse_cookie  # noqa: E402
from django.urls import re_path  # noqa: E402

from accounts.sessions import SessionStore  # noqa: E402
from forum import relaying  # noqa: E402
from forum import routing as forum_routing  # noqa: E402
from moderation import routing as moderation_routing  # noqa: E402

REQUEST_THREADS = 2


class KeptThreads:
    """Django in request threads that stay.

    Django makes a thread for every request and throws it away, which costs more than
    most of our pages and ends the thread's database connection. A request goes to the
    thread with the fewest requests.
    """

    def __init__(self, application: Any, threads: int = REQUEST_THREADS) -> None:
        self.application = application
        self.busy = {
            ThreadPoolExecutor(1, thread_name_prefix=f"request-{number}"): 0
            for number in range(threads)
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        executor = min(self.busy, key=self.busy.__getitem__)
        self.busy[executor] += 1
        try:
            async with ThreadSensitiveContext(executor=executor):
                await self.application(scope, receive, send)
        finally:
            self.busy[executor] -= 1


class FromOurPages:
    """Refuses a socket that a page of another origin opens (RFC 6455, 10.2).

    The header must equal ours to the byte. A browser sends the cookies of the session
    with a foreign page's handshake too, and no rule against that holds for sockets.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.origins = {settings.ORIGIN.lower().encode()}
        if settings.DEMO:
            port = urlsplit(settings.ORIGIN).port
            self.origins |= {
                f"http://{host}:{port}".encode() for host in ("127.0.0.1", "localhost")
            }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        found = [value for name, value in scope["headers"] if name == b"origin"]
        is_ours = len(found) == 1 and found[0] in self.origins
        application = self.application if is_ours else WebsocketDenier()
        await application(scope, receive, send)


class SignedIn:
    """Tells who opens a socket, by the session of their pages.

    In place of the three layers that Channels has for this: those keep copies of
    everything for as long as the socket is open, and look at the session with every
    text that goes out.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        cookies = b"; ".join(v for name, v in scope["headers"] if name == b"cookie")
        key = parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
        user = await database_sync_to_async(_whose)(key) if key else None
        await self.application(
            {**scope, "user": user, "session_key": key}, receive, send
        )


def _whose(session_key: str) -> object:
    request = HttpRequest()
    request.session = SessionStore(session_key)
    return get_user(request)


relaying.listen()

# An unknown address is refused like one that is not yours.
unknown: Any = re_path("", WebsocketDenier.as_asgi())  # type: ignore[arg-type]
application = ProtocolTypeRouter(
    {
        "http": KeptThreads(pages),
        "websocket": FromOurPages(
            SignedIn(
                URLRouter(
                    [
                        *forum_routing.websocket_urlpatterns,
                        *moderation_routing.websocket_urlpatterns,
                        unknown,
                    ]
                )
            )
        ),
    }
)
