"""Measurements of the parts: agreement with other engines, speed."""
