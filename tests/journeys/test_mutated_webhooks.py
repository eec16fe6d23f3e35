"""Ten thousand webhooks gone wrong: no answer is an error of ours, and nothing signed is lost."""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from app.demo.settings import APP_SECRET, PAGE
from core.dead_jobs import DeadJobRow
from core.incoming import Incoming
from inbox.models import Message
from meta.deliveries import split
from sandbox.webhooks import SENDER
from tests.journeys.mutations import mutated
from tests.journeys.shapes import all_shapes, signed
from tests.journeys.telling import URL, rows
from tests.opened import House, open_house

AT_ONCE = 48
PEOPLE = 40
