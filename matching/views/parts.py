"""A firm's part in a group: what it reads of the group, whether it takes part, what may be passed on of it.

Until everybody has consented a firm reads its own share only, and of the others in which prefecture they are.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from matching import consent
from matching import parts as verbs
from matching.forms.groups import DeclineForm, JoinForm
from matching.group_words import labels_of, works
from matching.groups import placeholder
from matching.models import ANSWER_STEPS, DisclosureConsent, Group, GroupMember
from matching.standing import Place, Standing, standing
from registry.access import Role, allow, signed_in
from registry.models import Need
from registry.steps import StepRefused, open_steps


@never_cache
@require_safe
@allow("matching.join_group")
def part(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk), {})


@require_POST
@allow("matching.join_group")
def part_answer(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The firm answers, or an office writes down what the firm told it."""
    user, member = signed_in(request), _visible(request, pk)
    office = user.role != Role.FIRM
    form = _form(name, member, office=office, data=request.POST)
    if not form.is_valid():
        return _page(request, member, {name: form}, status=422)
    try:
        verbs.answer(name, member, by=user, **form.said)
    except StepRefused as refused:
        member = _visible(request, pk)
        form.renew(member.group.version)
        form.add_error(None, str(refused))
        return _page(request, member, {name: form}, status=409)
    messages.success(request, _("The answer was recorded.") if office else _("The answer was received."))
    return redirect("matching:group", member.group_id) if office else redirect(member)


def _visible(request: HttpRequest, pk: int) -> GroupMember:
    rows = GroupMember.objects.visible_to(request.user)
    member: GroupMember = get_object_or_404(
        rows.select_related("group__need__project", "group__need__office", "group__made_by", "firm__prefecture"), pk=pk
    )
    return member


def _form(name: str, member: GroupMember, *, office: bool, data: Any = None) -> JoinForm | DeclineForm:
    if name == "decline":
        return DeclineForm(data, version=member.group.version, office=office)
    given = DisclosureConsent.objects.filter(firm=member.firm_id, group=member.group_id, end=None).order_by("-pk")
    last = given.first()
    fields = last.fields if last else []
    return JoinForm(data, version=member.group.version, office=office, until=consent.a_year_from_now(), fields_=fields)


def _page(
    request: HttpRequest, member: GroupMember, bound: dict[str, JoinForm | DeclineForm], *, status: int = 200
) -> HttpResponse:
    user, group = signed_in(request), member.group
    found, labels, office = standing(group), labels_of(group), user.role != Role.FIRM
    mine = next(place for place in found.places if place.member.pk == member.pk)
    asked = member.state in {GroupMember.State.ACCEPTED, GroupMember.State.DECLINED}
    steps = open_steps(ANSWER_STEPS, member.state) if asked and group.state in _ASKING else {}
    context = {
        "member": member,
        "group": group,
        "mine": mine,
        "work": works(mine, found, labels),
        "others": [other(place, found, labels) for place in found.inside if place.member.pk != member.pk],
        "all_consent": found.all_consent,
        "sees_need": Need.objects.visible_to(user).filter(pk=group.need_id).exists(),
        "recipient": verbs.recipient_of(group),
        "office": office,
        "forms": {name: bound.get(name) or _form(name, member, office=office) for name in steps},
    }
    return render(request, "matching/part.html", context, status=status)


_ASKING = {Group.State.PROPOSED, Group.State.ACCEPTED}


def other(place: Place, found: Standing, labels: dict[str, str]) -> dict[str, Any]:
    """What a member reads of another one."""
    if not found.all_consent:
        return {"name": placeholder(place.member.firm)}
    firm, fields = place.member.firm, place.partners or frozenset()
    contact = (firm.contact_name, firm.contact_email, firm.contact_phone) if "contact" in fields else ()
    return {
        "name": firm.name,
        "place": firm.place,
        "lead": place.member.is_lead,
        "work": works(place, found, labels),
        "contact": [part for part in contact if part],
    }
