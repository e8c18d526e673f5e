from django.apps import AppConfig

from config.celery import app as celery


class EnishiConfig(AppConfig):
    """Wiring: its commands (up, verify, doctor), and the Celery app, set up before any task is declared."""

    name = "config"
    verbose_name = "Enishi"
    celery = celery
