"""The quick stand: the services Nodenap uses, on one machine, ready in seconds.

Existing programs where possible (moto, dynalite, ministack, Prometheus, Alertmanager, Toxiproxy,
haproxy) and two written for it: an exporter with a cluster's metrics, and the Lambda Runtime API.
Everything listens on 127.0.0.1, on ports that were free when the stand started.
"""
