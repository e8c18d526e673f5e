"""The kinds of notice that matching sends; `registry.notices` keeps, shows and mails them."""

from django.utils.translation import gettext_lazy as _

from registry.notices import Kind

KINDS: dict[str, Kind] = {
    "list.released": Kind(
        _("A candidate list was released to you"), _("Candidate list %(list)s for “%(need)s” was released to you.")
    ),
    "proposal.hand_over": Kind(
        _("A proposal was handed over to your office"), _("%(by)s hands over %(firm)s for “%(need)s”.")
    ),
    "proposal.hand_back": Kind(
        _("A proposal came back to you"), _("%(by)s sends back %(firm)s for “%(need)s”; the reason stands there.")
    ),
    "list.answered": Kind(_("A candidate list was answered"), _("%(list)s, %(firm)s: %(answer)s")),
}
