# ruff: noqa: E501 - tables of points
"""Draws the standard board: from points of longitude and latitude to ``engine/geometry/standard.json``.

The coastlines and seeds below were set down by hand for this project.  Land and sea are each divided by a
Voronoi tessellation of the seeds, cells of one province are merged, and every border is stored once as an
arc of control points, so that neighbours share it exactly.  Run it with ``numpy``, ``scipy`` and
``shapely`` installed (the project itself needs none of the last two)::

    python docs/map/draw_standard.py engine/geometry/standard.json
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import defaultdict
from itertools import pairwise

import numpy as np
import shapely
from shapely import STRtree, set_precision
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box
from shapely.ops import polygonize, unary_union, voronoi_diagram

WIDTH, HEIGHT = 1200, 972

MAINLAND = """
110,80 75,72 60,68.8 55,68.4 53.8,68.9 48,67.7 46,66.9 46.2,68.1 43.6,68.6 44,67 43.7,66.1 42.2,66.4 40.3,65.5 40.3,64.6
38.5,64.9 37,65.1 38,64.2 37.4,63.8 35.4,64.3 34.7,64.8 34.6,66 32.7,67.1 35,66.6 38.5,66.1 40.8,66.5 41.2,67.3 39,68.1
35.8,69.1 33.2,69.5 31.5,69.8 30.4,69.6 29.8,70.4 27.8,71 25.7,71.1 23,70.6 20.5,70 18.5,69.6 16.2,68.7 15,67.8 14.2,67
12.9,66 12.2,65.2 11.2,64.4 9.6,63.7 8,63.1 6.9,62.5 7.4,62.8 5.2,62.1 5.3,61.5 7.0,61.1 4.9,60.9 5.0,60.5 6.4,60.2 5.1,59.9 5.3,59.2 5.9,59.1 5.5,58.7 6.9,58 8.3,58.1 9.5,58.8
10.2,59.1 10.6,59.8 11.1,59.1 11.2,58.4 11.8,57.6 12.4,56.8 12.7,56.1 13.0,55.5 14.2,55.4 14.5,56 15.8,56.1 16.4,56.8
16.7,57.7 17,58.6 18.5,59.2 18.8,59.9 17.3,60.7 17.2,61.6 17.7,62.4 19,63.2 20.8,63.9 21.5,64.7 22.2,65.6 24,65.8 25.3,65.3
25.1,64.8 23.4,64 21.4,63.1 21.3,62.3 21.5,61.3 21.4,60.7 22.6,60.1 23.2,59.9 25,60.2 27,60.5 28.6,60.6 30.2,60 28.3,59.5
25.5,59.6 23.5,59.2 23.6,58.7 24.5,58.2 24.2,57.4 23.9,57 23,57.2 22.6,57.7 21.6,57.5 21,56.6 21.1,55.6 20.5,55
19.7,54.6 19.3,54.3 18.7,54.4 18.3,54.8 16.8,54.5 15,54.1 14.1,53.95 13.4,54.5 12.3,54.2 11,54 10.9,54.4 10,54.5 9.6,54.9
9.9,55.4 10.8,55.15 12.2,55 12.6,55.3 12.95,55.45 13.0,55.6 12.75,55.8 12.4,56.05 11.3,55.85 10.4,56 10.9,56.45 10.4,56.9
10.6,57.7 9.6,57.2 8.4,56.9 8.1,56 8.4,55.2 8.7,54.6 8.8,54.1 9.2,53.9 8.5,53.6 7.1,53.7 6.2,53.5 5.1,53.3 4.8,52.8 4.4,52.2
3.5,51.5 2.5,51.1 1.7,50.9 1.6,50.3 0.3,49.8 0.1,49.4 -1.1,49.4 -1.3,49.7 -1.9,49.7 -1.5,48.7 -2.8,48.8 -4.7,48.6 -4.7,48.0
-2.8,47.5 -2.1,47.1 -1.2,46.1 -1.1,45.2 -1.3,44.3 -1.7,43.4 -3.6,43.4 -5.8,43.65 -8,43.75 -9.2,43.1 -8.8,42 -8.7,41.1 -9,40
-9.45,38.75 -8.8,38.2 -8.9,37 -7.5,37.05 -6.4,36.75 -5.9,36.05 -5.3,36.1 -4.4,36.7 -2.2,36.75 -0.8,37.6 -0.3,38.4 0.2,38.8
-0.3,39.5 0.8,40.8 2.2,41.4 3.2,42 3.1,43 4,43.5 5,43.35 6.3,43.1 7.4,43.7 8.7,44.4 9.8,44.05 10.3,43.4 10.6,42.9 11.2,42.4
12.2,41.7 13.2,41.2 14,40.8 14.7,40.5 15.3,40.1 15.8,39.8 16.1,38.9 15.7,38.1 16.1,37.9 16.6,38.5 17.2,39 16.6,39.7 16.9,40.5
17.9,40.2 18.4,39.8 18.5,40.2 17.9,40.7 16.8,41.2 15.9,41.6 16.2,41.9 15.2,41.95 14.2,42.5 13.6,43.5 12.6,44 12.3,44.8 12.3,45.3
13.1,45.65 13.7,45.7 13.5,45.2 13.9,44.8 14.4,45.3 14.9,45 15.2,44.2 16.2,43.5 17.5,42.9 18.5,42.4 19.3,41.9 19.4,41.3 19.3,40.5
20,39.7 20.7,38.9 21.2,38.35 22.2,38.35 22.9,38.05 22.2,38.15 21.6,38.25 21.1,37.8 21.6,36.8 22.1,36.9 22.4,36.4 22.8,36.7 23.2,36.4 22.8,37.4 23.5,37.4 23.1,37.95 24,37.6 24.1,38.2 23,38.9
23.2,39.3 22.6,40 22.8,40.6 23.3,40.2 23.4,39.9 23.7,40.1 24.3,40.1 23.8,40.7 25.5,40.9 26.1,40.7 26.2,40.1 26.1,39.5 26.8,39.2 26.3,38.4 27.2,37.9
27.3,37 28.3,36.7 29.2,36.2 30.4,36.2 30.7,36.85 32,36.4 32.8,36 34,36.3 34.8,36.8 36.1,36.8 35.8,35.8 35.9,34.5 35.2,33
34.5,31.6 33.5,31.1 32.3,31.25 31,31.5 29.5,30.9 27,31.3 25.1,31.6 23.2,32.2 21.6,32.9 20,32.3 20,31 19,30.3 16.5,31.2 15.3,32.3
13.2,32.9 11.5,33.1 10.2,33.8 10.1,34.4 11,35.3 10.6,36 11.1,37 9.8,37.4 8,36.95 5.5,36.8 3,36.9 0.2,36 -1.9,35.1 -3,35.1
-5.2,35.3 -5.8,35.4 -6.3,34.5 -7.6,33.6 -9.3,32.5 -9.8,31.4 -10,28 -10,5 110,5
"""
BLACK_SEA = """
29.0,41.3 28,41.9 27.6,42.6 28,43.4 28.6,43.9 29.6,45 30.8,46.5 32,46.4 33.2,46.1 32.5,45.4 33.5,44.5 35.2,45 36.4,45.2 35.2,45.7
34.9,46.2 36.7,46.8 39,47.2 38,46.4 37.6,45.7 36.8,45.2 37.5,44.7 39.2,43.8 41.2,42.6 41.5,41.6 40,41 38.4,41 36.6,41.4 35.1,42.05
33.3,42 31.5,41.2
"""
MARMARA = "26.5,40.35 27.3,40.75 28.1,40.95 28.85,40.95 29.4,40.72 28.7,40.5 27.7,40.42 27.0,40.4"
CASPIAN = """
47.6,46 49.5,46.5 52,47 60,47 60,36.5 50.5,36.8 49,37.7 48.9,39 49.4,40.4 48.2,41.9 47.4,43.4 47.5,44.8
"""
ISLANDS = {
    "BRITAIN": """
