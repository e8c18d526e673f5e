"""The page of a person's saved filters."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from matching import saved_filters
from matching.models import SavedFilter
from registry.access import allow, signed_in
from registry.forms.fields import validate_storable
from registry.steps import StepRefused

ACTS = ("start", "stop", "delete")


class SaveForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the filter"), max_length=60, validators=[validate_storable])


@allow("matching.view_proposal")
def filters(request: HttpRequest) -> HttpResponse:
    """The saved filters, and a form that keeps the filter in this page's own query string under a name."""
    user, query = signed_in(request), request.META["QUERY_STRING"]
    form, status = SaveForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved_filters.keep(request, user, form.cleaned_data["name"], query)
            except StepRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("The filter was saved."))
                return HttpResponseRedirect(reverse("matching:filters"))
    rows = [(row, saved_filters.cleaned(request, row.query)) for row in SavedFilter.objects.filter(person=user)]
    context = {"rows": rows, "form": form, "to_save": saved_filters.cleaned(request, query)}
    return render(request, "matching/filters.html", context, status=status)


@require_POST
@allow("matching.view_proposal")
def filter_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    saved_filters.act(act, get_object_or_404(SavedFilter, pk=pk, person=signed_in(request)))
    return HttpResponseRedirect(reverse("matching:filters"))
