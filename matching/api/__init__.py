from django.utils.translation import gettext_lazy as _

RESOURCES = {
    "proposals": _("Proposals and decisions"),
    "inquiries": _("Inquiries"),
    "consents": _("Consents"),
    "contacts": _("Log of calls and visits"),
    "lists": _("Candidate lists"),
    "tasks": _("Tasks"),
    "groups": _("Groups of firms"),
}
"""What a token may be confined to here."""
