import logging

CONTROL = {code: f"\\x{code:02x}" for code in [*range(32), *range(127, 160), 0x2028, 0x2029]} | {10: "\\n", 9: "\\t"}


class OneLine(logging.Formatter):
    """One event, one line: a line break in a name or a trace cannot forge a second event."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).rstrip().translate(CONTROL)
