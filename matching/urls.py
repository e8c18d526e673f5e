from django.urls import path

from matching import group_files
from matching.list_files import CONTENT_TYPES
from matching.models import (
    ANSWER_STEPS,
    GROUP_STEPS,
    LIST_STEPS,
    OFFICE_STEPS,
    OFFICE_TASK_STEPS,
    ORDER_MODEL_STEPS,
    PART_STEPS,
    PROPOSAL_STEPS,
)
from matching.panels import PARTS
from matching.views import (
    concerns,
    contacts,
    exposure,
    figures,
    fit,
    group,
    groups,
    inquiries,
    learning,
    lists,
    nda,
    needs,
    parts,
    proposal,
    queue,
    reader,
    runs,
    saved,
    todo,
    volume,
    why,
)
from registry.urls import words

words("proposal_step", PROPOSAL_STEPS)
words("list_extension", CONTENT_TYPES)
words("list_step", LIST_STEPS)
words("group_step", GROUP_STEPS)
words("group_act", group.ACTS)
words("part_step", PART_STEPS)
words("part_answer", ANSWER_STEPS)
words("filter_act", saved.ACTS)
words("order_model_step", ORDER_MODEL_STEPS)
words("inquiry_step", OFFICE_STEPS)
words("task_step", OFFICE_TASK_STEPS)
words("nda_act", nda.ACTS)
words("group_extension", group_files.EXTENSIONS)
words("need_panel", PARTS)

