"""The quick stand: Nodenap's outside world on one machine, up in seconds.

Real programs where there are any (moto, dynalite, ministack, Prometheus, Alertmanager, Toxiproxy,
haproxy) and two of our own: an exporter with the metrics of a cluster, and the Lambda Runtime API.
Everything listens on 127.0.0.1, on ports that were free when the stand went up.
"""
