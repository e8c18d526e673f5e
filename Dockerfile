# One image for web, worker, beat and migrate; compose.yaml says which is which.
FROM python:3.12-slim-bookworm AS build
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.12-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NO_BOOTSTRAP=1 \
    ENISHI_MODE=production \
    ENISHI_VAR=/var/lib/enishi
RUN useradd --system --uid 10001 --home-dir /var/lib/enishi --create-home --shell /usr/sbin/nologin enishi
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# collectstatic needs settings but none of the services; these values do not stay in the image
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" ALLOWED_HOSTS=build \
    DATABASE_URL=postgres://build/build REDIS_URL=redis://build ENISHI_VAR=/tmp/build \
    python manage.py collectstatic --no-input --verbosity 0 && rm -rf /tmp/build
USER enishi
VOLUME /var/lib/enishi
EXPOSE 8000
# the request must name a host that ALLOWED_HOSTS knows
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request as u; \
host = os.environ['ALLOWED_HOSTS'].split(',')[0].strip().lstrip('.'); \
u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
CMD ["gunicorn", "config.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=4", \
     "--worker-tmp-dir=/dev/shm", "--no-control-socket"]