app_name = "matching"
urlpatterns = [
    path("proposals/", queue.queue, name="queue"),
    path("proposals/export.<extension:extension>", queue.proposals_export, name="proposals-export"),
    path("proposals/count/", queue.proposals_count, name="proposals-count"),
    path("proposals/columns/", queue.columns, name="queue-columns"),
    path("proposals/filters/", saved.filters, name="filters"),
    path("proposals/filters/<int:pk>/<filter_act:act>/", saved.filter_act, name="filter-act"),
    path("proposals/changes/", queue.proposals_changes, name="proposals-changes"),
    path("proposals/bulk/", queue.bulk, name="bulk"),
    path("proposals/<int:pk>/", proposal.proposal, name="proposal"),
    path("proposals/<int:pk>/<proposal_step:step>/", proposal.step, name="step"),
    path("proposals/<int:pk>/contacts/", contacts.proposal_contacts, name="proposal-contacts"),
    path("firms/<int:pk>/contacts/", contacts.firm_contacts, name="firm-contacts"),
    path("proposals/<int:pk>/feedback/", proposal.feedback, name="feedback"),
    path("needs/<int:pk>/fit/", fit.fit, name="fit"),
    path("needs/<int:pk>/why/", why.why, name="why"),
    path("needs/<int:pk>/volume/", volume.volume, name="volume"),
    path("needs/<int:pk>/<need_panel:panel>/overview/", needs.panel, name="need-panel"),
    path("needs/<int:pk>/proposals/new/", proposal.add, name="proposal-add"),
    path("needs/<int:pk>/lists/new/", lists.list_new, name="list-new"),
    path("needs/<int:pk>/groups/", groups.groups, name="groups"),
    path("needs/<int:pk>/groups/new/", groups.group_new, name="group-new"),
    path("groups/<int:pk>/", group.group, name="group"),
    path("groups/<int:pk>/sheet/", group.group_sheet, name="group-sheet"),
    path("groups/<int:pk>/sheet.<group_extension:extension>", group.group_file, name="group-file"),
    path("groups/<int:pk>/members/<group_act:act>/", group.group_change, name="group-change"),
    path("groups/<int:pk>/<group_step:step>/", group.group_step, name="group-step"),
    path("parts/<int:pk>/", parts.part, name="part"),
    path("parts/<int:pk>/<part_step:step>/", group.part_step, name="part-step"),
    path("parts/<int:pk>/<part_answer:name>/", parts.part_answer, name="part-answer"),
    path("decisions/", figures.decisions, name="decisions"),
    path("decisions/export.<extension:extension>", figures.decisions_export, name="decisions-export"),
    path("figures/", figures.figures, name="figures"),
    path("figures/export.<extension:extension>", figures.figures_export, name="figures-export"),
    path("concerns/", concerns.concerns, name="concerns"),
    path("inquiries/<int:pk>/nda/<nda_act:act>/", nda.nda, name="nda"),
    path("inquiries/<int:pk>/drawings/<int:drawing>/", nda.drawing, name="firm-drawing"),
    path("needs/<int:pk>/offer/", concerns.offer, name="offer"),
    path("needs/<int:pk>/nda/", concerns.nda_ask, name="nda-ask"),
    path("consents/", concerns.consents, name="consents"),
    path("consents/<int:pk>/revoke/", concerns.consent_revoke, name="consent-revoke"),
    path("consents/<int:pk>/change/", concerns.consent_change, name="consent-change"),
    path("inquiries/", inquiries.inquiries, name="inquiries"),
    path("inquiries/export.<extension:extension>", inquiries.inquiries_export, name="inquiries-export"),
    path("inquiries/new/", inquiries.inquiry_new, name="inquiry-new"),
    path("inquiries/<int:pk>/", inquiries.inquiry, name="inquiry"),
    path("inquiries/<int:pk>/answer/", inquiries.inquiry_answer, name="inquiry-answer"),
    path("inquiries/<int:pk>/<inquiry_step:step>/", inquiries.inquiry_step, name="inquiry-step"),
    path("tasks/", todo.tasks, name="tasks"),
    path("tasks/export.<extension:extension>", todo.tasks_export, name="tasks-export"),
    path("tasks/new/", todo.task_new, name="task-new"),
    path("tasks/<int:pk>/", todo.task, name="task"),
    path("tasks/<int:pk>/report/", todo.task_report, name="task-report"),
    path("tasks/<int:pk>/<task_step:step>/", todo.task_step, name="task-step"),
    path("lists/", lists.lists, name="lists"),
    path("lists/export.<extension:extension>", lists.lists_export, name="lists-export"),
    path("lists/<int:pk>/", lists.candidate_list, name="list"),
    path("lists/<int:pk>/file.<list_extension:extension>", lists.list_file, name="list-file"),
    path("lists/<int:pk>/<list_step:step>/", lists.list_step, name="list-step"),
    path("lists/<int:pk>/answers/<int:entry>/", reader.list_answer, name="list-answer"),
    path("lists/<int:pk>/links/new/", lists.link_new, name="link-new"),
    path("links/<int:pk>/end/", lists.link_end, name="link-end"),
    path("shared/<str:secret>/", reader.shared_list, name="shared"),
    path("shared/<str:secret>/code/", reader.shared_code, name="shared-code"),
    path("shared/<str:secret>/enter/", reader.shared_enter, name="shared-enter"),
    path("shared/<str:secret>/file.<list_extension:extension>", reader.shared_file, name="shared-file"),
    path("shared/<str:secret>/answers/<int:entry>/", reader.shared_answer, name="shared-answer"),
    path("exposure/", exposure.exposure, name="exposure"),
    path("exposure/export.<extension:extension>", exposure.exposure_export, name="exposure-export"),
    path("learning/", learning.learning, name="learning"),
    path("learning/train/", learning.train, name="learning-train"),
    path("learning/<int:pk>/<order_model_step:step>/", learning.use, name="learning-use"),
    path("runs/", runs.runs, name="runs"),
    path("runs/export.<extension:extension>", runs.runs_export, name="runs-export"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/start/", runs.rematch, name="rematch"),
    path("runs/<int:pk>/cancel/", runs.run_cancel, name="run-cancel"),
    path("needs/<int:pk>/match/", runs.need_match, name="need-match"),
]