-5.7,50.05 -4.6,50.9 -3.2,51.2 -2.8,51.6 -4.2,51.6 -5.2,51.85 -4.2,52.4 -4.6,52.9 -4.4,53.35 -3.1,53.35 -2.9,54.1 -3.5,54.5
-3.1,54.95 -4.9,54.75 -4.7,55.5 -5.3,56 -5.8,55.4 -5.6,56.3 -6.3,56.7 -5.6,57 -6.3,57.5 -5.7,57.7 -5.1,58.6 -3.1,58.65 -4.1,57.7 -3.3,57.65 -1.9,57.6
-2.2,56.8 -2.9,56.3 -3.3,56.05 -2.1,55.95 -1.5,55.1 -0.3,54.2 0.1,53.6 0.35,53 1.7,52.75 1.5,52 0.7,51.5 1.4,51.25 0.9,50.9 0.2,50.75
-1.3,50.7 -2.5,50.55 -3.4,50.5 -3.7,50.2 -4.3,50.35 -5.2,50
""",
    "IRELAND": """
-6.3,52.2 -6.0,52.9 -6.1,53.6 -5.5,54.4 -6.2,55.2 -7.4,55.35 -8.6,54.9 -8.4,54.4 -10,54.2 -9.7,53.5 -9.0,53.15 -10,52.5 -9.8,52.2 -10.4,52 -9.6,51.5 -8.2,51.85
""",
    "ICELAND": """
