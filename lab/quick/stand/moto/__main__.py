"""Runs moto with the lab's layer: python -m stand.moto --port PORT

The layer adds to moto, as AWS documents them:
  client tokens         RunInstances repeated with its token answers with the same instances
  states                instances stay pending and shutting-down for a while
  late visibility       a young instance is unknown to DescribeInstances for a while
  capacity              by type, zone and market
  pages and filters     MaxResults, NextToken, the client-token filter, unknown filters refused
  dry runs              of launches and terminations, answered as EC2 does (DryRunOperation, 412)
  quotas                EC2's vCPUs in Service Quotas
  faults                by action and parameters: errors, lost, cut, late and HTML replies
  one write at a time   DynamoDB's conditional writes are atomic
  a log of calls        with their parameters

Signatures and IAM are moto's: POST a number to /moto-api/reset-auth (text/plain).

  GET    /lab/calls      the calls, oldest first; ?action=RunInstances  DELETE empties it
  GET    /lab/settings   see settings.py                                     POST merges
  POST   /lab/faults     replaces the list of faults, see faults.py          GET shows what is left
  POST   /lab/capacity   replaces the list of capacities, see capacity.py    GET shows what is left
  POST   /lab/reclaim    {"instance": "i-…"}: the instance ends like an interrupted spot one
  GET    /lab/instances  every instance, ?cluster= only that cluster's, whatever EC2 shows yet
  GET    /lab/tokens     the instance ids of each client token
  POST   /lab/reset      resets everything, including moto's own state
"""

import argparse
import logging
import os


def main() -> None:
    arguments = argparse.ArgumentParser(description="moto with the lab's layer")
    arguments.add_argument("--port", type=int, required=True)
    port = arguments.parse_args().port
    os.environ.setdefault("MOTO_PORT", str(port))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)

    # moto reads its settings from the environment when it is imported.
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import run_simple

    from stand.moto.application import Application

    run_simple(
        "127.0.0.1", port, Application(), threaded=True, request_handler=MotoRequestHandler
    )


if __name__ == "__main__":
    main()
