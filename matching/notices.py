"""The kinds of notice that matching sends. A firm is told an inquiry's number and its office, not the need or buyer."""

from django.utils.translation import gettext_lazy as _

from registry.notices import Kind

KINDS: dict[str, Kind] = {
    "list.released": Kind(
        _("A candidate list was released to you"), _("Candidate list %(list)s for “%(need)s” was released to you.")
    ),
    "list.withdrawn": Kind(
        _("A candidate list was withdrawn"),
        _("Candidate list %(list)s for “%(need)s” was withdrawn and cannot be opened any more."),
    ),
    "proposal.hand_over": Kind(
        _("A proposal was handed over to your office"), _("%(by)s hands over %(firm)s for “%(need)s”.")
    ),
    "proposal.hand_back": Kind(
        _("A proposal came back to you"), _("%(by)s sends back %(firm)s for “%(need)s”; the reason stands there.")
    ),
    "proposal.renew": Kind(
        _("A proposal was reopened because a certificate was confirmed"),
        _("%(certificate)s of %(firm)s is confirmed; the proposal for “%(need)s” waits for a decision again."),
    ),
    "task.set": Kind(_("An office sets your firm a task"), _("For %(firm)s: %(task)s")),
    "task.assigned": Kind(_("A task was assigned to you"), _("%(by)s: %(task)s")),
    "task.reported": Kind(_("A firm says that it has done its task"), _("%(firm)s: %(task)s")),
    "task.due": Kind(_("Tasks are due"), _("Tasks whose day has come: %(count)d. First: %(task)s")),
    "list.answered": Kind(_("A candidate list was answered"), _("%(list)s, %(firm)s: %(answer)s")),
    "inquiry.sent": Kind(
        _("An office asks your firm"), _("%(office)s asks %(firm)s (%(number)s). Please answer by %(answer_by)s.")
    ),
    "inquiry.withdrawn": Kind(
        _("An inquiry to your firm was withdrawn"), _("%(office)s withdrew the inquiry %(number)s to %(firm)s.")
    ),
    "inquiry.recorded": Kind(
        _("An office recorded your firm's answer"),
        _("%(office)s recorded what %(firm)s answered to %(number)s. Please check that it is right."),
    ),
    "inquiry.answered": Kind(_("A firm answered an inquiry"), _("%(firm)s answered %(number)s.")),
    "inquiry.taken_back": Kind(_("A firm took back its answer"), _("%(firm)s wants to answer %(number)s anew.")),
    "inquiry.offered": Kind(_("A firm offers itself for a need"), _("%(firm)s offers itself (%(number)s).")),
    "nda.asked": Kind(_("A firm asks for an NDA"), _("%(firm)s wants to see the drawings of a need (%(number)s).")),
    "nda.recorded": Kind(
        _("An NDA with your firm is recorded"),
        _("For the inquiry %(number)s you can now read the need and open its drawings."),
    ),
    "feedback.released": Kind(
        _("An office tells you why your firm was not chosen this time"),
        _("There is feedback for %(firm)s, with what would change the answer."),
    ),
    "group.part": Kind(
        _("A part of a group of firms waits for your office"),
        _("%(group)s: accept or refuse the part of a firm in %(place)s."),
    ),
    "group.accept": Kind(_("A part of your group was accepted"), _("%(group)s: a firm in %(place)s.")),
    "group.refuse": Kind(
        _("A part of your group was refused"), _("%(group)s: a firm in %(place)s; the reason stands there.")
    ),
    "group.join": Kind(_("A firm takes part in your group"), _("%(group)s: a firm in %(place)s.")),
    "group.left": Kind(
        _("A firm left a group"),
        _(
            "%(group)s: a firm in %(place)s is no longer available; %(volume)s of %(asked)s a month are left. "
            "The group page offers who could replace it."
        ),
    ),
    "group.asked": Kind(
        _("Your firm is asked to take part in a group"),
        _("%(group)s: an office asks whether %(firm)s takes part, and what may be passed on."),
    ),
    "group.recorded": Kind(
        _("An office recorded your firm's answer"),
        _("%(group)s: an office recorded what %(firm)s answered. Please check that it is right."),
    ),
    "consent.revoked": Kind(
        _("A firm revoked its consent"),
        _("%(firm)s revoked its consent for the need %(need)s. The recipient no longer reads of it in any list."),
    ),
}
