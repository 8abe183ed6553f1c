"""A moto server with what an EC2 caller's tests need and moto lacks (see __main__.py)."""
