"""One module, read from the environment; docs/operations.md lists every variable.

Without any of them: SQLite and an embedded broker, both below var/.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.environment import (
    checked_secret_key,
    database,
    embedded_socket,
    env,
    flag,
    index_storage,
    kept_secret_key,
    listed,
    mail,
    number,
    one_of,
    redis_url,
    required,
    share_or_count,
)

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = one_of("ENISHI_MODE", "local", ("local", "production")) == "production"
VAR = Path(env("ENISHI_VAR", str(ROOT / "var"))).absolute()

# ---- the process ----------------------------------------------------------------------------------------------------
DEBUG = flag("DEBUG")
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured(
        "DEBUG=1 shows visitors the inside of the program. Unset DEBUG, or set ENISHI_MODE=local."
    )
SECRET_KEY = (
    checked_secret_key(env("SECRET_KEY")) if PRODUCTION else env("SECRET_KEY") or kept_secret_key(VAR / "secret_key")
)
SECRET_KEY_FALLBACKS = listed("SECRET_KEY_FALLBACKS")
if PRODUCTION:
    required("ALLOWED_HOSTS", "the site's host names, as in ALLOWED_HOSTS=enishi.example.jp")
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS=* lets anyone forge links in our mails. Name the site's hosts.")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "config.apps.EnishiConfig",
    "registry",
    "matching",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",  # before WhiteNoise: static answers carry the policy too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "registry.middleware.SignedInMiddleware",  # everything is closed unless a view says otherwise
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "registry.context.navigation",
            ],
        },
    }
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # widgets may have templates of ours

# ---- where things are kept ------------------------------------------------------------------------------------------
if PRODUCTION:
    required("DATABASE_URL", "postgres://USER:PASSWORD@HOST:5432/NAME")
    required("REDIS_URL", "redis://HOST:6379/0")
DATABASES = {"default": database(env("DATABASE_URL", f"sqlite:///{VAR}/enishi.sqlite3"), VAR)}
REDIS_URL = redis_url(env("REDIS_URL", f"unix://{embedded_socket(VAR)}"))
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "enishi",
        "OPTIONS": {
            "serializer": "config.cache.JsonSerializer",
            "socket_connect_timeout": 1,
            "socket_timeout": 2,
        },
    }
}

# ---- background work: the database row is the truth, a message only a hint (docs/decisions.md) -----------------------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # longer than the longest task, else it would run twice
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}  # a page must not wait
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # the log settings below hold for the worker too
CELERY_TIMEZONE = "Asia/Tokyo"
CELERY_BEAT_ENABLE_REMOTE_CONTROL = True  # `doctor` asks the beat whether it lives
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"  # in memory: nothing to corrupt, and the default one pickles
CELERY_BEAT_SCHEDULE = {
    # expires: while no worker runs, sweeps do not pile up
    "sweep": {"task": "matching.tasks.sweep", "schedule": 15.0, "options": {"expires": 15}},
    "mail-notices": {"task": "registry.tasks.mail_notices", "schedule": 30.0, "options": {"expires": 30}},
    "ask-for-confirmation": {
        "task": "registry.tasks.ask_for_confirmation",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "remind-of-tasks": {
        "task": "matching.tasks.remind_of_tasks",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "note-expired-consents": {
        "task": "matching.tasks.note_expired_consents",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "imports": {"task": "registry.tasks.work_imports", "schedule": 30.0, "options": {"expires": 30}},
    "forget-imports": {"task": "registry.tasks.forget_imports", "schedule": 3600.0, "options": {"expires": 3600}},
    "webhooks": {"task": "registry.tasks.send_webhooks", "schedule": 10.0, "options": {"expires": 10}},
    "forget-webhooks": {"task": "registry.tasks.forget_webhooks", "schedule": 3600.0, "options": {"expires": 3600}},
    "forget-answers": {"task": "registry.tasks.forget_answers", "schedule": 3600.0, "options": {"expires": 3600}},
    "find-duplicates": {"task": "registry.tasks.find_duplicates", "schedule": 900.0, "options": {"expires": 900}},
    "forget-notices": {"task": "registry.tasks.forget_notices", "schedule": 3600.0, "options": {"expires": 3600}},
}

# ---- language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [ROOT / "config" / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

# ---- who signs in ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "registry.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "registry.sign_in.Adapter"
ACCOUNT_FORMS = {"signup": "registry.sign_in.EvenSignupForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "【Enishi】"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key"}  # allauth's own limits hold for the rest
MFA_FORMS = {
    "add_webauthn": "registry.sign_in.AddKeyForm",
    "authenticate_webauthn": "registry.sign_in.AuthenticateKeyForm",
    "login_webauthn": "registry.sign_in.LoginKeyForm",
    "reauthenticate_webauthn": "registry.sign_in.ReauthenticateKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Enishi"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

# ---- what browsers are told -----------------------------------------------------------------------------------------
HTTPS = flag("ENISHI_HTTPS", PRODUCTION)
PROXIES = number("ENISHI_PROXIES", 0)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}enishi_session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}enishi_csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}enishi_language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 31_536_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_HANDLERS = [
    "registry.uploads.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
MEDIA_ROOT = VAR / "uploads"  # no MEDIA_URL: a file is served by the view that knows who may see it

# ---- files that browsers load ---------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = ROOT / "staticfiles" if PRODUCTION else None
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
if INDEX_STORE := env("ENISHI_INDEX_STORE"):  # where workers of other machines find the index; see matching/shelf.py
    STORAGES["index"] = index_storage(INDEX_STORE, env("ENISHI_INDEX_STORE_OPTIONS"))
WHITENOISE_USE_FINDERS = not PRODUCTION  # a clone runs without collectstatic
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# ---- API ------------------------------------------------------------------------------------------------------------
API_PER_MINUTE = number("API_PER_MINUTE", 600)  # of one person, with all of their tokens
API_ANONYMOUS_PER_MINUTE = number("API_ANONYMOUS_PER_MINUTE", 60)  # of one address
WEBHOOK_EXCEPTIONS: frozenset[str] = frozenset()  # host:port in private networks: for tests alone
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registry.access.VerbPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["registry.api.parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "registry.api.problems.answer",
    "NUM_PROXIES": PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Enishi",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["registry.access.VerbPermission"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# ---- matching -------------------------------------------------------------------------------------------------------
EXPOSURE_CAP = share_or_count("EXPOSURE_CAP")  # see matching.exposure

# ---- public registers: off without a key; see registry.official ----------------------------------------------------
HOUJIN_API_ID = env("HOUJIN_API_ID", "")
HOUJIN_API_URL = env("HOUJIN_API_URL", "https://api.houjin-bangou.nta.go.jp/4/num")
GBIZINFO_TOKEN = env("GBIZINFO_TOKEN", "")
GBIZINFO_URL = env("GBIZINFO_URL", "https://info.gbiz.go.jp/hojin/v1/hojin")

# ---- mail -----------------------------------------------------------------------------------------------------------
EMAIL_URL = env("EMAIL_URL", "smtp://localhost:25" if PRODUCTION else f"file://{VAR}/mail")
globals().update(mail(EMAIL_URL))
SITE_URL = env("SITE_URL", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", "Enishi <noreply@localhost>")

# ---- log: one line per event on stderr, no personal data -------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "config.logs.OneLine", "format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", "INFO").upper()},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
