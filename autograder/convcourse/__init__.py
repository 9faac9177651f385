"""Convolution to ConvNets: courseware with exercises that are checked while you work."""

__version__ = "0.1.0"
