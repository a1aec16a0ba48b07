"""Every setting, once. What differs between places comes from `DK_` variables.

A required one that is missing or malformed stops the start with a sentence.
"""

from __future__ import annotations

import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from accounts import keyring
from directeurskamer import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
KEYS_DIR = VAR_DIR / "keys"

DEMO = bool(env.read("bool", "DEMO", False))
DEBUG = False

# Secrets. `make_keys` must run before there are any.
_makes_keys = "make_keys" in sys.argv[1:2]
SECRET_KEY = env.secret("SECRET_KEY", KEYS_DIR / "secret_key")
if not SECRET_KEY and not _makes_keys:
    raise ImproperlyConfigured(
        "DK_SECRET_KEY is missing: set it, or run `manage.py make_keys` once."
    )
ALIAS_KEYS = env.checked(
    "ALIAS_KEYS", env.secret("ALIAS_KEYS", KEYS_DIR / "alias_keys"), keyring.parse
)

# The address of the room.
_origin = env.checked(
    "ORIGIN",
    str(env.read("str", "ORIGIN", "http://127.0.0.1:8000" if DEMO else "")),
    env.origin,
)
ORIGIN = _origin.geturl()
if not ORIGIN and not _makes_keys:
    raise ImproperlyConfigured(
        "DK_ORIGIN is missing: the address of the room, such as https://kamer.example."
    )
IS_HTTPS = _origin.scheme == "https"
ALLOWED_HOSTS = env.read(
    "list",
    "ALLOWED_HOSTS",
    [_origin.hostname or "127.0.0.1", *(["localhost"] if DEMO else [])],
)
SITE_NAME = env.read("str", "SITE_NAME", "De Directeurskamer")
CONTACT_EMAIL = env.read("str", "CONTACT_EMAIL", "kamer@voorbeeld.nl" if DEMO else "")
if not CONTACT_EMAIL and not _makes_keys:
    raise ImproperlyConfigured(
        "DK_CONTACT_EMAIL is missing: the address on which people reach you."
    )
PREMODERATE = env.read("str", "PREMODERATE", "none")
if PREMODERATE not in {"none", "anonymous"}:
    raise ImproperlyConfigured("DK_PREMODERATE is `none` or `anonymous`.")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "accounts",
    "forum",
    "moderation",
    "directeurskamer",
]
MIDDLEWARE = [
    "directeurskamer.middleware.guard",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "directeurskamer.middleware.refuse_foreign",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "directeurskamer.middleware.chosen_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.FirstDoor",
    "accounts.middleware.SecondDoor",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "directeurskamer.urls"
ASGI_APPLICATION = "directeurskamer.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "directeurskamer.context_processors.room",
            ],
        },
    }
]

# The database.
DATABASES: dict[str, Any] = {
    "default": env.address(
        "DATABASE_URL",
        str(env.read("str", "DATABASE_URL", f"sqlite:///{VAR_DIR / 'kamer.sqlite3'}")),
        dj_database_url.parse,
        example="postgresql://name:password@db.example:5432/kamer",
    )
}
if DATABASES["default"]["ENGINE"].rsplit(".", 1)[-1] not in {"sqlite3", "postgresql"}:
    raise ImproperlyConfigured(
        "DK_DATABASE_URL cannot be used: it begins with postgresql:// or sqlite://."
    )
# A request thread keeps its connection: opening one costs more than most pages.
DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    # Without IMMEDIATE a transaction that reads before it writes fails at once when
    # another one writes; secure_delete wipes what was deleted; 16 MiB of pages stay in
    # memory, so that looking through 20,000 tags does not read the file again.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA secure_delete=ON;"
            "PRAGMA cache_size=-16384;"
        ),
    }

# What was deleted, for when the database is lost: best on another disk than it is.
TOMBSTONES = Path(str(env.read("str", "TOMBSTONES", str(VAR_DIR / "tombstones"))))

# Counters and limits: the memory of the one process, or Redis; never the database.
REDIS_URL = env.read("str", "REDIS_URL", "")
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "directeurskamer.cache.RedisOrMemory",
        "LOCATION": REDIS_URL,
        # Seconds.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# Members and sessions.
AUTH_USER_MODEL = "accounts.Member"
AUTHENTICATION_BACKENDS = ["accounts.backend.MemberBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation."
        "UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "display_name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "forum:thread_list"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.signup.ApplicationFields"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_USER_DISPLAY = attrgetter("display_name")
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# A mailbox is not a proof of who somebody is: there is no sign-in by mailed code.
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SIGNUP_REDIRECT_URL = "accounts:application_detail"
# Behind a proxy every request seems to come from it: then all would share one limit.
ALLAUTH_TRUSTED_PROXY_COUNT = env.read("int", "TRUSTED_PROXIES", 0)
MFA_ADAPTER = "accounts.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if IS_HTTPS:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_FAILURE_VIEW = "directeurskamer.views.form_expired"
# A cookie, so that a message leaves no row behind.
MESSAGE_STORAGE = "accounts.cookie_messages.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
FILE_UPLOAD_HANDLERS: list[str] = []

# Headers.
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
# `no-referrer` would make a browser send `Origin: null` with a form, which the
# protection against forged forms refuses; to other origins this says nothing either.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF, ORIGIN.replace("http", "ws", 1)],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["fragment"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "clipboard-read": [],
    "display-capture": [],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "publickey-credentials-create": ["self"],
    "publickey-credentials-get": ["self"],
    "usb": [],
}

# Languages and time.
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "directeurskamer" / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"

# Static files.
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Mail.
_email_url = str(
    env.read("str", "EMAIL_URL", f"file://{VAR_DIR / 'mail'}" if DEMO else "")
)
if not _email_url and not _makes_keys:
    raise ImproperlyConfigured(
        "DK_EMAIL_URL is missing: the mail server, such as "
        "submission://name:password@mail.example:587."
    )
_email = env.address(
    "EMAIL_URL",
    _email_url or "dummy://",
    dj_email_url.parse,
    example="submission://name:password@mail.example:587",
)
if "EMAIL_BACKEND" not in _email:
    raise ImproperlyConfigured(
        "DK_EMAIL_URL cannot be used: it begins with submission://, smtp:// or file://."
    )
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
MAIL_DIR = Path("/", _email.get("EMAIL_FILE_PATH") or VAR_DIR / "mail")
EMAIL_FILE_PATH = str(MAIL_DIR)
EMAIL_HOST = _email.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_email.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_email.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 20
# The bare address: a sender's name would show in a mailbox that is not private.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONTACT_EMAIL

# Logs: what happened, never who, where or what about.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"quiet": {"()": "directeurskamer.quiet_logs.QuietFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "quiet"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "kamer": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # Its lines carry addresses and paths; the middleware logs each request.
        "daphne.access": {"level": "CRITICAL"},
    },
}
