"""AWS Lambda on this machine: the Runtime API for a `bootstrap`, and Invoke for its callers."""

from stand.lambda_runtime.function import Function, Result

__all__ = ["Function", "Result"]
