"""Django settings, from the environment only. docs/settings.md explains each, checked by a test."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext

from catalogue import env
from catalogue.access.sign_in.provider_settings import read_providers
from catalogue.smtp_url import smtp_url_to_settings

# Lets generic forms, admins and query sets be subscripted at run time, as their types are.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(
    env.text("MIMIS_VAR_DIR", str(BASE_DIR / "var"), help="Folder for all that is written")
).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)


def _kept_secret_key() -> str:
    """Return a key made at the first start and kept in the var folder, readable by its owner only."""
    path = VAR_DIR / "secret_key"
    with contextlib.suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
    if not path.stat().st_size:
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    return path.read_text(encoding="ascii")


# Site
SITE_NAME = env.text("MIMIS_SITE_NAME", "Mimisbrunn", help="Name of the catalogue on every page")
BASE_URL = env.text(
    "MIMIS_BASE_URL",
    "http://localhost:8000",
    help="Public address, without a slash at the end; part of dataset IRIs",
).rstrip("/")
DEBUG = env.flag("MIMIS_DEBUG", default=False, help="Django's debug pages; never in production")
SECRET_KEY = env.text(
    "MIMIS_SECRET_KEY", help="Signs sessions; made and kept in the var folder if not set"
) or (_kept_secret_key())
ALLOWED_HOSTS = env.words(
    "MIMIS_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", help="Host names this site answers to"
)
CSRF_TRUSTED_ORIGINS = env.words(
    "MIMIS_CSRF_TRUSTED_ORIGINS", "", help="Origins such as https://data.example.org, when behind a proxy"
)
BEHIND_TLS = env.flag(
    "MIMIS_BEHIND_TLS", default=False, help="A proxy in front speaks https: secure cookies and HSTS"
)
TRUSTED_PROXIES = env.whole(
    "MIMIS_TRUSTED_PROXIES", 0, help="How many proxies stand in front, for throttles by address"
)
CONTACT = env.text(
    "MIMIS_CONTACT", "", help="Mail or page of the operator, sent to harvested sources and shown in the API"
)

# Applications
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "catalogue",
    "catalogue.access.apps.AccessConfig",
    "harvesters",
]
MIDDLEWARE = [
    "catalogue.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages are five times smaller; its random padding is what guards secrets in them (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "catalogue.middleware.CatalogueErrorMiddleware",
    "catalogue.access.sign_in.middleware.StrongSignInMiddleware",
]
ROOT_URLCONF = "catalogue.urls"
WSGI_APPLICATION = "catalogue.wsgi.application"
AUTH_USER_MODEL = "catalogue.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalogue.portal.context.describe_site",
                "catalogue.access.portal.committee_context.describe_part",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Signing in: docs/sign-in.md
SIGN_UP = env.flag("MIMIS_SIGN_UP", default=False, help="let anybody make a local account")
OIDC_PROVIDERS = read_providers(
    env.words(
        "MIMIS_OIDC_PROVIDERS",
        "",
        help="Home organisations by OpenID Connect, each name=https://issuer|client-id|label",
    ),
    env.words("MIMIS_OIDC_SECRETS", "", help="Their client secrets, each name=secret"),
    env.words(
        "MIMIS_OIDC_STRONG",
        "",
        help="What acr or amr says that a second factor was used, each name=https://refeds.org/profile/mfa",
    ),
    env.words("MIMIS_OIDC_SCOPES", "profile,email", help="Scopes asked for beside openid"),
)
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_ADAPTER = "catalogue.access.sign_in.adapters.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "catalogue.access.sign_in.forms.PasswordForgottenForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
# No two accounts are joined by an address, and none is refused for one: nothing tells whether it is known.
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BEHIND_TLS else "http"
SOCIALACCOUNT_ADAPTER = "catalogue.access.sign_in.adapters.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "provider_class": "catalogue.access.sign_in.oidc.StrictProvider",
        "APPS": OIDC_PROVIDERS,
    }
}
MFA_ADAPTER = "catalogue.access.sign_in.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # half a minute of a clock that is not quite right
# What a home organisation calls an unverified address must not keep anybody from a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Database: the truth
DATABASE_URL = env.text(
    "MIMIS_DATABASE_URL",
    f"sqlite:///{VAR_DIR}/catalogue.sqlite3",
    help="sqlite:///PATH or postgres://USER@HOST/NAME",
)
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL: readers go on while the harvest writes. IMMEDIATE: a writer waits at BEGIN, where waiting works,
    # rather than at its first write, where SQLite can only refuse.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 60,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728;"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Queue
BROKER_URL = env.text(
    "MIMIS_BROKER_URL", "folder", help="'folder' (in the var folder, no server) or redis://HOST:6379/0"
)

# Search
SEARCH_ENGINE = env.text("MIMIS_SEARCH_ENGINE", "embedded", help="'embedded' (no server) or 'elasticsearch'")
SEARCH_DIR = VAR_DIR / "index"
ELASTICSEARCH_URL = env.words(
    "MIMIS_ELASTICSEARCH_URL", "", help="Addresses of an Elasticsearch 8 cluster's nodes: https://HOST:9200"
)
ELASTICSEARCH_API_KEY = env.text(
    "MIMIS_ELASTICSEARCH_API_KEY", "", help="API key, encoded; goes before a user with a password"
)
ELASTICSEARCH_USER = env.text("MIMIS_ELASTICSEARCH_USER", "", help="User who may manage our indices")
ELASTICSEARCH_PASSWORD = env.text("MIMIS_ELASTICSEARCH_PASSWORD", "", help="That user's password")
ELASTICSEARCH_CA_FILE = env.text(
    "MIMIS_ELASTICSEARCH_CA_FILE",
    "",
    help="Certificate of the authority that signed the cluster's, where it is not a public one",
)
ELASTICSEARCH_INDEX_PREFIX = env.text(
    "MIMIS_ELASTICSEARCH_INDEX_PREFIX",
    "mimisbrunn",
    help="Names of our indices begin with this; one for each catalogue in a cluster",
)
MODEL_DIR = VAR_DIR / "models"
ENCODER_MODEL = env.text(
    "MIMIS_ENCODER_MODEL",
    "bundled",
    help="'bundled', a sentence-transformers model's name or folder, or 'off'",
)
ENCODER_QUERY_PREFIX = env.text(
    "MIMIS_ENCODER_QUERY_PREFIX",
    "",
    help="What the model wants before a question; empty: the bundled model's own",
)
ENCODER_PASSAGE_PREFIX = env.text(
    "MIMIS_ENCODER_PASSAGE_PREFIX", "", help="What it wants before a record; empty: the bundled model's own"
)
ENCODER_THREADS = env.whole(
    "MIMIS_ENCODER_THREADS",
    0,
    help="CPU threads for encoding records; 0: the library's choice. A question takes one",
)

# Knowledge graph
GRAPH_DIR = VAR_DIR / "graph"
GRAPH_QUERY_URL = env.text(
    "MIMIS_GRAPH_QUERY_URL", "", help="SPARQL 1.1 query endpoint; empty: Oxigraph in process"
)
GRAPH_UPDATE_URL = env.text("MIMIS_GRAPH_UPDATE_URL", "", help="SPARQL 1.1 update endpoint of the same store")
GRAPH_STORE_URL = env.text(
    "MIMIS_GRAPH_STORE_URL", "", help="Graph Store HTTP Protocol endpoint of the same store"
)
GRAPH_USER = env.text("MIMIS_GRAPH_USER", "", help="User name for the SPARQL server")
GRAPH_PASSWORD = env.text("MIMIS_GRAPH_PASSWORD", "", help="Password for the SPARQL server")

# Objects: raw payloads
OBJECTS_DIR = VAR_DIR / "objects"
S3_BUCKET = env.text(
    "MIMIS_S3_BUCKET", "", help="Bucket for archived payloads and people's files; empty: folders"
)
S3_ENDPOINT_URL = env.text("MIMIS_S3_ENDPOINT_URL", "", help="Address of an S3-compatible store; empty: AWS")
S3_PUBLIC_URL = env.text(
    "MIMIS_S3_PUBLIC_URL", "", help="The same store as browsers reach it, if that is another address"
)
S3_ACCESS_KEY = env.text("MIMIS_S3_ACCESS_KEY", "", help="Key id for the bucket")
S3_SECRET_KEY = env.text("MIMIS_S3_SECRET_KEY", "", help="Secret for the bucket")
S3_PREFIX = env.text("MIMIS_S3_PREFIX", "raw/", help="Prefix of the archive's keys in the bucket")
S3_PATH_STYLE = env.flag(
    "MIMIS_S3_PATH_STYLE", default=True, help="bucket in the path, as most S3-compatible stores want"
)

# DOIs
DOI_REGISTRY_URL = env.text(
    "MIMIS_DOI_REGISTRY_URL",
    "",
    help="Address of the DataCite REST API, e.g. https://api.test.datacite.org; empty: no DOIs are minted",
)
DOI_HANDLE_URL = env.text(
    "MIMIS_DOI_HANDLE_URL", "https://doi.org", help="Where DOIs resolve, asked whether ours lead to our pages"
)
DOI_ACCOUNTS = env.words(
    "MIMIS_DOI_ACCOUNTS",
    "",
    help="Registry accounts, each name=REPOSITORY.ID:password; prefixes name the account they belong to",
)
DOI_ALLOW_PRODUCTION = env.flag(
    "MIMIS_DOI_ALLOW_PRODUCTION",
    default=False,
    help="let real DOIs be minted, under prefixes that are marked as production",
)

# Access requests
VISA_ALGORITHM = env.text(
    "MIMIS_VISA_ALGORITHM", "RS256", help="What visas are signed with: RS256 (as most readers know) or ES256"
)
ACCESS_STRONG_SIGN_IN = env.flag(
    "MIMIS_ACCESS_STRONG_SIGN_IN",
    default=True,
    help="who decides about access needs a second factor; no only where nothing is real",
)
VISA_ISSUERS = env.words(
    "MIMIS_VISA_ISSUERS",
    "",
    help="Whose GA4GH visas are believed, each issuer;key set;types;sources",
)
ACCESS_TARGET_SECRETS = env.words(
    "MIMIS_ACCESS_TARGET_SECRETS",
    "",
    help="Secrets of the systems that rights are pushed to, each name=secret; targets name theirs",
)
ACCESS_KEEP_DRAFT_DAYS = env.whole(
    "MIMIS_ACCESS_KEEP_DRAFT_DAYS",
    365,
    help="Requests that were never submitted are deleted after so many days without a change",
    minimum=30,
)
ACCESS_KEEP_MAIL_DAYS = env.whole(
    "MIMIS_ACCESS_KEEP_MAIL_DAYS",
    180,
    help="Notes of mail that was sent, and addresses of invitations, are deleted after so many days",
    minimum=30,
)
ACCESS_KEEP_CLOSED_YEARS = env.whole(
    "MIMIS_ACCESS_KEEP_CLOSED_YEARS",
    10,
    help="Files and personal answers of requests are deleted so many years after they were closed",
    minimum=1,
)
REGISTER_SMALLEST = env.whole(
    "MIMIS_REGISTER_SMALLEST",
    5,
    help="Counts below this are not shown in the public register of sharing",
    minimum=1,
)

# Files: what people upload
FILES_DIR = VAR_DIR / "files"
FILES_PREFIX = env.text("MIMIS_FILES_PREFIX", "files/", help="Prefix of people's files in the bucket")
FILES_MAX_MIB = env.whole(
    "MIMIS_FILES_MAX_MIB", 102400, help="Largest file that may be uploaded, in MiB", minimum=1
)
FILES_LINK_S = env.whole(
    "MIMIS_FILES_LINK_S",
    600,
    help="How long a link to upload a part or to download a file holds, in seconds",
    minimum=10,
)
FILES_UPLOAD_DAYS = env.whole(
    "MIMIS_FILES_UPLOAD_DAYS", 7, help="Days after which an upload that rests is given up", minimum=1
)
ATTACHMENTS_MAX_MIB = env.whole(
    "MIMIS_ATTACHMENTS_MAX_MIB",
    20,
    help="Largest file that may be attached to a request for access, in MiB",
    minimum=1,
)
FILES_COPY_DIR = env.text(
    "MIMIS_FILES_COPY_DIR", "", help="Folder for a second copy of people's files, on another disk"
)
FILES_COPY_BUCKET = env.text(
    "MIMIS_FILES_COPY_BUCKET", "", help="Bucket for a second copy of people's files, instead of a folder"
)
FILES_COPY_ENDPOINT_URL = env.text(
    "MIMIS_FILES_COPY_ENDPOINT_URL", "", help="Address of the second copy's store; empty: AWS"
)
FILES_COPY_ACCESS_KEY = env.text("MIMIS_FILES_COPY_ACCESS_KEY", "", help="Key id for the second bucket")
FILES_COPY_SECRET_KEY = env.text("MIMIS_FILES_COPY_SECRET_KEY", "", help="Secret for the second bucket")
FIXITY_DAYS = env.whole(
    "MIMIS_FIXITY_DAYS", 30, help="Every stored byte is read again after so many days", minimum=1
)
FIXITY_MIB = env.whole(
    "MIMIS_FIXITY_MIB", 10240, help="How much one run of the fixity check reads at most, in MiB", minimum=1
)
SCAN_COMMAND = env.text(
    "MIMIS_SCAN_COMMAND",
    "",
    help="Malware scanner that reads a file from its input; exit 0: clean, 1: refused",
)
CLAMD_ADDRESS = env.text(
    "MIMIS_CLAMD_ADDRESS", "", help="ClamAV's daemon, HOST:PORT or unix:PATH, instead of a command"
)

# Harvest
HARVEST_ALLOWED_HOSTS = frozenset(
    env.words(
        "MIMIS_HARVEST_ALLOWED_HOSTS",
        "",
        help="Hosts (or host:port) in private networks that may be harvested",
    )
)
HARVEST_MAX_MIB = env.whole(
    "MIMIS_HARVEST_MAX_MIB", 512, help="Largest answer of a source, decompressed, in MiB", minimum=1
)
HARVEST_TIMEOUT_S = env.number(
    "MIMIS_HARVEST_TIMEOUT_S", 600, help="Longest time for one answer, in seconds", minimum=1
)
HARVEST_POLITENESS_S = env.number(
    "MIMIS_HARVEST_POLITENESS_S", 0.2, help="Pause between requests to one host, in seconds"
)
HARVEST_LEASE_S = env.number(
    "MIMIS_HARVEST_LEASE_S",
    120,
    help="A run without a sign of life for so many seconds is taken over",
    minimum=1,
)

# Mail
SMTP_URL = env.text(
    "MIMIS_SMTP_URL",
    "",
    help="Mail server: smtp+tls://USER:PASSWORD@HOST:587; empty: messages are files in the var folder",
)
MAIL_FROM = DEFAULT_FROM_EMAIL = env.text(
    "MIMIS_MAIL_FROM",
    "mimisbrunn@localhost",
    help="Sender of mail: data@example.org or Name <data@example.org>",
)
MAIL_DIR = VAR_DIR / "mail"
if SMTP_URL:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    globals().update(smtp_url_to_settings(SMTP_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MAIL_DIR)

# Languages and time
LANGUAGE_CODE = env.text(
    "MIMIS_LANGUAGE", "en", help="Language of pages when the browser asks for none of ours: en or sv"
)
LANGUAGES = [("sv", "Svenska"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text(
    "MIMIS_TIME_ZONE", "Europe/Stockholm", help="Time zone of pages; everything is stored in UTC"
)

# Static files
STATIC_URL = "static/"
STATIC_ROOT = env.text(
    "MIMIS_STATIC_DIR", str(VAR_DIR / "static"), help="Where collectstatic puts the files that pages need"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = False

# API
API_THROTTLE_ANON = env.text(
    "MIMIS_API_THROTTLE_ANON", "300/min", help="Requests to the API for each address"
)
API_THROTTLE_USER = env.text(
    "MIMIS_API_THROTTLE_USER", "1200/min", help="Requests to the API for each account"
)
API_THROTTLE_SEARCH = env.text(
    "MIMIS_API_THROTTLE_SEARCH", "120/min", help="Searches by API for each address or account"
)
EXPORT_THROTTLE = env.text(
    "MIMIS_EXPORT_THROTTLE", "20/min", help="Results as files, by portal and API, for each address or account"
)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "catalogue.api.authentication.PasswordAuthentication",
        "catalogue.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_THROTTLE_CLASSES": [
        "catalogue.throttles.AnonymousThrottle",
        "catalogue.throttles.AccountThrottle",
    ],
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["catalogue.api.negotiation.PlainJsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "catalogue.api.negotiation.WeighedNegotiation",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "catalogue.api.problems.handle_exception",
    "URL_FORMAT_OVERRIDE": "format",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "VERSION": "1",
    "DESCRIPTION": (
        "Datasets, their sources and their harvests. Reading needs no account. Errors are problem details "
        "(RFC 9457). Lists are paged by opaque cursors: follow `next`."
    ),
    "CONTACT": {"name": CONTACT} if CONTACT else {},
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]+",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DatasetKind": ["dataset", "series", "service"],
        "DatasetState": "catalogue.models.Dataset.State",
        "DraftState": "catalogue.models.Draft.State",
        "SourceState": "catalogue.models.Source.State",
        "RunState": "catalogue.models.Run.State",
        "RunKind": "catalogue.models.Run.Kind",
        "ApplicationState": "catalogue.access.models.Application.State",
        "ApplicationKind": "catalogue.access.models.Application.Kind",
        "ItemState": "catalogue.access.models.Item.State",
        "GrantState": "catalogue.access.models.Grant.State",
        "Verdict": ["fits", "needs_person", "excluded"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "catalogue.api.schema.add_record_schemas",
        "catalogue.api.schema.describe_headers",
    ],
}

# Security
SECURE_CONTENT_TYPE_NOSNIFF = True
# The editor of a dataset has some seventy inputs for each of its files.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31536000

# Logs
LOG_LEVEL = env.text("MIMIS_LOG_LEVEL", "INFO", help="DEBUG, INFO, WARNING or ERROR")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # A line for every look at an empty queue, or for a nudge that came too late, says nothing.
    "loggers": {
        name: {"level": "WARNING"}
        for name in (
            *("celery.worker.strategy", "celery.worker.request", "celery.app.trace"),
            *("sentence_transformers", "httpx"),
        )
    },
}
