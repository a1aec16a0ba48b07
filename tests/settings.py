"""The real settings with an environment for tests, and a handful of overrides."""

from __future__ import annotations

import os
import tempfile

from tests import services

# What the person who runs the tests has set must not decide what they prove.
for name in [name for name in os.environ if name.startswith("DK_")]:
    del os.environ[name]
os.environ.update(
    {
        "DK_SECRET_KEY": "only-for-tests-" * 5,
        "DK_ALIAS_KEYS": "A" * 43,  # 32 bytes in base64url
        "DK_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "DK_ORIGIN": "http://testserver",
        "DK_CONTACT_EMAIL": "contact@testserver.example",
        "DK_EMAIL_URL": "smtp://127.0.0.1:1",
    }
)

# Only names: Django makes the test database and removes it, and mypy, which reads
# these settings too and ends without cleaning up, leaves nothing behind.
_file = f"{tempfile.gettempdir()}/dk-test-{os.getpid()}"

if os.environ.get("TEST_DATABASE") == "postgresql":
    try:
        os.environ["DK_DATABASE_URL"] = services.shared_postgres_url()
    except services.MissingServiceError as missing:
        raise SystemExit(str(missing)) from None
else:
    os.environ["DK_DATABASE_URL"] = f"sqlite:///{_file}-unused.sqlite3"

from directeurskamer.settings import *  # noqa: E402, F403 - needs the lines above
from directeurskamer.settings import DATABASES, STORAGES  # noqa: E402 - the same

if os.environ.get("TEST_DATABASE") != "postgresql":
    # A file, as in real life: SQLite in memory shares its cache between threads and
    # then locks by other rules.
    DATABASES["default"]["TEST"] = {"NAME": f"{_file}.sqlite3"}

# A deliberately slow hash would be most of the suite's time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# Hashed names need collectstatic first; test_settings.py looks after the real ones.
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
