import logging
import re

CONTROL = {code: f"\\x{code:02x}" for code in [*range(32), *range(127, 160), 0x2028, 0x2029]} | {10: "\\n", 9: "\\t"}


SECRET = re.compile(r"(?<=/shared/)[^/\s]+|(?<=/invitations/)[^/\s]+|(?<=/confirm-email/)[^/\s]+|(?<=/key/)[^/\s]+")
"""What opens something by itself, in an address: of links to lists, invitations, confirmations and new passwords."""


class OneLine(logging.Formatter):
    """One event, one line, without secrets: a line break in a name or a trace cannot forge a second event."""

    def format(self, record: logging.LogRecord) -> str:
        return SECRET.sub("…", super().format(record).rstrip().translate(CONTROL))
