"""The firm's profile: what is missing, one small page for each section, what others see of it, what was changed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import confirmation, history, register
from registry.access import allow, can, signed_in
from registry.completeness import completeness
from registry.forms.fields import SearchField
from registry.forms.files import PhotoForm
from registry.forms.firm import BasicsForm, CapabilityPicker, SectionForm
from registry.forms.sections import SECTIONS, Section, after
from registry.forms.wording import hints
from registry.models import Firm
from registry.preview import VIEWS
from registry.steps import StepRefused
from registry.text import fold
from registry.views.merged import led_on


@require_safe
@allow("registry.change_firm")
@led_on
def firm_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Every section with what it lacks; the way back to a registration that was left."""
    firm = get_object_or_404(Firm.objects.visible_to(request.user).for_profile(), pk=pk)
    complete = completeness(firm)
    context = {
        "firm": firm,
        "complete": complete,
        "sections": [(section, complete.of(section.name)) for section in SECTIONS.values()],
        "labels": {name: section.label for name, section in SECTIONS.items()},
        "may_confirm": can(request.user, "registry.confirm_firm"),
    }
    return render(request, "registry/firm_edit.html", context)


@allow("registry.change_firm")
@led_on
def firm_section(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """Saved by itself; `next` leads on to the section that follows."""
    user = signed_in(request)
    firm = get_object_or_404(Firm.objects.visible_to(user), pk=pk)
    part, name = SECTIONS[section], firm.name  # a form writes into `firm` while it is checked
    fills = "fill" in request.POST and part.form is BasicsForm
    forms = _forms(request, part, firm, fresh=fills)
    status = 200
    if fills:
        forms[0].fill_in(request.POST)
    elif request.method == "POST":
        status = 422
        if not [form for form in forms if not form.is_valid()]:  # each shows its errors
            try:
                register.save_firm(forms, firm, by=user)
            except StepRefused as refused:
                forms[0].add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("“%(section)s” was saved.") % {"section": part.label})
                return _on(request, firm, section)
    return section_page(request, firm, part, forms, status=status, name=name)


def section_page(
    request: HttpRequest, firm: Firm, part: Section, forms: list[Any] | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of one section; `forms` are those that were sent, if any."""
    forms = forms or _forms(request, part, firm, fresh=True)
    context: dict[str, Any] = {
        "firm": firm,
        "name": firm.name,
        "section": part,
        "place": list(SECTIONS).index(part.name) + 1,
        "count": len(SECTIONS),
        "after": SECTIONS.get(after(part.name)),
        "form": forms[0],
        "rows": forms[1] if len(forms) > 1 else None,
        "drafting": firm.state == Firm.State.DRAFT,
        "wording": hints(str(forms[0]["capability_text"].value() or "")) if part.name == "text" else [],
        "gaps": completeness(Firm.objects.for_profile().get(pk=firm.pk)).of(part.name),
    }
    if part.name == "photos":
        context["photo_form"] = PhotoForm()
    return render(request, "registry/firm_section.html", context | more, status=status)


def _forms(request: HttpRequest, part: Section, firm: Firm, *, fresh: bool = False) -> list[Any]:
    data = request.POST if request.method == "POST" and not fresh else None
    forms = [part.form(data, instance=firm, user=signed_in(request))]
    if part.rows:
        forms.append(part.rows(data, instance=firm, prefix="rows"))
    if part.name == "capabilities":
        picker = forms[0].fields["capabilities"].widget
        assert isinstance(picker, CapabilityPicker)
        picker.sought = tuple(fold(request.GET.get("q", "")[: SearchField().max_length or 0]).split())
    return forms


def _on(request: HttpRequest, firm: Firm, section: str) -> HttpResponse:
    if "next" not in request.POST:
        return redirect("registry:firm-edit", firm.pk)
    following = after(section)
    if following:
        return redirect("registry:firm-section", firm.pk, following)
    return redirect("registry:firm-preview", firm.pk)


@require_POST
@allow("registry.change_firm")
def firm_wording(request: HttpRequest) -> HttpResponse:
    """While the text is being written: which kinds of facts it names already."""
    return render(request, "registry/_wording.html", {"wording": hints(request.POST.get("capability_text", ""))})


@require_safe
@allow("registry.change_firm")
@led_on
def firm_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What each kind of reader sees; a draft is published from here."""
    firm = get_object_or_404(Firm.objects.visible_to(request.user).for_profile(), pk=pk)
    context = {
        "firm": firm,
        "today": timezone.localdate(),
        "complete": completeness(firm),
        "views": [view(firm) for view in VIEWS],
        "drafting": firm.state == Firm.State.DRAFT,
    }
    return render(request, "registry/firm_preview.html", context)


@require_POST
@allow("registry.confirm_firm")
def firm_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    confirmation.confirm(firm, by=signed_in(request))
    messages.success(request, _("Thank you. The profile now says that it was confirmed today."))
    return redirect(firm)


@require_POST
@allow("registry.confirm_english")
def firm_english(request: HttpRequest, pk: int) -> HttpResponse:
    """The English of a profile is right, says a person who has read it."""
    user = signed_in(request)
    firm = get_object_or_404(Firm.objects.visible_to(user), pk=pk)
    form = SectionForm(request.POST, instance=firm, user=user)
    try:
        confirmation.confirm_english(firm, by=user, seen=form.seen if form.is_valid() else None)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return redirect(firm)
    messages.success(request, _("The English now counts as confirmed by a person."))
    return redirect(firm)


@require_safe
@allow("registry.view_history")
@led_on
def firm_history(request: HttpRequest, pk: int) -> HttpResponse:
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    return render(request, "registry/firm_history.html", {"firm": firm, "entries": history.entries(firm)})