-22.7,63.9 -20.2,63.5 -18.5,63.4 -15,64.3 -13.6,65 -14.7,66.2 -16.2,66.5 -18.5,66 -20.3,65.8 -22.5,66.4 -24.2,65.6 -21.9,65
-23.9,64.8 -22,64.3
""",
    "SICILY": "15.72,38.12 15.3,38.2 14,38.05 12.6,38.1 12.5,37.6 13.7,37.1 15.1,36.65 15.2,37.4 15.68,37.9 16.0,38.0",
    "SARDINIA": "9.3,41.2 8.3,40.8 8.5,39.9 8.5,39 9.5,39.1 9.7,40.3",
    "CORSICA": "9.4,43 8.65,42.5 8.8,41.6 9.3,41.45 9.5,42.3",
    "CRETE": "23.6,35.5 24.5,35.4 26.2,35.25 25.6,34.95 24,35.1",
    "CYPRUS": "32.4,35.1 33.3,35.35 34.4,35.65 33.9,34.95 33,34.6",
    "MAJORCA": "2.4,39.6 3.1,39.95 3.4,39.6 3,39.3",
    "HEBRIDES": "-6.4,58.3 -7.3,57.7 -7.4,56.9 -6.9,57.6 -6.2,58.1",
    "SHETLAND": "-1.3,60.1 -1.6,60.5 -1.0,60.8 -0.9,60.4",
    "ORKNEY": "-3.2,58.95 -3.1,59.2 -2.6,59.2 -2.7,58.9",
    "SAAREMAA": "21.9,58.3 22.2,58.6 23,58.6 22.9,58.3",
    "RHODES": "27.8,36.0 28.1,36.45 28.25,36.3",
    "EUBOEA": "23.3,38.95 24.2,38.55 24.6,38.05 24.3,38.0 23.7,38.5",
    "LESBOS": "26,39.1 26.2,39.35 26.55,39.1",
    "IBIZA": "1.3,38.9 1.5,39.1 1.6,38.95",
    "MENORCA": "3.9,39.95 4.2,40.05 4.3,39.85",
    "GOTLAND": "18.2,57.2 18.8,57.9 19.1,57.8 18.6,57.1",
}

LAND = {
    "BRITAIN": {
        "CLY": "-4.6,56.3 -5.4,57.2 -4.9,58 -4.6,55.9 -4.5,58.3 -5.2,55.7 -4.5,55.5",
        "EDI": "-2.9,55.8 -2.6,56.6 -2.6,57.3 -2.2,55.7 -3.3,57.4 -3.3,58.4 -3.5,57.9",
        "LVP": "-3.4,55.1 -2.8,54.3 -2.3,53.6 -2.3,53.2 -4.4,55 -4.5,55.05 -2.5,54.9",
        "YOR": "-1.2,54.4 -0.8,53.6 -0.2,53.2 -1.2,53.0 -1.8,54.9 -1.6,52.7",
        "WAL": "-3.6,52.3 -4.3,52.1 -3.7,53 -3,51.7 -3.3,51 -4.6,50.5 -2.6,51.2 -2.6,52.5",
        "LON": "0.3,52.1 1.2,52.5 -0.3,51.4 -0.9,51.8 0.7,51.2 -1.2,51.2 -0.5,52.3",
    },
    "IRELAND": {"-IRL": "-8,53.3"},
    "ICELAND": {"-ICE": "-18.5,65"},
    "SICILY": {"NAP": "14,37.5"},
    "SARDINIA": {"-SAR": "9,40"},
    "CORSICA": {"-COR": "9.1,42.2"},
    "CRETE": {"-CRE": "25,35.2"},
    "CYPRUS": {"-CYP": "33.2,35"},
    "MAJORCA": {"-MAJ": "3,39.6"},
    "HEBRIDES": {"-HEB": "-7,57.7"},
    "SHETLAND": {"-SHE": "-1.2,60.4"},
    "ORKNEY": {"-ORK": "-3,59"},
    "SAAREMAA": {"-SAA": "22.5,58.4"},
    "RHODES": {"-RHO": "28,36.2"},
    "EUBOEA": {"-EUB": "24,38.4"},
    "LESBOS": {"-LES": "26.2,39.2"},
    "IBIZA": {"-IBI": "1.4,39"},
    "MENORCA": {"-MEN": "4.1,39.9"},
    "GOTLAND": {"-GOT": "18.6,57.5"},
    "MAINLAND": {
        "NWY": "6.5,59.2 8,61 9.5,59.8 10.8,60.9 10.5,62.6 12,64 13.6,65.5 15,67 17,68.5 19.5,69.3 22.5,69.9 26,70.3 28.8,70.1 6,61.5 8.5,62.5",
        "SWE": "12.6,58.2 13.6,60.5 14.1,62.4 15.4,64.2 16.8,66 18.3,67.4 20.5,67.9 14,56.5 16,59 17,61 17.5,63.2 20.5,65.5 22.5,66.3 15.5,57.5 13.7,55.8",
        "FIN": "23.5,68.2 26.5,69.0 25.5,66.7 26,64.5 23.5,62.8 23.5,61 26.5,61.5 28.7,62.6 28.3,65 28,67.5 24.9,66.2 27.9,68.9",
        "STP": "31,69.1 34,68.2 38,67 31.7,66.5 32.3,64.5 32.2,62.7 30.8,61.3 30.5,59.6 29,59 33,59.5 37,60.5 42,61.5 48,61.8 50,65 55,64 60,62 40.5,63.6 60,67 65,62 65,67",
        "LVN": "26,58.7 24.9,57.7 23,56.5 27,57 22,56 24.2,55.4 26.8,55.6 24,59 22,57",
        "MOS": "37,56 33,56.5 30,57.6 34,53.7 38,53 42,55 42,58.2 47,58.3 52,58.5 46,54 36,58 29.8,56 28.2,54 27.2,53.6 30,53.3 58,58 50,54 56,54 64,58 64,54",
        "WAR": "21,52.2 19.2,52 23.3,53.8 24.2,52.4 22.5,51 20,51.2 25.3,53.4 20.5,53 25.3,51.4",
        "UKR": "28,50 31,50.5 34,50.7 26.8,48.9 29.5,48.8 32.2,49.2 29,52 32,51.8 26.8,51",
        "SEV": "35,47.8 38,49.3 41,48 44,46 40,46 34.3,45.3 46,49 43,44 48,45 44,51 30.5,47.3 32.8,47.3 35.3,48.9 41,50.5 50,50 56,50 40.5,44.3 45.5,44 52,48 60,49 37.5,47.7",
        "ARM": "40,40 43,39 44.5,40.8 42.2,41.9 46,41.4 41,40.6 46,39 39,40.3 48,40",
        "ANK": "31.6,40.3 34,40.8 36.6,40.6 33,39.7 38,40.6 35.5,39.9",
        "SMY": "28,38.4 29.5,37.6 32,37.5 34,37.9 36.5,38 28.7,37.3 31,38.7 34.5,38.8 37,39 38,38.6 28.8,39.1",
        "CON": "27.5,41.1 28.6,41.3 27.1,39.8 29.5,40.3 28.3,39.9 30.2,40.7 26.6,40.7 27,41.7",
        "SYR": "37,36.3 38.5,35 40,36.6 36.5,33.5 42.5,37.2 36,32 40,33 44,36 45,33 50,35",
        "BUL": "23.5,42.6 25.5,42.5 27,42.5 27.3,43.4 25.3,43.3 23.5,43.3 24.6,41.5 26,41.4",
        "RUM": "26.3,44.4 24.5,44.4 23.4,44.4 27.2,45.8 28.4,44.5 27.4,47.2 26.2,47.3 28.6,45.8 28.6,46.6 25.4,45.1",
        "BUD": "19,47.3 20.3,46.3 22,47.3 23.5,46.7 24.8,46.2 20.5,48.3 18.2,46.3 21.3,45.4 22.7,45.9 24,47.5 18.7,48.3 22.3,48.2 25.3,46.8 18.8,45.6",
        "SER": "20.9,43.8 21.5,42.9 20.4,44.5 21.4,41.7 22,44.3 21.7,42.2 20.6,43.1",
        "ALB": "20,41.2 19.9,42 20.2,40.5 20.3,41.8",
        "GRE": "22,39.7 21.0,39.2 22.2,37.5 23,38.4 23.2,40.9 21.6,40.5 21.8,38.3 24.3,41 21.0,40.0 22.6,41",
        "TRI": "14,45.6 15.5,45.5 16.5,44.2 18,43.7 17.4,45 19,42.8 15,44.7 16.3,46.1 18.8,44.5 14.1,46.1",
        "VIE": "16,48.1 14.3,48 16.2,47.1 14.9,47.4 17.2,48.6 17.3,47.5",
        "TYR": "11.4,47.1 12.8,47.3 10.2,47.1 11.2,46.3 13.2,46.7 12.3,46.9 13.2,47.9 10.0,46.6 13.5,48.3",
        "BOH": "14.3,50 13,49.9 15.8,49.6 17,49.5 14.3,49.0 15.3,50.4 13.6,49.3 13.7,48.9",
        "GAL": "20,49.8 22,49.7 24,49.5 25.5,48.7 18.4,49.7 23,48.9 21,49.3 24.8,50 19,49",
        "MUN": "11.5,48.2 9,48.5 10.5,49.5 12.4,49.1 9.0,49.6 11.3,50.7 13.2,50.9 10,47.9 12.2,48.2 10.3,50.4 8.3,48.2 13.9,51.3",
        "RUH": "7,51.3 7.3,50.3 8.2,51.2 6.8,49.7 8.5,50.5 7.4,52",
        "KIE": "9.5,53.3 8.8,52.3 10.2,52.3 9.6,54.2 7.6,52.8 8.1,53.3 10,51.5 10.7,53.6 9.2,51.8",
        "BER": "13.3,52.5 12.5,53.6 14.4,53.4 12,52.2 15.4,53.6 14.4,52.2 12.8,51.9 11.9,53.4",
        "SIL": "16.3,51.2 15.2,51.4 17.6,50.6 16.4,52.3 17.7,51.5 15.6,52.3 15.8,50.9",
        "PRU": "20.5,54.1 18.3,53.7 16.9,53.7 21.8,54.7 17.2,53.0 22.2,54.2 19.5,53.6",
        "DEN": "9.2,56.2 9.8,57 9.2,55.3 11.6,55.5 12.3,55.5 10.4,55.5 9.1,54.9",
        "HOL": "5.2,52.2 6.2,52.8 5.8,53.1 4.6,51.7 5.7,51.8 6.6,53.2",
        "BEL": "4.4,50.9 3.2,51 5.3,50.4 4.2,50.4 5.2,51 5.6,49.8",
        "PIC": "2.4,50.3 2.9,49.8 1.9,50.0 3.5,49.9 1.2,49.8 2.1,49.6",
        "PAR": "2.3,48.6 1.5,47.9 2.8,47.8 1.1,47.2 2.9,48.9 2.6,47.2",
        "BRE": "-3,48.2 -1,48.3 0.2,48.9 -1,47.4 0.6,49.3 -4,48.3 -1.4,49.3 -0.2,47.9",
        "BUR": "4.6,47.2 5.6,48 6.5,48.6 4.4,48.6 4.2,46.2 4.1,49.2 6.3,47.6 5.7,46.8 5.3,49.1 3.3,46.5 7.3,48.2",
        "MAR": "4.5,44 6,44.1 5.6,45.1 3,43.4 2.7,44.2 4.6,45.1 6.4,45.3 2.6,42.8 6.6,43.6",
        "GAS": "-0.3,44.5 0.2,45.8 1.4,45 0.5,43.6 2.2,46 -0.3,46.2 1.2,44 2.1,45.2 1.2,46.4",
        "SPA": "-8,43 -6,42.4 -5.9,40.5 -6.1,38.6 -4,40 -2,42 -1,40 -3,38 0.8,41.8 -5.3,37 -2,43 -4,42.8 -6.2,39.5 -6.4,37.7 2,42.1 -6.6,41.3 -0.4,42.5",
        "POR": "-8.2,41.3 -8.3,39.5 -8.1,37.8 -7.6,40.4 -8.2,38.5 -7.6,41.5 -8.1,42.0",
        "PIE": "7.6,45 8.7,44.9 7.5,44.3 8.4,45.6 9.1,45.8 7.4,45.5 9.4,46.1",
        "VEN": "11.5,45.3 10.2,45.3 12.5,46 11.6,44.6 12.8,43.6 12.1,44.0 10.1,44.9 13.3,42.9 10.6,45.8",
        "TUS": "10.9,43.6 11.3,42.9 10.3,44.1 11.7,43.4 9.6,44.4",
        "ROM": "12.4,42.2 13.0,41.7 12.5,42.7 11.9,42.4",
        "APU": "15.3,41.4 16.5,40.9 17.8,40.5 14.2,42.2 14.9,41.7 16.2,41.7",
        "NAP": "14.2,41.1 15.3,40.6 16.4,39.5 16.3,38.7 16,40.1 13.7,41.4 15.0,40.9",
        "SWI": "8,46.7 7,46.4 8.9,46.7 7.6,47.2 8.7,47.3 8.2,46.3",
        "NAF": "-6,33 -4.9,35 -3,34 0,34.5 3,35.5 6,35.6 0,32 4,33 -8,31 6,32 0,28 -6,28 6,28",
        "TUN": "9.4,36.6 9.4,35 9.3,33.5 9.5,31.5 9.5,28 10.4,32.3",
        "-AFR": "13.5,31.5 16,29 20,29 25,30 30,29 34,29 14,28 38,28 44,28 11.8,31.5 35,30 22,31",
        "-TRA": "51,38",
    },
}

SEA = {
    "NAO": "-14,58 -20,62 -10,56.5 -8,58 -22,56 -11,60.5 -16,54 -24,67 -30,60 -7.5,56.6 -6.5,58.9 -5.6,55.0 -5.3,54.95 -7,55.9",
    "NWG": "0,65 5,68 -5,63 10,71 0,62 8,65.5 -10,66 -2,60.8 3,62.5 12,74 0,72 -10,72 17,71 14,68.3 -6,61 -3.9,59.2 -2.2,58.6 -1.8,58.3 0.5,61",
    "BAR": "30,72.5 36,70.5 45,70 38.5,65.6 43,67.5 24,73 50,69 60,71 36,66.3 40.5,66 22.5,72.2 30,77",
    "NTH": "3,56 1.5,54 3,59 5.5,57 0,57 -0.6,58 3.5,53 2.3,52 4.5,60 1,55 6.4,55.8 3,60.8 4.2,54.3 7.4,56.4 -1.2,57 1.5,59.6",
    "SKA": "9.5,57.9 11.3,57.0 10.3,58.4 11.5,56.3 8.9,57.6",
    "HEL": "7.6,54.2 7.8,54.8 8.1,54.0 6.4,53.9",
    "BAL": "18,56 15.5,55 19.8,57.8 11.5,54.5 13,54.9 18.5,55 20.3,56.5 17.5,57.5",
    "BOT": "20,61.8 22.5,64.8 20,60 24,59.8 27,60 22,59 19.5,59.1 23.5,57.9 21.8,58.4",
    "ENG": "-1,50.1 -4,49.4 0.6,50.3 1.4,50.8 -2.5,49.8 -5.5,49.3 1.8,51.05",
    "IRI": "-5,53.6 -5.4,52.3 -6.8,51.2 -4.8,54.3 -3.8,53.7 -5.2,54.2 -5,51.2 -8.3,50.9 -4.1,51.3",
    "MAO": "-12,46 -10,40 -4,45.5 -9,36 -14,51 -18,42 -7,35.5 -10,49 -7,47 -18,36 -25,45 -10,33.5 -6.2,36 -12,53 -14,28",
    "WES": "-2,36.2 1,37.8 4.5,38.2 1.5,39.8 6.5,37.5 -4.7,36.1 5,39.5 7,38.5 8.3,38.0",
    "LYO": "4.5,42.3 6.5,42.4 8.4,43.6 5,41.2 7,40.8 9.4,43.5 3.2,41.2 7.5,42.2",
    "TYS": "11.5,40.5 13,39.5 10.6,42 11,38.8 14.6,39.3 10.5,38.1 15.2,38.7 15.0,38.4 13,38.4 11.6,37.8 12.3,41.0 9.8,41.5",
    "ION": "18,37 17,35 20,36 14,35 19,39 18.5,33 13,34 22.5,35.5 18,38.7 12,35 13.3,36.3 12.3,36.6 15.5,36 17.7,39.5 22,34 12.0,36.2",
    "ADR": "16,42.8 14,44 13,45 17.7,41.8 18.6,41.3",
    "AEG": "25,38 25,39.8 24.5,36.5 26,37 25.3,40.3 26.3,36.2 27.3,36.3 23.7,35.9",
    "EAS": "30,34.5 33.5,34 27,33.5 31.5,35.5 28.5,35.6 34.5,35.5 24.5,33.6 27.2,35.3",
    "BLA": "33,43.2 30,43.5 38,42.5 36,43.5 30.5,42 37,46.2",
    "-CAS": "51,42",
    "-PRO": "28,40.7",
}


def points(text: str) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in (pair.split(",") for pair in text.split())]


def project(lon: float, lat: float) -> tuple[float, float]:
    """Lambert's conformal cone with a gentle lens over the crowded middle of the board; pixels."""
    phi1, phi2, phi0, lon0 = map(math.radians, (38.0, 62.0, 48.0, 14.0))
    n = math.log(math.cos(phi1) / math.cos(phi2)) / math.log(
        math.tan(math.pi / 4 + phi2 / 2) / math.tan(math.pi / 4 + phi1 / 2)
    )
    f = math.cos(phi1) * math.tan(math.pi / 4 + phi1 / 2) ** n / n

    def rho(phi: float) -> float:
        return f / math.tan(math.pi / 4 + phi / 2) ** n

    theta = n * (math.radians(lon) - lon0)
    x = rho(math.radians(lat)) * math.sin(theta)
    y = rho(math.radians(lat)) * math.cos(theta) - rho(phi0)
    dx, dy = 0.0, 0.0
    for (cx, cy), spread, strength in LENSES:
        bump = strength * math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * spread**2))
        dx += bump * (x - cx)
        dy += bump * (y - cy)
    return OFFSET[0] + ZOOM * (x + dx) * STRETCH, OFFSET[1] + ZOOM * (y + dy)


