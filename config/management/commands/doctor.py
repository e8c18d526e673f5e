"""python3 manage.py doctor: is this installation well, and if not, what is to be done?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.local.checkup import Level, checkup


class Command(BaseCommand):
    help = "Checks the installation and says what to do. Ends with 1 when something fails."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        style = {Level.OK: self.style.SUCCESS, Level.WARN: self.style.WARNING, Level.FAIL: self.style.ERROR}
        levels = []
        for finding in checkup():
            levels.append(finding.level)
            self.stdout.write(f"{style[finding.level](f'{finding.level:<5}')} {finding.subject:<11} {finding.said}")
            if finding.remedy:
                self.stdout.write(f"{'':<18}→ {finding.remedy}")
        failed, warned = levels.count(Level.FAIL), levels.count(Level.WARN)
        self.stdout.write(f"{failed} failed, {warned} warned, {levels.count(Level.OK)} well.")
        sys.exit(1 if failed else 0)
