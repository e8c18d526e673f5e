"""The part of the table (tests/access/table.py) that speaks of the addresses below /api/."""

API = """
                                     anon own othF aki aom bur anc othA adm
firm-list                        GET  L   o   o    o   o   o   n   n    o
firm-detail firm                 GET  L   o   h    o   h   o   n   n    o
firm-history firm                GET  L   n   n    o   h   o   n   n    n
need-history need                GET  L   n   n    o   h   o   o   h    n
need-history nda                 GET  L   n   n    o   h   o   o   h    n
project-history project          GET  L   n   n    o   o   o   n   n    n
project-list                     GET  L   o   o    o   o   o   o   o    o
project-detail project           GET  L   o   o    o   o   o   o   o    o
need-list                        GET  L   o   o    o   o   o   o   o    o
need-detail need                 GET  L   o   o    o   o   o   o   h    o
need-detail nda                  GET  L   h   h    o   h   o   o   h    h
proposal-list                    GET  L   n   n    o   o   o   n   n    n
proposal-detail proposal         GET  L   n   n    o   h   o   n   n    n
task-list                        GET  L   n   n    o   o   o   n   n    n
task-list                        POST L   n   n    o   o   o   n   n    n
task-steps task                  POST L   n   n    o   h   o   n   n    n
task-steps secret_task           POST L   n   n    o   h   o   n   n    n
task-detail task                 GET  L   n   n    o   h   o   n   n    n
own-task-list                    GET  L   o   o    n   n   n   n   n    n
own-task-detail task             GET  L   o   h    n   n   n   n   n    n
own-task-detail secret_task      GET  L   h   h    n   n   n   n   n    n
own-task-steps task              POST L   o   h    n   n   n   n   n    n
list-list                        GET  L   n   n    o   o   o   o   o    n
list-detail released             GET  L   n   n    o   h   o   o   h    n
list-detail unreleased           GET  L   n   n    o   h   o   h   h    n
firm-list                        POST L   o   o    n   n   n   n   n    n
firm-detail firm                 PATCH L  o   h    o   h   o   n   n    n
firm-steps firm                  POST L   o   h    o   h   o   n   n    n
firm-scan firm,certificate       GET  L   o   h    o   h   o   n   n    n
firm-scan firm,certificate       PUT  L   o   h    o   h   o   n   n    n
firm-scan firm,certificate       DELETE L o   h    o   h   o   n   n    n
firm-photos firm                 POST L   o   h    o   h   o   n   n    n
firm-photo firm,photo            GET  L   o   h    o   h   o   n   n    n
firm-photo firm,photo            DELETE L o   h    o   h   o   n   n    n
firm-certificates firm           POST L   n   n    o   h   o   n   n    n
firm-official firm               POST L   n   n    o   h   o   n   n    n
need-list                        POST L   n   n    o   o   o   o   o    n
need-detail need                 PATCH L  n   n    o   h   o   o   h    n
need-detail nda                  PATCH L  n   n    o   h   o   o   h    n
need-steps need                  POST L   n   n    o   h   o   o   h    n
need-drawings need               POST L   n   n    o   h   o   o   h    n
need-drawing need,drawing        GET  L   n   n    o   h   o   o   h    n
need-drawing nda,drawing         GET  L   n   n    h   h   h   h   h    n
need-drawing need,drawing        DELETE L n   n    o   h   o   o   h    n
need-openings need               GET  L   n   n    o   h   o   o   h    n
need-export-checks need          GET  L   n   n    o   h   o   n   n    n
need-export-checks need          POST L   n   n    o   h   o   n   n    n
concern-drawing inquiry,drawing  GET  L   o   h    n   n   n   n   n    n
concern-drawing secret_inquiry,drawing GET L h h   n   n   n   n   n    n
need-matched-again need          POST L   n   n    o   o   o   n   n    n
need-matched-again nda           POST L   n   n    o   h   o   n   n    n
proposal-list                    POST L   n   n    o   o   o   n   n    n
proposal-bulk                    POST L   n   n    o   o   o   n   n    n
proposal-steps proposal          POST L   n   n    o   h   o   n   n    n
proposal-steps secret            POST L   n   n    o   h   o   n   n    n
proposal-feedback proposal       POST L   n   n    o   h   o   n   n    n
proposal-feedback secret         POST L   n   n    o   h   o   n   n    n
inquiry-nda inquiry              POST L   n   n    o   h   o   n   n    n
inquiry-nda secret_inquiry       POST L   n   n    o   h   o   n   n    n
told-list                        GET  L   o   o    n   n   n   n   n    n
told-detail told                 GET  L   o   h    n   n   n   n   n    n
inquiry-list                     POST L   n   n    o   o   o   n   n    n
inquiry-answer inquiry           POST L   n   n    o   h   o   n   n    n
inquiry-steps inquiry            POST L   n   n    o   h   o   n   n    n
concern-answer inquiry           POST L   o   h    n   n   n   n   n    n
concern-steps inquiry            POST L   o   h    n   n   n   n   n    n
consent-steps consent            POST L   o   h    n   n   n   n   n    n
need-fit need                    GET  L   o   o    n   n   n   n   n    n
need-fit nda                     GET  L   h   h    n   n   n   n   n    n
need-offer need                  POST L   o   o    n   n   n   n   n    n
need-offer nda                   POST L   h   h    n   n   n   n   n    n
need-nda need                    POST L   o   o    n   n   n   n   n    n
need-nda nda                     POST L   h   h    n   n   n   n   n    n
contact-list                     POST L   n   n    o   o   o   n   n    n
list-list                        POST L   n   n    o   o   o   n   n    n
list-steps released              POST L   n   n    o   h   o   n   n    n
list-answer released             POST L   n   n    n   n   n   o   h    n
list-answer unreleased           POST L   n   n    n   n   n   h   h    n
link-list                        GET  L   n   n    o   o   o   n   n    n
link-list                        POST L   n   n    o   o   o   n   n    n
link-detail link                 GET  L   n   n    o   h   o   n   n    n
link-steps link                  POST L   n   n    o   h   o   n   n    n
need-why need                    GET  L   n   n    o   o   o   n   n    n
need-why nda                     GET  L   n   n    o   h   o   n   n    n
need-volume need                 GET  L   n   n    o   o   o   n   n    n
need-volume nda                  GET  L   n   n    o   h   o   n   n    n
need-compositions need           GET  L   n   n    o   o   o   n   n    n
need-compositions nda            GET  L   n   n    o   h   o   n   n    n
group-list                       POST L   n   n    o   o   o   n   n    n
group-steps group                POST L   n   n    o   o   o   n   n    n
group-steps secret_group         POST L   n   n    o   h   o   n   n    n
group-candidates group           GET  L   n   n    o   o   o   n   n    n
group-candidates secret_group    GET  L   n   n    o   h   o   n   n    n
group-members group              POST L   n   n    o   o   o   n   n    n
group-members secret_group       POST L   n   n    o   h   o   n   n    n
group-parts group                POST L   n   n    o   o   o   n   n    n
group-parts secret_group         POST L   n   n    o   h   o   n   n    n
part-list                        GET  L   o   o    o   o   o   n   n    n
part-detail part                 GET  L   o   h    o   h   o   n   n    n
part-detail waiting_part         GET  L   h   h    o   h   o   n   n    n
part-steps part                  POST L   o   h    o   h   o   n   n    n
part-steps waiting_part          POST L   h   h    o   h   o   n   n    n
run-list                         GET  L   n   n    o   o   o   n   n    n
run-list                         POST L   n   n    o   o   o   n   n    n
run-now                          GET  L   n   n    o   o   o   n   n    n
run-detail run                   GET  L   n   n    o   o   o   n   n    n
run-steps run                    POST L   n   n    o   o   o   n   n    n
learning-list                    GET  L   n   n    o   o   o   n   n    n
learning-list                    POST L   n   n    n   n   o   n   n    n
learning-stock                   GET  L   n   n    o   o   o   n   n    n
learning-detail order_model      GET  L   n   n    o   o   o   n   n    n
learning-steps order_model       POST L   n   n    n   n   o   n   n    n
list-ledger released             GET  L   n   n    o   h   o   n   n    n
list-ledger unreleased           GET  L   n   n    o   h   o   n   n    n
need-list-preview need           GET  L   n   n    o   o   o   n   n    n
need-list-preview nda            GET  L   n   n    o   h   o   n   n    n
matches                          GET  L   o   o    n   n   n   n   n    n
disclosure-list                  GET  L   o   o    n   n   n   n   n    n
disclosure-detail disclosure     GET  L   o   h    n   n   n   n   n    n
group-history group              GET  L   n   n    o   o   o   n   n    n
group-history secret_group       GET  L   n   n    o   h   o   n   n    n
list-entries released            GET  L   n   n    o   h   o   o   h    n
list-entries unreleased          GET  L   n   n    o   h   o   h   h    n
list-file released,csv           GET  L   n   n    o   h   o   o   h    n
list-file unreleased,xlsx        GET  L   n   n    o   h   o   h   h    n
group-file group,xlsx            GET  L   n   n    o   o   o   n   n    n
group-file secret_group,xlsx     GET  L   n   n    o   h   o   n   n    n
decision-list                    GET  L   n   n    o   o   o   n   n    n
decision-detail decision         GET  L   n   n    o   h   o   n   n    n
inquiry-list                     GET  L   n   n    o   o   o   n   n    n
inquiry-detail inquiry           GET  L   n   n    o   h   o   n   n    n
inquiry-detail secret_inquiry    GET  L   n   n    o   h   o   n   n    n
concern-list                     GET  L   o   o    n   n   n   n   n    n
concern-detail inquiry           GET  L   o   h    n   n   n   n   n    n
consent-list                     GET  L   o   o    n   n   n   n   n    n
consent-detail consent           GET  L   o   h    n   n   n   n   n    n
contact-list                     GET  L   n   n    o   o   o   n   n    n
contact-detail contact           GET  L   n   n    o   h   o   n   n    n
group-list                       GET  L   n   n    o   o   o   n   n    n
group-detail group               GET  L   n   n    o   o   o   n   n    n
group-detail secret_group        GET  L   n   n    o   h   o   n   n    n
event-list                       GET  L   n   n    o   o   o   n   n    n
event-detail event               GET  L   n   n    o   h   o   n   n    n
attendance-list                  GET  L   n   n    o   o   o   n   n    n
attendance-detail attendance     GET  L   n   n    o   h   o   n   n    n
import-list                      GET  L   n   n    o   o   o   o   o    n
import-detail import             GET  L   n   n    o   h   o   h   h    n
import-detail needs_import       GET  L   n   n    h   h   o   o   h    n
import-list                      POST L   n   n    o   o   o   o   o    n
import-steps import              POST L   n   n    o   h   o   h   h    n
import-steps needs_import        POST L   n   n    h   h   o   o   h    n
import-lines import              GET  L   n   n    o   h   o   h   h    n
import-lines needs_import        GET  L   n   n    h   h   o   o   h    n
import-remarks import            GET  L   n   n    o   h   o   h   h    n
import-template kind_firms       GET  L   n   n    o   o   o   h   h    n
import-template kind_needs       GET  L   n   n    o   o   o   o   o    n
duplicate-list                   GET  L   n   n    o   o   o   n   n    n
duplicate-detail pair            GET  L   n   n    o   h   o   n   n    n
duplicate-steps pair             POST L   n   n    o   h   o   n   n    n
claim-list                       GET  L   o   o    o   o   o   n   n    n
claim-list                       POST L   o   o    n   n   n   n   n    n
claim-detail claim               GET  L   h   o    o   h   o   n   n    n
claim-steps claim                POST L   n   n    o   h   o   n   n    n
erasure-list                     GET  L   o   o    o   o   o   n   n    n
erasure-list                     POST L   o   o    n   n   n   n   n    n
erasure-detail erasure           GET  L   o   h    o   h   o   n   n    n
erasure-steps erasure            POST L   n   n    o   h   o   n   n    n
notice-list                      GET  L   o   o    o   o   o   o   o    o
notice-detail notice             GET  L   o   h    h   h   h   h   h    h
notice-steps notice              POST L   o   h    h   h   h   h   h    h
notice-read                      POST L   o   o    o   o   o   o   o    o
notice-wish                      GET  L   o   o    o   o   o   o   o    o
notice-wish                      PATCH L  o   o    o   o   o   o   o    o
figures                          GET  L   n   n    o   o   o   n   n    n
exposure                         GET  L   n   n    o   o   o   n   n    n
map                              GET  L   n   n    o   o   o   n   n    n
consortium-list                  GET  L   n   n    o   o   o   n   n    n
membership-list                  GET  L   n   n    o   o   o   n   n    n
membership-detail membership     GET  L   n   n    o   h   o   n   n    n
consortium-detail kaze           GET  L   n   n    o   o   o   n   n    n
catalogue offices                GET  L   o   o    o   o   o   o   o    o
me                               GET  L   o   o    o   o   o   o   o    o
api-nothing elsewhere            GET  L   h   h    h   h   h   h   h    h
schema                           GET  L   o   o    o   o   o   o   o    o
api-docs                         GET  L   o   o    o   o   o   o   o    o
"""