LENSES = (
    ((0.04, 0.02), 0.30, 0.55),  # the middle of the board
    ((0.07, 0.07), 0.09, 0.35),  # the Balkans
    ((-0.02, 0.08), 0.08, 0.25),  # Italy
    ((-0.18, -0.10), 0.10, 0.45),  # Britain
    ((-0.10, -0.04), 0.06, 0.25),  # the Low Countries
)
"""Centre (radians on the flat map), spread, strength: crowded regions are drawn larger than they are."""
ZOOM = 1080.0
STRETCH = 1.08
OFFSET = (600.0, 583.0)


def densify(ring: list[tuple[float, float]], far: float = 4.0) -> list[tuple[float, float]]:
    """Points of longitude and latitude with long legs divided, so that they bend with the projection."""
    out = []
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        steps = max(1, int(max(abs(a[0] - b[0]), abs(a[1] - b[1])) / far))
        out += [(a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps) for i in range(steps)]
    return out


def shape(text: str) -> Polygon:
    return Polygon([project(*p) for p in densify(points(text))]).buffer(0)


def tessellate(area, seeds: dict[str, str]) -> dict[str, object]:
    """The area divided among the seeds' names: every point goes to the nearest seed."""
    where = {}
    for name, text in seeds.items():
        for p in points(text):
            where[project(*p)] = name
    if len(where) == 1:
        return {next(iter(where.values())): area}
    sites = list(where)
    cells = voronoi_diagram(MultiPoint(sites), envelope=box(-3000, -3000, 5000, 5000))
    parts = defaultdict(list)
    tree = {Point(s): where[s] for s in sites}
    coords = np.array(sites)
    for cell in cells.geoms:
        inside = [p for p in tree if cell.contains(p)]
        if inside:
            name = tree[inside[0]]
        else:
            c = np.array(cell.representative_point().coords[0])
            name = where[sites[int(((coords - c) ** 2).sum(1).argmin())]]
        parts[name].append(cell)
    return {name: unary_union(cs).intersection(area) for name, cs in parts.items()}


