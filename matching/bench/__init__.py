"""What the commands bench_queue and bench_site measure with: invented rows and a bare Django list to compare with."""
