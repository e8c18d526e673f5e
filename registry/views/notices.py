"""A person's notices: the list, opening one, marking all as read, and the wish about mails."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from registry import notices as verbs
from registry.access import allow, signed_in
from registry.filters import NoticeFilter
from registry.forms.notices import WishForm
from registry.listing import Listing, page_of
from registry.models import Notice
from registry.office_columns import NOTICE_COLUMNS

PAGE_SIZE = 30
NOTICES = Listing(
    rows=lambda user: Notice.objects.visible_to(user),
    filters=NoticeFilter,
    columns=NOTICE_COLUMNS,
    template="registry/notices.html",
    stem="notices",
)


@require_safe
@allow("registry.notices")
def notices(request: HttpRequest) -> HttpResponse:
    seen = Notice.objects.visible_to(request.user)
    unread_only = request.GET.get("show") == "unread"
    page = page_of(seen.unread() if unread_only else seen, request, PAGE_SIZE)
    rows = [(notice, verbs.title(notice), verbs.text(notice)) for notice in page]
    query = "show=unread" if unread_only else ""
    context = {"page_obj": page, "rows": rows, "unread_only": unread_only, "query": query}
    return render(request, "registry/notices.html", context)


@require_safe
@allow("registry.notices")
def notices_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return NOTICES.export(request, extension, title=_("Notices"))


@require_GET
@allow("registry.notices")
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a notice leads; following it, from the list or from a mail, is reading it."""
    followed = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    verbs.read(Notice.objects.filter(pk=followed.pk))
    return redirect(followed.url)


@require_POST
@allow("registry.notices")
def notices_read(request: HttpRequest) -> HttpResponse:
    verbs.read(Notice.objects.visible_to(request.user))
    return redirect("registry:notices")


@allow("registry.notices")
def notice_wishes(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = WishForm(request.POST or None, initial={"by_mail": user.notices_by_mail})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            verbs.wish(user, form.cleaned_data["by_mail"])
            messages.success(request, _("Your wish was saved."))
            return redirect("registry:notices")
    return render(request, "registry/notice_wishes.html", {"form": form}, status=status)