def mend(regions: dict[str, object]) -> dict[str, object]:
    """Gives fragments cut off from their province to the neighbour with the longest common border."""
    kept, loose = {}, []
    for name, g in regions.items():
        pieces = [p for p in (g.geoms if hasattr(g, "geoms") else [g]) if p.area > 0.5]
        pieces.sort(key=lambda p: -p.area)
        allowed = {"NAP": 2}.get(name, 1)
        if name.startswith("-"):
            allowed = len(pieces)
        kept[name] = pieces[:allowed]
        loose += [(name, p) for p in pieces[allowed:]]
    for name, p in loose:
        best = max(kept, key=lambda n: sum(q.buffer(0.05).intersection(p.buffer(0.05)).length for q in kept[n]))
        print(f"  fragment of {name}, {p.area:.0f} px2, given to {best}", file=sys.stderr)
        kept[best] = [unary_union([*kept[best], p.buffer(0.01)])]
        kept[best] = list(kept[best][0].geoms) if hasattr(kept[best][0], "geoms") else kept[best]
    return {n: unary_union(ps) for n, ps in kept.items()}


def build() -> dict[str, object]:
    frame = box(0, 0, WIDTH, HEIGHT)
    waters = [shape(BLACK_SEA), shape(MARMARA)]
    mainland = shape(MAINLAND).difference(unary_union([*waters, shape(CASPIAN)]))
    lands = {"MAINLAND": mainland} | {name: shape(text) for name, text in ISLANDS.items()}
    lands["SICILY"] = lands["SICILY"].difference(mainland)
    regions: dict[str, list] = defaultdict(list)
    for name, land in lands.items():
        land = land.intersection(frame)
        if land.is_empty:
            continue
        for province, g in tessellate(land, LAND[name]).items():
            regions[province].append(g)
    sea = frame.difference(unary_union(list(lands.values())))
    for province, g in tessellate(sea, SEA).items():
        regions[province].append(g)
    merged = mend({n: set_precision(unary_union(gs), 0.01) for n, gs in regions.items()})
    return {n: g for n, g in merged.items() if not g.is_empty}


