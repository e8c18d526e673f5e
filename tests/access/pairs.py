"""What of the API does what a page does, for at least the people of the page; or why there is nothing of the kind."""

PAIRS = """
registry:firms                GET   firm-list
registry:firms-export         GET   firm-list
registry:equipment-export     GET   firm-list
registry:certificates-export  GET   firm-list
registry:capabilities-export  GET   firm-list
registry:memberships-export   GET   membership-list
registry:firm                 GET   firm-detail
registry:firm-edit            PATCH firm-detail
registry:firm-section         PATCH firm-detail
registry:firm-confirm         POST  firm-steps
registry:firm-english         POST  firm-steps
registry:firm-history         GET   firm-history
registry:scan                 GET   firm-scan
registry:scan-put             PUT   firm-scan
registry:scan-remove          DELETE firm-scan
registry:certificate-step     POST  firm-certificates
registry:photo                GET   firm-photo
registry:photo-add            POST  firm-photos
registry:photo-remove         DELETE firm-photo
registry:firm-official        POST  firm-official
registry:firm-official-take   POST  firm-steps
registry:ask-erasure          POST  erasure-list
registry:erasures             GET   erasure-list
registry:erasures-export      GET   erasure-list
registry:erasure-decide       POST  erasure-steps
registry:firm-step            POST  firm-steps
registry:register             POST  firm-list
registry:register-firm        POST  firm-list
registry:claim                POST  claim-list
registry:claims               GET   claim-list
registry:claims-export        GET   claim-list
registry:claim-decide         POST  claim-steps
registry:notices              GET   notice-list
registry:notices-export       GET   notice-list
registry:notice               GET   notice-detail
registry:notices-read         POST  notice-read
registry:notice-wishes        PATCH notice-wish
registry:imports              GET   import-list
registry:imports-export       GET   import-list
registry:import-template      GET   import-template
registry:import               GET   import-detail import-lines
registry:import-header        POST  import-steps
registry:import-columns       POST  import-steps
registry:import-remarks       GET   import-remarks
registry:import-step          POST  import-steps
registry:events               GET   event-list
registry:attendance-export    GET   attendance-list
registry:duplicates           GET   duplicate-list
registry:duplicates-export    GET   duplicate-list
registry:duplicate            GET   duplicate-detail
registry:duplicate-merge      POST  duplicate-steps
registry:duplicate-step       POST  duplicate-steps
registry:projects             GET   project-list
registry:projects-export      GET   project-list
registry:project              GET   project-detail
registry:map                  GET   map
registry:consortia            GET   consortium-list
registry:consortia-export     GET   consortium-list
registry:consortium           GET   consortium-detail
registry:needs                GET   need-list
registry:needs-export         GET   need-list
registry:need                 GET   need-detail
registry:need-new             POST  need-list
registry:need-edit            PATCH need-detail
registry:need-step            POST  need-steps
registry:need-lots            PATCH need-detail
registry:need-history         GET   need-history
registry:drawings             GET   need-detail
registry:drawing              GET   need-drawing
registry:drawing-add          POST  need-drawings
registry:drawing-remove       DELETE need-drawing
registry:export-check         POST  need-export-checks
matching:queue                GET   proposal-list
matching:proposals-export     GET   proposal-list
matching:proposals-changes    GET   proposal-list
matching:bulk                 POST  proposal-bulk
matching:proposal             GET   proposal-detail
matching:step                 POST  proposal-steps
matching:proposal-contacts    GET   contact-list
matching:firm-contacts        GET   contact-list
matching:feedback             POST  proposal-feedback
matching:tasks                GET   task-list
matching:tasks-export         GET   task-list
matching:task-new             POST  task-list
matching:task                 GET   task-detail
matching:task-step            POST  task-steps
matching:task-report          POST  own-task-steps
matching:fit                  GET   need-fit
matching:why                  GET   need-why
matching:proposal-add         POST  proposal-list
matching:list-new             POST  list-list
matching:groups               GET   need-compositions
matching:group-new            POST  group-list
matching:group                GET   group-detail group-candidates group-history
matching:group-sheet          GET   group-file
matching:group-file           GET   group-file
matching:group-change         POST  group-members
matching:part                 GET   part-detail
matching:part-answer          POST  part-steps
matching:part-step            POST  group-parts
matching:group-step           POST  group-steps
matching:concerns             GET   concern-list
matching:offer                POST  need-offer
matching:nda-ask              POST  need-nda
matching:consents             GET   consent-list
matching:consent-revoke       POST  consent-steps
matching:consent-change       POST  consent-steps
matching:inquiries            GET   inquiry-list
matching:inquiries-export     GET   inquiry-list
matching:inquiry-new          POST  inquiry-list
matching:inquiry              GET   inquiry-detail concern-detail
matching:inquiry-answer       POST  inquiry-answer concern-answer
matching:inquiry-step         POST  inquiry-steps concern-steps
matching:nda                  POST  inquiry-nda
matching:firm-drawing         GET   concern-drawing
matching:need-panel           GET   proposal-list
matching:volume               GET   need-volume
matching:lists                GET   list-list
matching:lists-export         GET   list-list
matching:list                 GET   list-entries
matching:list-file            GET   list-file
matching:list-answer          POST  list-answer
matching:link-new             POST  link-list
matching:link-end             POST  link-steps
matching:list-step            POST  list-steps
matching:exposure             GET   exposure
matching:exposure-export      GET   exposure
matching:learning             GET   learning-list
matching:learning-train       POST  learning-list
matching:learning-use         POST  learning-steps
matching:figures              GET   figures
matching:figures-export       GET   figures
matching:decisions            GET   decision-list
matching:decisions-export     GET   decision-list
matching:runs                 GET   run-list
matching:runs-export          GET   run-list
matching:run                  GET   run-detail
matching:rematch              POST  run-list
matching:run-cancel           POST  run-steps
matching:need-match           POST  need-matched-again
"""

OUTSIDE = {
    "one person at a screen": """
        registry:home registry:firm-wording registry:need-wording registry:firm-preview
        matching:queue-columns matching:filters matching:filter-act matching:proposals-count
    """,
    "people answer for themselves, from their own mailbox": """
        registry:people registry:person-invite registry:person-step registry:invitation-withdraw registry:invitation
        registry:leave
    """,
    "a token neither makes its successor nor has copies sent elsewhere": """
        registry:tokens registry:tokens-everybody registry:tokens-everybody-export registry:token-revoke
        registry:webhooks registry:webhook registry:webhook-step registry:delivery-again
    """,
    "a reader without an account enters a code": """
        matching:shared matching:shared-code matching:shared-enter matching:shared-file matching:shared-answer
    """,
}


def pairs() -> dict[str, tuple[str, list[str]]]:
    """Page → method and names in the API."""
    lines = (line.split() for line in PAIRS.strip().splitlines())
    return {page: (method, names) for page, method, *names in lines}


def outside() -> set[str]:
    return {page for pages in OUTSIDE.values() for page in pages.split()}
