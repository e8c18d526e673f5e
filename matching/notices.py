"""The kinds of notice that matching sends; `registry.notices` keeps, shows and mails them."""

from django.utils.translation import gettext_lazy as _

from registry.notices import Kind

KINDS: dict[str, Kind] = {
    "list.released": Kind(
        _("A candidate list was released to you"), _("Candidate list %(list)s for “%(need)s” was released to you.")
    ),
    "list.answered": Kind(_("A candidate list was answered"), _("%(list)s, %(firm)s: %(answer)s")),
}
