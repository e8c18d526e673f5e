"""Japanese dates: in running text as Django has them, in lists as everywhere else on the site."""

SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