def arcs_of(regions: dict[str, object]) -> list[tuple[str, str, list[tuple[float, float]]]]:
    """The borders, each once: the regions on both sides ("" outside the frame) and the points of the line."""
    lines = set_precision(unary_union([g.boundary for g in regions.values()]), 0.1)
    names = list(regions)
    tree = STRtree([regions[n] for n in names])
    sides: dict[tuple, list[str]] = defaultdict(list)
    for face in polygonize(unary_union(lines)):
        grown = face.buffer(0.2)  # a sliver left by the rounding overlaps no region by itself
        near = tree.query(grown)
        label = names[max(near, key=lambda i: regions[names[i]].intersection(grown).area)]
        for ring in (face.exterior, *face.interiors):
            for a, b in zip(ring.coords[:-1], ring.coords[1:], strict=True):
                sides[min(a, b), max(a, b)].append(label)
    edges = {e: (*sorted(ls), "")[:2] for e, ls in sides.items() if len(ls) == 1 or ls[0] != ls[1]}
    at: dict[tuple, list] = defaultdict(list)
    for e in edges:
        at[e[0]].append(e)
        at[e[1]].append(e)

    def is_node(p: tuple[float, float]) -> bool:
        return len(at[p]) != 2 or edges[at[p][0]] != edges[at[p][1]]

    def walk(start: tuple[float, float], edge: tuple) -> list[tuple[float, float]]:
        line = [start]
        while True:
            seen.add(edge)
            here = edge[0] if edge[1] == line[-1] else edge[1]
            line.append(here)
            if is_node(here) or here == start:
                return line
            edge = next(e for e in at[here] if e != edge)

    seen: set[tuple] = set()
    arcs = []
    for only_nodes in (True, False):
        for p in sorted(at):
            for e in at[p]:
                if e not in seen and (is_node(p) or not only_nodes):
                    arcs.append((*edges[e], walk(p, e)))
    return arcs


