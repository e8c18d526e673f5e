import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from matching import jobs
from matching.models import IndexBuild, Job, MatchRun
from matching.propose import rerun
from matching.store import IndexMissing
from registry.models import Firm, Need

STUCK = 120  # seconds without any progress


class Command(BaseCommand):
    help = (
        "Have the workers match every open need again, or one. With --wait it shows how far they are and says how many "
        "seconds it took, the index included when the register changed; --cancel ends a run and keeps what is done. "
        "With --need and --build it only prints how that build ranks the need, and writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--need", type=int, metavar="N", help="only the need of this number (N-0012 is 12)")
        parser.add_argument("--build", type=int, metavar="B", help="with --need: rank with this build and print only")
        parser.add_argument("--wait", action="store_true", help="until all is matched")
        parser.add_argument("--cancel", action="store_true", help="end the run that is under way")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        if options["build"] is not None:
            self.show_again(options["need"], options["build"])
        elif options["cancel"]:
            self.cancel()
        else:
            try:
                self.match(options["need"], started, wait=options["wait"])
            except KeyboardInterrupt:
                raise CommandError("No longer waiting; the workers go on. To end a run: rematch --cancel") from None

    def cancel(self) -> None:
        run = MatchRun.objects.filter(state=MatchRun.State.RUNNING).first()
        done, total = run.progress() if run else (0, 0)
        if run is None or not jobs.cancel(run):
            raise CommandError("No run is under way.")
        self.stdout.write(f"Run {run.pk} was ended: {done} of {total} needs were matched.")

    def match(self, need: int | None, started: float, *, wait: bool) -> None:
        if need is None:
            run = jobs.start_rematch()
            self.stdout.write(f"Run {run.pk}: {run.progress()[1]} needs are queued.")
            if wait:
                self.wait_for_run(run, started)
        else:
            job = jobs.request_need(self.need(need).pk)
            self.stdout.write("The need is queued.")
            if wait:
                self.wait_for_job(job, started)

    def show_again(self, need_id: int | None, build_id: int) -> None:
        """The need may be closed by now."""
        need, build = Need.objects.filter(pk=need_id or 0).first(), IndexBuild.objects.filter(pk=build_id).first()
        if need is None:
            raise CommandError("Say which need: --need with its number.")
        if build is None:
            raise CommandError(f"Build {build_id} is not kept. The admin site lists the builds that are.")
        try:
            candidates = rerun(need, build)
        except IndexMissing as problem:
            raise CommandError(str(problem)) from problem
        rows = need.proposals.filter(build=build, dropped_at=None).values_list("firm", "base_rank")
        stored = {firm: str(rank) for firm, rank in rows if rank}
        names = dict(Firm.objects.filter(pk__in=[item.firm_id for item in candidates]).values_list("pk", "name"))
        self.stdout.write(f"{need.number} by build {build.pk} of {build.published_at:%Y-%m-%d %H:%M} UTC")
        self.stdout.write("rank  stored  score   firm")
        for item in candidates:
            there = stored.get(item.firm_id, "-")
            self.stdout.write(f"{item.rank:4}  {there:>6}  {item.score:.4f}  {names[item.firm_id]}")

    def need(self, number: int) -> Need:
        need: Need | None = Need.objects.open().filter(pk=number).first()
        if need is None:
            raise CommandError(f"No open need has the number {number}. The page “needs” shows the numbers.")
        return need

    def wait_for_run(self, run: MatchRun, started: float) -> None:
        moved, last, shown = time.monotonic(), -1, 0.0
        while run.state == MatchRun.State.RUNNING:
            done, total = run.progress()
            now = time.monotonic()
            if done != last:
                moved, last = now, done
            if self.stdout.isatty() or now - shown > 2:
                shown = now
                self.show(f"Matching: {done} of {total} needs, {now - started:.1f} s")
            self.give_up_after(moved)
            time.sleep(0.1)
            run.refresh_from_db()
        failed = f", {run.failed} failed: see the page of the run" if run.failed else ""
        self.show(f"{run.total} needs matched in {time.monotonic() - started:.1f} s{failed}.", last=True)
        if run.state == MatchRun.State.CANCELLED:
            raise CommandError("The run was cancelled.")

    def wait_for_job(self, job: Job, started: float) -> None:
        while job.state == Job.State.QUEUED:
            self.give_up_after(started)
            time.sleep(0.1)
            job.refresh_from_db()
        if job.state != Job.State.DONE:
            raise CommandError(f"The need was not matched: {job.get_state_display()}. {job.trouble}")
        self.show(f"1 need matched in {time.monotonic() - started:.1f} s.", last=True)

    def show(self, text: str, *, last: bool = False) -> None:
        live = self.stdout.isatty()
        self.stdout.write(f"\r{text:<70}" if live else text, ending="" if live and not last else "\n")
        self.stdout.flush()

    def give_up_after(self, moved: float) -> None:
        if time.monotonic() - moved > STUCK:
            raise CommandError(
                f"Nothing was matched for {STUCK} s. Does a worker run (manage.py doctor tells)? "
                "What is queued stays queued and is done when one comes."
            )
