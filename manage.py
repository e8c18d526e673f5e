#!/usr/bin/env python3
"""python3 manage.py up makes everything ready and serves the site; see README.md."""

import os
import sys

from config.local import bootstrap


def main() -> None:
    bootstrap.ensure(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Only now is Django sure to be installed.
    from django.conf import settings  # noqa: PLC0415
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        settings.DEBUG  # noqa: B018 - reads the settings: a wrong variable is one line, not a trace
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"Enishi cannot start: {problem}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nEnded. The same command goes on from here.")