def finish(a: str, b: str, line: list[tuple[float, float]], rng: random.Random) -> list[tuple[float, float]]:
    """The arc with fewer points, then roughened a little, the way a hand draws."""
    if not a or not b:
        return LineString(line).simplify(0.1).coords[:]
    water = (is_water(a), is_water(b))
    tolerance = 3.0 if all(water) else 0.7 if any(water) else 1.6
    line = LineString(line).simplify(tolerance).coords[:]
    if all(water):
        return line
    for _ in range(2):
        rough = [line[0]]
        for p, q in pairwise(line):
            length = math.dist(p, q)
            if length > 13:
                t, push = rng.uniform(0.4, 0.6), rng.uniform(-0.11, 0.11)
                rough.append(
                    (p[0] + (q[0] - p[0]) * t - (q[1] - p[1]) * push, p[1] + (q[1] - p[1]) * t + (q[0] - p[0]) * push)
                )
            rough.append(q)
        line = rough
    return line


def is_water(name: str) -> bool:
    return name in SEA


def rings_of(name: str, arcs: list) -> list[list[int]]:
    """Closed rings of arc numbers; ``~n`` is arc n backwards."""
    left = [i for i, arc in enumerate(arcs) if name in arc[:2]]
    rings = []
    while left:
        ring = [left.pop(0)]
        first, end = arcs[ring[0]][2][0], arcs[ring[0]][2][-1]
        while end != first:
            i = next(i for i in left if end in (arcs[i][2][0], arcs[i][2][-1]))
            left.remove(i)
            forward = arcs[i][2][0] == end
            ring.append(i if forward else ~i)
            end = arcs[i][2][-1 if forward else 0]
        rings.append(ring)
    return rings


