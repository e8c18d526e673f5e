"""The addresses of matching's API, below /api/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from matching.api import (
    asking,
    composed,
    contacts,
    counted,
    explained,
    groups,
    learning,
    links,
    lists,
    offering,
    parts,
    proposals,
    readings,
    runs,
    tasks,
    told,
)

router = SimpleRouter(use_regex_path=False)
router.register("proposals", proposals.ProposalAPI, "proposal")
router.register("decisions", proposals.DecisionAPI, "decision")
router.register("inquiries", asking.InquiryAPI, "inquiry")
router.register("concerns", asking.ConcernAPI, "concern")
router.register("feedback", told.ToldAPI, "told")
router.register("consents", asking.ConsentAPI, "consent")
router.register("disclosures", readings.DisclosureAPI, "disclosure")
router.register("contacts", contacts.ContactAPI, "contact")
router.register("lists", lists.CandidateListAPI, "list")
router.register("links", links.LinkAPI, "link")
router.register("groups", groups.GroupAPI, "group")
router.register("parts", parts.PartAPI, "part")
router.register("tasks", tasks.TaskAPI, "task")
router.register("own-tasks", tasks.OwnTaskAPI, "own-task")
router.register("learning", learning.OrderModelAPI, "learning")
router.register("runs", runs.RunAPI, "run")

# What is written down when it is read takes no HEAD: it would stand in the record as a reading that it is not.
urlpatterns = [
    *router.urls,
    path("needs/<int:pk>/compositions/", composed.CompositionAPI.as_view(), name="need-compositions"),
    path("figures/", counted.FiguresAPI.as_view(), name="figures"),
    path("exposure/", counted.ExposureAPI.as_view(), name="exposure"),
    path("needs/<int:pk>/match/", proposals.NeedMatchAPI.as_view(), name="need-matched-again"),
    path(
        "concerns/<int:pk>/drawings/<int:drawing>/",
        asking.ConcernAPI.as_view({"get": "drawing"}, http_method_names=["get"]),
        name="concern-drawing",
    ),
    path(
        "lists/<int:pk>/entries/",
        lists.CandidateListAPI.as_view({"get": "entries"}, http_method_names=["get"]),
        name="list-entries",
    ),
    path(
        "lists/<int:pk>/files/<list_extension:extension>/",
        lists.CandidateListAPI.as_view({"get": "file"}, http_method_names=["get"]),
        name="list-file",
    ),
    path(
        "groups/<int:pk>/files/<group_extension:extension>/",
        groups.GroupAPI.as_view({"get": "file"}),
        name="group-file",
    ),
    path("needs/<int:pk>/why/", explained.WhyAPI.as_view(), name="need-why"),
    path("needs/<int:pk>/volume/", explained.VolumeAPI.as_view(), name="need-volume"),
    path("needs/<int:pk>/fit/", offering.FitAPI.as_view(), name="need-fit"),
    path("matches/", offering.MatchesAPI.as_view(), name="matches"),
    path("needs/<int:pk>/list/", lists.PreviewAPI.as_view(), name="need-list-preview"),
    path("lists/<int:pk>/ledger/", readings.LedgerAPI.as_view(), name="list-ledger"),
    path("needs/<int:pk>/offer/", offering.VolunteerAPI.as_view({"post": "offer"}), name="need-offer"),
    path("needs/<int:pk>/nda/", offering.VolunteerAPI.as_view({"post": "ask_nda"}), name="need-nda"),
]