def anchor(g) -> tuple[float, float]:
    """The middle of the roomiest place for a unit above a label."""
    piece = max(g.geoms, key=lambda p: p.area) if hasattr(g, "geoms") else g
    piece = piece.intersection(box(8, 8, WIDTH - 8, HEIGHT - 8))
    x0, y0, x1, y1 = piece.bounds
    xs, ys = np.meshgrid(np.arange(x0, x1, 2.0), np.arange(y0, y1, 2.0))
    room = np.full(xs.shape, np.inf)
    for dx, dy, need in ((0, -8, 12), (-6, -8, 8), (6, -8, 8), (-15, 13, 5), (15, 13, 5), (0, 13, 5)):
        at = shapely.points(xs + dx, ys + dy)
        d = shapely.distance(at, piece.boundary) * np.where(shapely.contains(piece, at), 1, -1)
        room = np.minimum(room, d - need)
    centre = piece.centroid
    score = np.minimum(room, 22) - 0.04 * np.hypot(xs - centre.x, ys - centre.y)
    best = np.unravel_index(score.argmax(), score.shape)
    return float(xs[best]), float(ys[best])


COASTS = {
    "STP": {"NC": (34.0, 68.9), "SC": (29.4, 59.35)},
    "BUL": {"EC": (27.75, 42.95), "SC": (25.2, 41.2)},
    "SPA": {"NC": (-5.0, 43.35), "SC": (-1.6, 37.7)},
}
PLACED: dict[str, tuple[int, int, int, int]] = {
    "CLY": (307, 282, 303, 306),
    "EDI": (337, 299, 335, 321),
    "HEL": (484, 372, 475, 391),
    "SKA": (555, 291, 527, 300),
}
"""Places of unit and label set by hand, in pixels, where the roomiest is not the best."""


def main(out: str) -> None:
    regions = build()
    rng = random.Random(1901)
    arcs = [(a, b, finish(a, b, line, rng)) for a, b, line in arcs_of(regions)]
    provinces = {}
    for name in sorted(n for n in regions if regions[n].area > 1):
        entry: dict[str, object] = {
            "water": is_water(name),
            "rings": rings_of(name, arcs),
        }
        if not name.startswith("-") and name != "SWI":
            x, y = anchor(regions[name])
            placed = PLACED.get(name, (round(x), round(y - 8), round(x), round(y + 14)))
            entry |= {"unit": placed[:2], "label": placed[2:]}
            entry |= {"coasts": {c: [round(v) for v in project(*p)] for c, p in COASTS.get(name, {}).items()}}
        provinces[name.strip("-") if name.startswith("-") else name] = entry | {"playable": "unit" in entry}
    tenths = [
        {"between": [n.strip("-") for n in (a, b) if n], "points": [round(v * 10) for p in line for v in p]}
        for a, b, line in arcs
    ]
    text = json.dumps({"size": [WIDTH, HEIGHT], "arcs": tenths, "regions": provinces}, separators=(",", ":"))
    with open(out, "w", encoding="utf-8") as file:
        file.write(text.replace('{"between"', '\n{"between"').replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
